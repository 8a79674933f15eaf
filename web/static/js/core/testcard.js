// The test card: a moving picture with a readable clock, the séance's title, and a soft tone.
//
// It must keep its pace when its tab is hidden. Measured in Chromium 156 with the tab really hidden:
// drawing in animation frames gives 0 frames a second; drawing in a worker into a track generator, or
// on a detached canvas at a worker's beat with requestFrame(), both give 25. The first is used where
// the browser has it (it also makes the tone without a gesture, so the card comes back with its sound
// after a reload), the second elsewhere.

import { audioContext } from './audio.js';
import { beat, watchWorker } from './testcard-beat.js';
import { CARD, drawCard } from './testcard-picture.js';
import { ToneMaker } from './testcard-tone.js';
import { trustedScript } from './trusted.js';

/**
 * @typedef {Object} TestCard
 * @property {MediaStream} stream  one picture, one tone; another one after a change
 * @property {() => void} stop     ends the tracks and frees the worker
 */

/** Not yet in the language's own library. @typedef {new (o: {kind: 'video' | 'audio'}) => MediaStreamTrack & {writable: WritableStream}} GeneratorClass */

/**
 * @param {{title: string, name: string}} words  the séance's title, and what this picture is called
 * @param {() => void} changed  its worker died: the card has another stream from now on
 * @returns {TestCard}
 */
export function openTestCard(words, changed) {
  const worker = startWorker();
  if (worker && 'MediaStreamTrackGenerator' in window) return generated(worker, words, changed);
  return drawn(worker, words);
}

/** @returns {Worker | null}  null where module workers are missing */
function startWorker() {
  try {
    const url = new URL('./testcard-worker.js', import.meta.url).href;
    return new Worker(/** @type {any} */ (trustedScript(url)), { type: 'module' });
  } catch (error) {
    return null;
  }
}

/** @param {Worker} worker @param {{title: string, name: string}} words @param {() => void} changed @returns {TestCard} */
function generated(worker, words, changed) {
  const Generator = /** @type {GeneratorClass} */ (/** @type {any} */ (window).MediaStreamTrackGenerator);
  const video = new Generator({ kind: 'video' });
  const audio = new Generator({ kind: 'audio' });
  const order = { kind: 'generate', title: words.title, name: words.name, video: video.writable, audio: audio.writable };
  worker.postMessage(order, [video.writable, audio.writable]);
  const forget = watchWorker(worker, () => {
    const old = open.stream;
    worker.terminate();
    Object.assign(open, drawn(startWorker(), words));
    changed();
    for (const track of old.getTracks()) track.stop();
  });
  const open = card(new MediaStream([video, audio]), () => { forget(); worker.terminate(); });
  return open;
}

/** @param {Worker | null} worker @param {{title: string, name: string}} words @returns {TestCard} */
function drawn(worker, words) {
  const canvas = document.createElement('canvas');
  canvas.width = CARD.width;
  canvas.height = CARD.height;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
  const draw = () => drawCard(pen, { title: words.title, name: words.name, now: new Date() });
  draw();
  const stream = capture(canvas);
  const track = /** @type {CanvasCaptureMediaStreamTrack} */ (stream.getVideoTracks()[0]);
  const stopBeat = beat(worker, () => {
    draw();
    if (track.requestFrame) track.requestFrame();
  }, 1000 / CARD.rate);
  const tone = playTone();
  if (tone) stream.addTrack(tone.track);
  return card(stream, () => {
    stopBeat();
    if (tone) tone.stop();
  });
}

/** Frames on request where they can be asked for on the track, else at the canvas's own pace. @param {HTMLCanvasElement} canvas */
function capture(canvas) {
  const onRequest = canvas.captureStream(0);
  const track = /** @type {CanvasCaptureMediaStreamTrack} */ (onRequest.getVideoTracks()[0]);
  return typeof track.requestFrame === 'function' ? onRequest : canvas.captureStream(CARD.rate);
}

/** The tone by the sound engine of the page, which goes on in a hidden tab. @returns {{track: MediaStreamTrack, stop: () => void} | null} */
function playTone() {
  const context = audioContext();
  if (!context) return null;
  const loop = context.createBuffer(1, 2 * context.sampleRate, context.sampleRate);
  loop.getChannelData(0).set(new ToneMaker(context.sampleRate).next(loop.length));
  const player = context.createBufferSource();
  player.buffer = loop;
  player.loop = true;
  const out = context.createMediaStreamDestination();
  player.connect(out);
  player.start();
  context.resume().catch(() => undefined); // without a gesture it stays silent; the next tap of the page resumes it
  const wake = () => { context.resume().catch(() => undefined); };
  document.addEventListener('pointerdown', wake);
  const stop = () => {
    document.removeEventListener('pointerdown', wake);
    player.stop();
    context.close().catch(() => undefined);
  };
  return { track: /** @type {MediaStreamTrack} */ (out.stream.getAudioTracks()[0]), stop };
}

/** @param {MediaStream} stream @param {() => void} free @returns {TestCard} */
function card(stream, free) {
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
    free();
  };
  return { stream, stop };
}
