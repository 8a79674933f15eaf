// Put into every page under test before its own scripts. It watches and measures; it changes
// nothing that a page could notice, apart from counting the peer connections it builds.
(() => {
  const LOOK = { width: 64, height: 36 };
  const peers = [];
  const violations = [];
  const ears = new Map();
  let hearing = null;

  const Native = window.RTCPeerConnection;
  if (Native) {
    window.RTCPeerConnection = new Proxy(Native, {
      construct(target, args, made) {
        const pc = Reflect.construct(target, args, made);
        peers.push({ pc, at: performance.now(), servers: JSON.stringify((args[0] || {}).iceServers || []) });
        return pc;
      },
    });
  }

  // Sounds played by elements that never enter the page (a replay, a bell) are heard all the same.
  const detached = new Set();
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    if (!this.isConnected) detached.add(this);
    return play.apply(this, arguments);
  };

  document.addEventListener("securitypolicyviolation", (e) => {
    violations.push(`${e.violatedDirective}: ${e.blockedURI} ${e.sourceFile || ""}:${e.lineNumber} ${e.sample || ""}`);
  });

  const canvas = document.createElement("canvas");
  canvas.width = LOOK.width;
  canvas.height = LOOK.height;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const strip = document.createElement("canvas");
  strip.width = 640;
  strip.height = 28;
  const stripPen = strip.getContext("2d", { willReadFrequently: true });

  const luminance = (d, i) => 0.2126 * d[i] + 0.7152 * d[i + 1] + 0.0722 * d[i + 2];

  function look(video) {
    pen.drawImage(video, 0, 0, LOOK.width, LOOK.height);
    const data = pen.getImageData(0, 0, LOOK.width, LOOK.height).data;
    const pixels = new Array(LOOK.width * LOOK.height);
    for (let i = 0; i < pixels.length; i++) pixels[i] = Math.round(luminance(data, i * 4));
    return pixels;
  }

  /** The number of the clip's frame that is on this video, or -1 where no bar code can be read. */
  function barcode(video) {
    const scale = video.videoHeight / 360;
    stripPen.drawImage(video, 0, 0, video.videoWidth, 28 * scale, 0, 0, 640, 28);
    const data = stripPen.getImageData(0, 0, 640, 28).data;
    const cells = [];
    for (let c = 0; c < 11; c++) cells.push(cell(data, c));
    const [white, black, ...bits] = cells;
    if (white - black < 80) return -1;
    const read = bits.map((v) => v > (white + black) / 2);
    const parity = read.pop();
    if ((read.filter(Boolean).length % 2 === 1) !== parity) return -1;
    return read.reduce((n, bit, i) => n + (bit ? 1 << i : 0), 0);
  }

  function cell(data, c) {
    let sum = 0;
    for (let y = 8; y < 20; y++) for (let x = 10; x < 30; x++) sum += luminance(data, (y * 640 + c * 40 + x) * 4);
    return sum / (12 * 20);
  }

  function shown(element) {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (box.width < 8 || box.height < 8 || style.visibility !== "visible" || Number(style.opacity) < 0.1) return null;
    if (typeof element.checkVisibility === "function" && !element.checkVisibility()) return null;
    return { x: box.x, y: box.y, width: box.width, height: box.height };
  }

  function frames(video) {
    return video.getVideoPlaybackQuality().totalVideoFrames;
  }

  /** Each video a person can see, largest first, with a small picture of what is on it. */
  function pictures(withPixels) {
    return [...document.querySelectorAll("video")]
      .map((video) => ({ video, box: shown(video) }))
      .filter(({ box }) => box)
      .sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)
      .map(({ video, box }) => {
        const live = video.videoWidth > 0 && video.readyState >= 2;
        return {
          id: video.id,
          box,
          width: video.videoWidth,
          height: video.videoHeight,
          paused: video.paused,
          frames: frames(video),
          at: performance.now(),
          pixels: live && withPixels !== false ? look(video) : null,
          code: live ? barcode(video) : -1,
        };
      });
  }

  function ear(element) {
    const stream = element.srcObject || (detached.has(element) && element.currentSrc ? recorded(element) : null);
    if (!(stream instanceof MediaStream)) return null;
    const tracks = stream.getAudioTracks();
    if (tracks.length === 0) return null;
    const key = tracks.map((t) => t.id).join();
    const old = ears.get(element);
    if (old && old.key === key) return old;
    if (old) old.source.disconnect();
    const source = hearing.createMediaStreamSource(new MediaStream(tracks));
    const analyser = hearing.createAnalyser();
    analyser.fftSize = 16384;
    source.connect(analyser);
    const fresh = { key, source, analyser, buffer: new Float32Array(analyser.fftSize) };
    ears.set(element, fresh);
    return fresh;
  }

  const captured = new WeakMap();

  function recorded(element) {
    if (!captured.has(element)) captured.set(element, element.captureStream());
    return captured.get(element);
  }

  function rms(e) {
    e.analyser.getFloatTimeDomainData(e.buffer);
    let sum = 0;
    for (const v of e.buffer) sum += v * v;
    return Math.sqrt(sum / e.buffer.length);
  }

  /**
   * What comes out of the loudspeaker now: 0 for an element that is muted, paused or turned down.
   * Where the browser still waits for a gesture, the measuring context is locked like the page.
   */
  function sounds() {
    if (!hearing) hearing = new AudioContext();
    if (hearing.state === "suspended") hearing.resume();
    return [...document.querySelectorAll("video, audio"), ...detached]
      .map((element) => ({ element, e: ear(element) }))
      .filter(({ e }) => e)
      .map(({ element, e }) => {
        const open = !element.muted && element.volume > 0.01 && !element.paused;
        const level = rms(e) * element.volume;
        return { id: element.id, kind: element.localName, open, muted: element.muted, paused: element.paused, level, rms: open ? level : 0, locked: hearing.state !== "running" };
      });
  }

  /**
   * The energy of all the sound that this page's connections have been asked to play, in seconds of full scale. Read beside the
   * level of the players: on a machine that is short of time the measuring context may stand still while the loudspeaker plays.
   */
  async function played() {
    let energy = 0;
    for (const { pc } of peers) {
      if (pc.signalingState === "closed") continue;
      for (const s of (await pc.getStats()).values()) if (s.type === "inbound-rtp" && s.kind === "audio") energy += s.totalAudioEnergy || 0;
    }
    return { energy, at: performance.now() };
  }

  /** The level between two readings of played(); 0 where a connection was closed or built meanwhile. */
  function levelBetween(a, b) {
    return b.energy > a.energy ? Math.sqrt((b.energy - a.energy) / Math.max(0.1, (b.at - a.at) / 1000)) : 0;
  }

  const roads = () => peers.map(({ pc, at, servers }) => ({ at, servers, state: pc.connectionState, closed: pc.signalingState === "closed" }));

  /** What came in over every peer connection of this page: packets and bytes, by kind. */
  async function received() {
    const sum = { audio: 0, video: 0, bytes: 0, energy: 0, decoded: 0, freezes: 0 };
    for (const { pc } of peers) {
      if (pc.signalingState === "closed") continue;
      for (const s of (await pc.getStats()).values()) {
        if (s.type !== "inbound-rtp") continue;
        sum[s.kind] += s.packetsReceived || 0;
        sum.bytes += s.bytesReceived || 0;
        sum.energy += s.totalAudioEnergy || 0;
        sum.decoded += s.framesDecoded || 0;
        sum.freezes += s.freezeCount || 0;
      }
    }
    return sum;
  }

  /** The codec of the video line that is decoding: the one whose frames have come most. */
  async function codec() {
    let best = { frames: 0, name: "" };
    for (const { pc } of peers) {
      if (pc.signalingState === "closed") continue;
      const stats = await pc.getStats();
      for (const s of stats.values()) {
        if (s.type !== "inbound-rtp" || s.kind !== "video" || !(s.framesDecoded > best.frames)) continue;
        best = { frames: s.framesDecoded, name: stats.get(s.codecId)?.mimeType || "" };
      }
    }
    return best.name;
  }

  /** What came of a guest over this page's five lines: bytes of the voice and of the picture. */
  async function guestBytes() {
    const sum = { voice: 0, camera: 0 };
    for (const { pc } of peers) {
      const lines = pc.signalingState === "closed" ? [] : pc.getTransceivers();
      if (lines.length !== 5) continue;
      for (const [name, line] of [["voice", lines[3]], ["camera", lines[4]]]) {
        for (const s of (await line.receiver.getStats()).values()) if (s.type === "inbound-rtp") sum[name] += s.bytesReceived || 0;
      }
    }
    return sum;
  }

  async function sent() {
    const sum = { audio: 0, video: 0, bytes: 0, encoded: 0 };
    for (const { pc } of peers) {
      if (pc.signalingState === "closed") continue;
      for (const s of (await pc.getStats()).values()) {
        if (s.type !== "outbound-rtp") continue;
        sum[s.kind] += s.packetsSent || 0;
        sum.bytes += s.bytesSent || 0;
        sum.encoded += s.framesEncoded || 0;
      }
    }
    return sum;
  }

  /** What each layer of the camera has sent: by its name, its size now and its frames so far. */
  async function layers() {
    const found = {};
    for (const { pc } of peers) {
      if (pc.signalingState === "closed") continue;
      for (const s of (await pc.getStats()).values()) {
        if (s.type === "outbound-rtp" && s.rid) found[s.rid] = { size: `${s.frameWidth || 0}x${s.frameHeight || 0}`, frames: s.framesSent || 0, held: s.qualityLimitationReason };
      }
    }
    return found;
  }

  /**
   * What a family pays for, in bytes since each connection was built, by kind: payload, header of 12 and more, tag of SRTP (16),
   * UDP and IP (28).
   */
  async function paid() {
    const sum = { audio: 0, video: 0, packets: 0, at: performance.now() };
    for (const { pc } of peers) {
      if (pc.signalingState === "closed") continue;
      for (const s of (await pc.getStats()).values()) {
        if (s.type !== "inbound-rtp") continue;
        sum[s.kind] += s.bytesReceived + s.headerBytesReceived + s.packetsReceived * (16 + 28);
        if (s.kind === "video") sum.packets += s.packetsReceived;
      }
    }
    return sum;
  }

  /** By which name the house answers checks of each open connection: another one after an ICE restart. */
  const farNames = () => peers.filter(({ pc }) => pc.signalingState !== "closed").map(({ pc }) => (/a=ice-ufrag:(.*)/.exec((pc.currentRemoteDescription || {}).sdp || "") || [])[1]);

  const diary = [];
  let before = null;

  /** Each second: did the picture move, was there sound, what stood over it? Kept until fetched. */
  function keepDiary() {
    let last = { energy: 0, at: performance.now() };
    setInterval(async () => {
      const now = await played();
      const level = levelBetween(last, now);
      last = now;
      const seen = pictures();
      const one = seen.find((p) => p.id === "camera") || seen[0];
      const moved = one && one.pixels && before && before.pixels ? one.pixels.reduce((sum, v, i) => sum + Math.abs(v - before.pixels[i]), 0) / one.pixels.length : 0;
      const frames = one && before ? one.frames - before.frames : 0;
      const players = sounds();
      const heard = Math.max(players.some((p) => p.open) ? level : 0, ...players.map((p) => p.rms));
      diary.push([Date.now(), Number(moved.toFixed(2)), frames, Number(heard.toFixed(4))]);
      before = one || null;
    }, 1000);
  }

  const takeDiary = () => diary.splice(0);

  /** A control a person would find by these words, and where to press it. */
  function control(words, exact) {
    const wanted = fold(words);
    const found = [...document.querySelectorAll("button, a[href], [role=button], [role=tab], summary, input[type=submit], input[type=button], label")]
      .filter((el) => shown(el) && !el.closest("[inert], .leaving"))
      .map((el) => ({ el, name: fold(nameOf(el)) }))
      .filter(({ name }) => (exact ? name === wanted : name.includes(wanted)))
      .sort((a, b) => a.name.length - b.name.length);
    return place(found.length > 0 ? found[0].el : null);
  }

  function field(words) {
    const wanted = fold(words);
    const found = [...document.querySelectorAll("textarea, input:not([type=hidden]), select")].filter(
      (el) => shown(el) && fold(nameOf(el)).includes(wanted),
    );
    return place(found[0] || null);
  }

  function inside(selector, words) {
    const wanted = fold(words || "");
    const boxes = [...document.querySelectorAll(selector)].filter((el) => shown(el) && !el.closest(".leaving") && fold(el.innerText || "").includes(wanted));
    return boxes.sort((a, b) => a.innerText.length - b.innerText.length)[0] || null;
  }

  function at(selector) {
    return place([...document.querySelectorAll(selector)].find((el) => shown(el) && !el.closest(".leaving")) || null);
  }

  function place(el) {
    aimed = el ? { el, name: fold(nameOf(el)) } : null;
    if (!el) return null;
    el.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = el.getBoundingClientRect();
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const top = document.elementFromPoint(at.x, at.y);
    const free = top && (top === el || el.contains(top) || top.contains(el) || (top.labels && [...top.labels].includes(el)));
    return { ...at, disabled: el.disabled === true || el.getAttribute("aria-disabled") === "true", free: Boolean(free), over: free || !top ? "" : describe(top), width: box.width, height: box.height };
  }

  function describe(el) {
    return `<${el.localName}${el.id ? ` id=${el.id}` : ""}${el.className ? ` class=${el.className}` : ""}>`;
  }

  function nameOf(el) {
    const by = (el.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)).filter(Boolean);
    const labels = el.labels ? [...el.labels].map((l) => l.innerText) : [];
    return [by.map((b) => b.innerText).join(" "), el.getAttribute("aria-label"), ...labels, el.innerText, el.type === "submit" || el.type === "button" ? el.value : "", el.placeholder, el.title]
      .filter(Boolean)
      .join(" ");
  }

  /** Words as people compare them: spaces of all kinds alike, apostrophes alike, case left out. */
  function fold(text) {
    return String(text).replace(/[\s\u00a0\u202f]+/g, " ").replace(/[’']/g, "'").trim().toLowerCase();
  }

  /** What a person can read on the page now, apart from what is hidden. */
  function text() {
    return document.body ? document.body.innerText.replace(/[\u00a0\u202f]/g, " ") : "";
  }

  /** What was last aimed at, and how many clicks came to it, or to what was drawn anew in its place. */
  let aimed = null;
  let hits = 0;
  window.addEventListener("click", (event) => {
    const like = (el) => el === aimed.el || (el.localName === aimed.el.localName && fold(nameOf(el)) === aimed.name);
    if (aimed && event.composedPath().some((el) => el instanceof Element && like(el))) hits += 1;
  }, true);

  let missed = 0;
  document.addEventListener("missed", (event) => (missed += event.detail.why === "nothing" ? 0 : 1));

  Object.defineProperty(window, "__antenneTest", {
    value: { done: () => hits - missed, pictures, sounds, played, levelBetween, roads, received, guestBytes, codec, sent, layers, paid, farNames, keepDiary, takeDiary, control, field, at, inside, place, text, fold, shown, describe, violations },
  });
})();
