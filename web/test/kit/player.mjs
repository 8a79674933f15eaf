// A WHEP player that is none of our pages, for any browser that can run a function in a page. The
// functions here are sent into the page as text: each holds all it needs.

/** The lines of our own pages (`?slots=5`), and those of any other player. */
export const FIVE = ["audio", "video", "video", "audio", "video"];
export const ONE = ["audio", "video"];

/**
 * Runs in the page: joins and plays.
 * @param {{url:string, kinds:string[], repair?:boolean}} o repair: whether to offer RTX
 */
export async function join({ url, kinds, repair = true }) {
  const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const player = { pc, elements: [] };
  window.antennePlayer = player;
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
    element.play().catch(() => {}); // a line that stays silent never plays
  };
  await pc.setLocalDescription(await pc.createOffer());
  const response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/sdp" }, body: pc.localDescription.sdp });
  if (response.status !== 201) throw new Error(`WHEP said ${response.status}: ${await response.text()}`);
  const sdp = await response.text();
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

/** Runs in the page: leaves. */
export async function leave() {
  window.antennePlayer.pc.close();
}
