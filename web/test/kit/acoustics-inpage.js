// Put into the pages of an acoustic rig before their own scripts. It gives the page a microphone that hears a room, listens to
// what the page's loudspeakers give out, and carries that to another page: as air does, and nothing else.
(() => {
  const RATE = 48000;
  const { bands, delay, loss, worklet } = window.__acousticsSetting;
  const Peer = window.RTCPeerConnection;

  let context = null;
  let ear = null;
  let speaker = null;
  let air = null;
  let mix = null; // what the microphone hears
  let ready = null;
  let gaps = 0;
  let offset = 0;
  let stuck = false; // a loudspeaker that plays on whatever the page asks of it
  let airTold = { late: 0, jumps: 0 };
  const heard = []; // [ms, levels by input and band]
  const doors = []; // [ms, open]: a microphone's track that the page turned on or off
  const hands = []; // [ms, what]: a button that went down or up
  const MOST = 60000; // hops that are kept: ten minutes
  const INPUTS = 6;
  const names = ["microphone", "loudspeaker"]; // inputs of the ear, by number
  const players = new Map();

  /** Starts the sound engine of the rig, once. */
  function start() {
    ready = ready || begin();
    return ready;
  }

  async function begin() {
    context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([worklet], { type: "text/javascript" })));
    await context.resume();
    ear = new AudioWorkletNode(context, "ear", { numberOfInputs: INPUTS, numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit", processorOptions: { bands } });
    ear.port.onmessage = ({ data }) => {
      heard.push(...data.levels);
      if (heard.length > MOST) heard.splice(0, heard.length - MOST);
      gaps = data.gaps;
      offset = data.offset;
    };
    mix = context.createGain();
    mix.connect(ear, 0, 0);
    speaker = context.createGain();
    speaker.connect(ear, 0, 1);
    setInterval(follow, 20);
  }

  // ---- loudspeakers ----

  /** What an element gives out: nothing while it is muted or paused; a loudspeaker that is stuck plays on. */
  function loudness(element) {
    return stuck ? 1 : element.muted || element.paused ? 0 : element.volume;
  }

  function turn(element) {
    const player = players.get(element);
    if (player) player.gain.gain.setValueAtTime(loudness(element), context.currentTime);
  }

  for (const name of ["volume", "muted"]) {
    const native = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, name);
    Object.defineProperty(HTMLMediaElement.prototype, name, {
      ...native,
      set(value) {
        native.set.call(this, value);
        turn(this);
      },
    });
  }

  /** New elements and new streams are listened to. */
  function follow() {
    for (const element of document.querySelectorAll("audio")) {
      const stream = element.srcObject;
      const track = stream instanceof MediaStream ? stream.getAudioTracks()[0] : null;
      const player = players.get(element) || listen(element);
      if (player.track !== track) plug(player, track);
      turn(element);
    }
  }

  function listen(element) {
    const gain = context.createGain();
    const player = { gain, source: null, track: null };
    gain.connect(speaker);
    const number = names.push(element.id) - 1;
    if (number < INPUTS) gain.connect(ear, 0, number);
    players.set(element, player);
    return player;
  }

  function plug(player, track) {
    if (player.source) player.source.disconnect();
    player.track = track;
    player.source = track ? context.createMediaStreamSource(new MediaStream([track])) : null;
    if (player.source) player.source.connect(player.gain);
  }

  // ---- the microphone ----

  const ask = navigator.mediaDevices && navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  if (ask) navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = wanted.video ? await ask({ video: wanted.video }) : new MediaStream();
    if (wanted.audio) stream.addTrack(await microphone());
    return stream;
  };

  async function microphone() {
    await start();
    const membrane = context.createMediaStreamDestination();
    membrane.channelCount = 1;
    mix.connect(membrane);
    return membrane.stream.getAudioTracks()[0];
  }

  const enabled = Object.getOwnPropertyDescriptor(MediaStreamTrack.prototype, "enabled");
  Object.defineProperty(MediaStreamTrack.prototype, "enabled", {
    ...enabled,
    set(value) {
      if (this.kind === "audio" && value !== this.enabled) doors.push([Date.now(), value]);
      enabled.set.call(this, value);
    },
  });

  for (const name of ["pointerdown", "pointerup", "keydown", "keyup", "click"]) window.addEventListener(name, () => hands.push([Date.now(), name]), true);

  // ---- who speaks into it ----

  const voices = new Map();

  /** A long tone that lives a little, on until it is told to stop: "off" for silence. */
  async function hum(hz, on, loud) {
    await start();
    const old = voices.get(hz);
    if (old) old.stop(context.currentTime + 0.02);
    voices.delete(hz);
    if (!on) return;
    const tone = context.createOscillator();
    const body = context.createGain();
    tone.frequency.value = hz;
    body.gain.value = loud;
    tone.connect(body).connect(mix);
    tone.start();
    voices.set(hz, tone);
  }

  /** Words: short tones with edges. Returns when each is spoken, ms since 1970. */
  async function speak({ hz, words, length, pause, loud }) {
    await start();
    const spoken = [];
    let at = context.currentTime + 0.05;
    for (let i = 0; i < words; i++) {
      word(hz, at, length / 1000, loud);
      spoken.push([at * 1000 + offset, (at + length / 1000) * 1000 + offset]);
      at += (length + pause) / 1000;
    }
    return spoken;
  }

  function word(hz, at, seconds, loud) {
    const tone = context.createOscillator();
    const edge = context.createGain();
    tone.frequency.value = hz;
    edge.gain.setValueAtTime(0, at);
    edge.gain.linearRampToValueAtTime(loud, at + 0.01);
    edge.gain.setValueAtTime(loud, at + seconds - 0.01);
    edge.gain.linearRampToValueAtTime(0, at + seconds);
    tone.connect(edge).connect(mix);
    tone.start(at);
    tone.stop(at + seconds);
  }

  // ---- the loopback: a line that carries samples, from the page that plays to the page that hears ----

  const gathered = (pc) => new Promise((resolve) => {
    if (pc.iceGatheringState === "complete") resolve();
    pc.addEventListener("icegatheringstatechange", () => { if (pc.iceGatheringState === "complete") resolve(); });
  });

  let line = null;

  async function offer() {
    await start();
    line = new Peer();
    const channel = line.createDataChannel("air", { ordered: true });
    channel.binaryType = "arraybuffer";
    channel.onopen = () => send(channel);
    await line.setLocalDescription(await line.createOffer());
    await gathered(line);
    return line.localDescription.sdp;
  }

  function send(channel) {
    const node = new AudioWorkletNode(context, "loudspeaker", { numberOfInputs: 1, numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    speaker.connect(node);
    node.port.onmessage = ({ data }) => {
      const packet = new ArrayBuffer(8 + data.samples.byteLength);
      new DataView(packet).setFloat64(0, data.at);
      new Float32Array(packet, 8).set(data.samples);
      if (channel.readyState === "open") channel.send(packet);
    };
  }

  async function answer(sdp) {
    await start();
    line = new Peer();
    line.ondatachannel = ({ channel }) => hear(channel);
    await line.setRemoteDescription({ type: "offer", sdp });
    await line.setLocalDescription(await line.createAnswer());
    await gathered(line);
    return line.localDescription.sdp;
  }

  function hear(channel) {
    channel.binaryType = "arraybuffer";
    const far = context.createGain();
    far.gain.value = Math.pow(10, -loss / 20);
    air = new AudioWorkletNode(context, "air", { numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [1], processorOptions: { delay } });
    air.port.onmessage = ({ data }) => (airTold = data);
    air.connect(far).connect(mix);
    channel.onmessage = ({ data }) => air.port.postMessage({ at: new DataView(data).getFloat64(0), samples: new Float32Array(data.slice(8)) });
  }

  const accept = (sdp) => line.setRemoteDescription({ type: "answer", sdp });

  function stick(yes) {
    stuck = yes;
    for (const element of players.keys()) turn(element);
  }

  /** Everything measured since a moment. */
  function report(since) {
    const after = (list) => list.filter(([at]) => at >= since);
    return { names, bands, heard: after(heard), doors: after(doors), hands: after(hands), gaps, air: airTold, offset };
  }

  window.__acoustics = { start, hum, speak, offer, answer, accept, stick, report };
})();
