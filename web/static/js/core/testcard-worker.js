// Runs in a worker, whose timers keep their pace when the tab is hidden (a page's are slowed to
// one a second, and its animation frames stop). Two uses, told apart by the first message:
// "generate" draws, makes the tone and writes both into the tracks' writable ends, and says once that a picture went out;
// "tick" only beats, for browsers without a track generator: the page draws at each beat.
import { CARD, drawCard } from './testcard-picture.js';
import { ToneMaker } from './testcard-tone.js';

/**
 * @typedef {{kind: 'generate', title: string, name: string, video: WritableStream, audio: WritableStream | null}} Generate
 * @typedef {{kind: 'tick'}} Tick
 */

const PERIOD = 1000 / CARD.rate;
const SAMPLE_RATE = 48000;
const CHUNK = 480; // 10 ms, the grain of WebRTC's audio path
const MAX_BEHIND_MS = 200; // a worker that slept longer goes on from now instead of flooding the encoder

const page = /** @type {{postMessage(m: number): void}} */ (/** @type {unknown} */ (self));

onmessage = (event) => {
  const order = /** @type {Generate | Tick} */ (event.data);
  if (order.kind === 'tick') {
    setInterval(() => page.postMessage(0), PERIOD);
    return;
  }
  generatePicture(order);
  if (order.audio) generateTone(order.audio);
};

/** @param {Generate} order */
function generatePicture(order) {
  const canvas = new OffscreenCanvas(CARD.width, CARD.height);
  const pen = canvas.getContext('2d', { alpha: false });
  if (!pen) return;
  const writer = order.video.getWriter();
  const start = performance.now();
  let pending = 0;
  let told = false;
  setInterval(() => {
    if (pending > 2) return; // the encoder is behind: skip, never queue
    drawCard(pen, { title: order.title, name: order.name, now: new Date() });
    const frame = new VideoFrame(canvas, { timestamp: Math.round((performance.now() - start) * 1000) });
    pending++;
    writer.write(frame).catch(() => frame.close()).then(() => pending--);
    if (!told) page.postMessage(0);
    told = true;
  }, PERIOD);
}

/** @param {WritableStream} audio */
function generateTone(audio) {
  const writer = audio.getWriter();
  const tone = new ToneMaker(SAMPLE_RATE);
  let start = performance.now();
  let sent = 0;
  setInterval(() => {
    const due = ((performance.now() - start) * SAMPLE_RATE) / 1000;
    if (due - sent > (MAX_BEHIND_MS * SAMPLE_RATE) / 1000) {
      start += ((due - sent) * 1000) / SAMPLE_RATE;
      return;
    }
    for (; sent + CHUNK <= due; sent += CHUNK) {
      const chunk = new AudioData({
        format: 'f32-planar',
        sampleRate: SAMPLE_RATE,
        numberOfFrames: CHUNK,
        numberOfChannels: 1,
        timestamp: Math.round((sent * 1e6) / SAMPLE_RATE),
        data: tone.next(CHUNK),
      });
      writer.write(chunk).catch(() => chunk.close());
    }
  }, 10);
}
