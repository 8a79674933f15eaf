// The browser of `record`: it shows a moving picture with the grain of a real camera to a real
// Chromium, which publishes it until it is interrupted.
//
//	node browser.mjs URL VP8|H264 LAYERS

import { mkdtemp, open, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeVoice } from "../../../../web/test/kit/voice.mjs";

const require = createRequire(new URL("../../../../web/package.json", import.meta.url));
const { chromium } = await import(pathToFileURL(require.resolve("playwright-core")).href).then((m) => m.default ?? m);

const [url, codec, layers] = process.argv.slice(2);
const PICTURE = { width: 1280, height: 720, fps: 30, frames: 180 };

/** A small deterministic generator of numbers in [0, 1). */
function dice(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Smooth texture: blobs of many sizes, as walls, faces and clothes have. */
function texture(width, height, roll) {
  const plane = new Float32Array(width * height);
  for (let cell = 160; cell >= 5; cell /= 2) {
    const across = Math.ceil(width / cell) + 2;
    const grid = Float32Array.from({ length: across * (Math.ceil(height / cell) + 2) }, () => roll() - 0.5);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const gx = x / cell, gy = y / cell;
        const at = Math.floor(gy) * across + Math.floor(gx);
        const fx = gx % 1, fy = gy % 1;
        const top = grid[at] * (1 - fx) + grid[at + 1] * fx;
        const low = grid[at + across] * (1 - fx) + grid[at + across + 1] * fx;
        plane[y * width + x] += (top * (1 - fy) + low * fy) * Math.sqrt(cell) * 9;
      }
    }
  }
  return plane;
}

/** Writes some seconds as Y4M: a still background, a figure that sways before it, and grain. */
async function writePicture(path) {
  const { width, height, fps, frames } = PICTURE;
  const roll = dice(7);
  const wall = texture(width, height, roll);
  const person = texture(width, height, roll);
  const grain = Int8Array.from({ length: width * height + 65536 }, () => Math.round((roll() + roll() + roll() - 1.5) * 3));
  const y = Buffer.alloc(width * height);
  const u = Buffer.alloc((width / 2) * (height / 2));
  const v = Buffer.alloc(u.length);
  for (let i = 0; i < u.length; i++) {
    u[i] = 118 + wall[(i * 4) % wall.length] / 8;
    v[i] = 138 + person[(i * 4) % person.length] / 8;
  }
  const file = await open(path, "w");
  await file.write(`YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`);
  for (let n = 0; n < frames; n++) {
    const turn = (2 * Math.PI * n) / frames;
    const dx = Math.round(60 * Math.sin(turn)), dy = Math.round(14 * Math.sin(3 * turn));
    const from = Math.floor(roll() * 65536);
    for (let row = 0; row < height; row++) {
      for (let col = 0; col < width; col++) {
        const at = row * width + col;
        const px = (col - width / 2 - dx) / (width * 0.2), py = (row - height * 0.62 - dy) / (height * 0.5);
        const inside = px * px + py * py < 1;
        const seen = inside ? 150 + person[((row - dy + height) % height) * width + ((col - dx + width) % width)] : 105 + wall[at];
        y[at] = Math.max(16, Math.min(235, seen + grain[at + from]));
      }
    }
    await file.writev([Buffer.from("FRAME\n"), y, u, v]);
  }
  await file.close();
}

/** Runs in the page. */
async function publish({ codec, layers }) {
  const media = await navigator.mediaDevices.getUserMedia({
    video: { width: 1280, height: 720, frameRate: 30 },
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const pc = new RTCPeerConnection();
  window.pc = pc;
  pc.addTransceiver(media.getAudioTracks()[0], { direction: "sendonly" });
  const three = [
    { rid: "l", scaleResolutionDownBy: 4, maxBitrate: 120_000 },
    { rid: "m", scaleResolutionDownBy: 2, maxBitrate: 400_000 },
    { rid: "h", scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
  ];
  const track = media.getVideoTracks()[0];
  const line = pc.addTransceiver(track, { direction: "sendonly", sendEncodings: layers === "3" ? three : [{ maxBitrate: 1_500_000 }] });
  const known = RTCRtpSender.getCapabilities("video").codecs;
  const wanted = known.filter((c) => c.mimeType === `video/${codec}` && (codec !== "H264" || /packetization-mode=1.*42e01f|42e01f.*packetization-mode=1/.test(c.sdpFmtpLine)));
  if (wanted.length === 0) throw new Error(`no ${codec} here`);
  line.setCodecPreferences([...wanted, ...known.filter((c) => c.mimeType === "video/rtx")]);
  const parameters = line.sender.getParameters();
  parameters.degradationPreference = "maintain-resolution";
  await line.sender.setParameters(parameters);
  await pc.setLocalDescription();
  while (pc.iceGatheringState !== "complete") await new Promise((done) => setTimeout(done, 20));
  const response = await fetch("/whip", { method: "POST", body: pc.localDescription.sdp });
  if (!response.ok) throw new Error(await response.text());
  await pc.setRemoteDescription({ type: "answer", sdp: await response.text() });
}

const folder = await mkdtemp(join(tmpdir(), "record-"));
const clip = join(folder, "picture.y4m");
const voice = join(folder, "voice.wav");
await writePicture(clip);
await writeVoice(voice);
const browser = await chromium.launch({
  executablePath: process.env.ANTENNE_CHROMIUM || "/usr/bin/chromium",
  headless: true,
  handleSIGINT: false, // the figures of the end come first
  args: [
    "--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    `--use-file-for-fake-video-capture=${clip}`, `--use-file-for-fake-audio-capture=${voice}`,
  ],
});
const page = await browser.newPage();
await page.goto(url);
await page.evaluate(publish, { codec, layers });
await new Promise((done) => process.once("SIGINT", done));
const sent = await page.evaluate(async () => [...(await window.pc.getStats()).values()].filter((s) => s.type === "outbound-rtp")
  .map((s) => `${s.rid ?? s.kind}: ${s.frameWidth}x${s.frameHeight} ${s.framesPerSecond} fps ${s.qualityLimitationReason} ${s.scalabilityMode} ${s.encoderImplementation}`));
process.stderr.write(`${sent.join("\n")}\n`);
await browser.close();
await rm(folder, { recursive: true });
