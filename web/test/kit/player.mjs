// A WHEP player that is none of our pages, for any browser that can run a function in a page. The
// functions here are sent into the page as text: each holds all it needs.

import { sleep } from "./poll.mjs";

/** The lines of our own pages (`?slots=5`), and those of any other player. */
export const FIVE = ["audio", "video", "video", "audio", "video"];
export const ONE = ["audio", "video"];

/** As often a player knocks at a house that has no room now: a machine that is short of time says so for some seconds. */
const KNOCKS = 6;

/**
 * Joins, and comes again when it is asked to, as any player should.
 * @param {{ask: Function}} tab  a page of any browser
 * @param {object} o  see join
 * @returns {Promise<{offer:string, answer:string}>}
 */
export async function enter(tab, o) {
  for (let knocks = 1; ; knocks++) {
    const { later, ...joined } = await tab.ask(join, o);
    if (!later) return joined;
    if (knocks === KNOCKS) throw new Error(`the house had no room ${KNOCKS} times`);
    await sleep(1000 * later);
  }
}

/**
 * Runs in the page: joins and plays, or is told in how many seconds to come again.
 * @param {{url:string, kinds:string[], repair?:boolean, only?:string}} o repair: whether to offer RTX; only: a pattern, of which
 *   candidates of the answer are heard
 */
export async function join({ url, kinds, repair = true, only = "" }) {
  const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const player = { pc, elements: [], began: performance.now(), connected: null, pictured: null };
  window.antennePlayer = player;
  pc.addEventListener("connectionstatechange", () => {
    if (pc.connectionState === "connected") player.connected ??= performance.now() - player.began;
  });
  for (const kind of kinds) {
    const transceiver = pc.addTransceiver(kind, { direction: "recvonly" });
    if (!repair) transceiver.setCodecPreferences(RTCRtpReceiver.getCapabilities(kind).codecs.filter((c) => !/\/rtx$/i.test(c.mimeType)));
  }
  pc.ontrack = ({ track, transceiver }) => {
    const element = document.createElement(track.kind);
    element.muted = track.kind === "video";
    element.playsInline = true;
    element.autoplay = true;
    element.width = 320;
    element.height = 180;
    element.srcObject = new MediaStream([track]);
    document.body.prepend(element);
    player.elements[Number(transceiver.mid)] = element;
    element.addEventListener("loadeddata", () => {
      if (track.kind === "video") player.pictured ??= performance.now() - player.began;
    });
    element.play().catch(() => {}); // a line that stays silent never plays
  };
  await pc.setLocalDescription(await pc.createOffer());
  const response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/sdp" }, body: pc.localDescription.sdp });
  if (response.status === 503 && response.headers.has("Retry-After")) {
    pc.close();
    return { later: Number(response.headers.get("Retry-After")) };
  }
  if (response.status !== 201) throw new Error(`WHEP said ${response.status}: ${await response.text()}`);
  const sdp = (await response.text()).replace(/a=candidate:.*\r\n/g, (line) => (new RegExp(only).test(line) ? line : ""));
  await pc.setRemoteDescription({ type: "answer", sdp });
  return { offer: pc.localDescription.sdp, answer: sdp };
}

/**
 * Runs in the page: what came on each line so far. A figure that this browser does not give is null.
 * @returns {Promise<{state:string, lines:object[]}>}
 */
export async function figures() {
  const { pc, elements } = window.antennePlayer;
  const lines = [];
  for (const transceiver of pc.getTransceivers()) {
    const report = await transceiver.receiver.getStats();
    const all = [...report.values()];
    const one = all.find((s) => s.type === "inbound-rtp" && s.packetsReceived > 0);
    const codec = one && all.find((s) => s.id === one.codecId);
    const give = (key) => (one && one[key] !== undefined ? one[key] : null);
    const element = elements[Number(transceiver.mid)];
    lines.push({
      mid: transceiver.mid,
      kind: transceiver.receiver.track.kind,
      codec: codec ? codec.mimeType : "",
      received: give("packetsReceived") || 0,
      lost: give("packetsLost"),
      nacks: give("nackCount"),
      repaired: give("retransmittedPacketsReceived"),
      plis: give("pliCount"),
      decoded: give("framesDecoded") || 0,
      keyframes: give("keyFramesDecoded"),
      freezes: give("freezeCount"),
      frozen: give("totalFreezesDuration"),
      width: give("frameWidth"),
      samples: give("totalSamplesReceived"),
      concealed: give("concealedSamples"),
      energy: give("totalAudioEnergy"),
      shown: element ? element.currentTime : 0,
    });
  }
  return { state: pc.connectionState, lines };
}

/**
 * Runs in the page: which way the connection goes, and how long it took from the offer on.
 * @returns {Promise<{protocol:string, roundTrip:number, connected:number|null, pictured:number|null}>} roundTrip in seconds, the others in ms
 */
export async function way() {
  const { pc, connected, pictured } = window.antennePlayer;
  const report = await pc.getStats();
  const transport = [...report.values()].find((s) => s.type === "transport");
  const pair = transport && report.get(transport.selectedCandidatePairId);
  const far = pair && report.get(pair.remoteCandidateId);
  return { protocol: far ? far.protocol : "", roundTrip: pair ? pair.currentRoundTripTime : 0, connected, pictured };
}

/** Runs in the page: leaves. */
export async function leave() {
  window.antennePlayer.pc.close();
}
