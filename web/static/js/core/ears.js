// Two sounds heard side by side, in frames that a busy page does not lose: the sound engine keeps the last third of a second.

import { audioContext } from './audio.js';
import { decibels } from './levels.js';

/** ms of a frame */
export const FRAME = 20;

const DEPTH = 16384; // samples that are kept: 0.34 s at 48 kHz

export class Ears {
  constructor() {
    const context = audioContext();
    if (!context) throw new Error('no sound engine');
    /** @private @type {AudioContext} */
    this.context = context;
    /** @private */
    this.ears = [0, 1].map(() => this.ear());
    /** @private the end of the last frame taken, seconds of the engine's clock; 0 before the first */
    this.takenAt = 0;
    this.wake();
  }

  /** @private */
  ear() {
    const analyser = this.context.createAnalyser();
    analyser.fftSize = DEPTH;
    return { analyser, samples: new Float32Array(DEPTH), source: /** @type {MediaStreamAudioSourceNode | null} */ (null) };
  }

  /** Lets it run; call it in a tap when running is false. */
  wake() {
    this.context.resume().catch(() => undefined);
  }

  /** @returns {boolean} false while the browser waits for a gesture */
  get running() {
    return this.context.state === 'running';
  }

  /**
   * @param {0 | 1} which
   * @param {MediaStreamTrack | null} track  kept by the caller
   */
  listen(which, track) {
    const ear = this.ears[which];
    if (ear.source) ear.source.disconnect();
    ear.source = track ? this.context.createMediaStreamSource(new MediaStream([track])) : null;
    if (ear.source) ear.source.connect(ear.analyser);
  }

  /** @returns {[number, number][]} dBFS of both in each frame since the last call, oldest first; of what is too long ago, nothing */
  take() {
    if (!this.running) return [];
    const now = this.context.currentTime;
    const rate = this.context.sampleRate;
    for (const { analyser, samples } of this.ears) analyser.getFloatTimeDomainData(samples);
    const earliest = now - DEPTH / rate;
    if (this.takenAt < earliest) this.takenAt = this.takenAt ? earliest : now;
    /** @type {[number, number][]} */
    const frames = [];
    for (let end = this.takenAt + FRAME / 1000; end <= now + 1e-6; end += FRAME / 1000) {
      const last = DEPTH - Math.round((now - end) * rate);
      const first = Math.max(0, last - Math.round(FRAME * rate / 1000));
      frames.push([decibels(this.ears[0].samples.subarray(first, last)), decibels(this.ears[1].samples.subarray(first, last))]);
      this.takenAt = end;
    }
    return frames;
  }

  close() {
    this.listen(0, null);
    this.listen(1, null);
    this.context.close().catch(() => undefined);
  }
}
