// How loud a track is, and whether the microphone hears anything at all.

import { audioContext } from './audio.js';

const FLOOR = -100; // dBFS shown for digital silence
const HEARD = -45; // a voice at arm's length is well above, a quiet room well below
const DEAD = -72; // under any living room: a muted, unplugged or wrong microphone

/**
 * @param {Float32Array} samples  -1..1
 * @returns {number} dBFS, FLOOR at the least
 */
export function decibels(samples) {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] * samples[i];
  const rms = Math.sqrt(sum / (samples.length || 1));
  return rms > 0 ? Math.max(FLOOR, 20 * Math.log10(rms)) : FLOOR;
}

/**
 * Position on a meter whose useful range is -60 to -6 dBFS.
 * @param {number} db
 * @returns {number} 0..1
 */
export function meterPosition(db) {
  return Math.min(1, Math.max(0, (db + 60) / 54));
}

/** @typedef {'unknown' | 'heard' | 'quiet' | 'silent'} Hearing */

/** Judges a microphone over time, so that a breath between two words is not called silence. */
export class HearingJudge {
  constructor() {
    this.startedAt = -1;
    this.heardAt = -Infinity;
    this.aliveAt = -Infinity;
  }

  /**
   * @param {number} db
   * @param {number} now  ms, any origin
   * @returns {Hearing} heard: a voice in the last 4 s; silent: nothing at all for 5 s; quiet: between the two
   */
  judge(db, now) {
    if (this.startedAt < 0) this.startedAt = now;
    if (db > HEARD) this.heardAt = now;
    if (db > DEAD) this.aliveAt = now;
    if (now - this.heardAt <= 4000) return 'heard';
    if (now - Math.max(this.aliveAt, this.startedAt) > 5000) return 'silent';
    return now - this.startedAt > 4000 ? 'quiet' : 'unknown';
  }
}

/** Listens to one audio track; reads are pulled by the page, nothing runs by itself. */
export class LevelMeter {
  /** @param {MediaStreamTrack} track  kept by the caller: closing the meter does not stop it */
  constructor(track) {
    const context = audioContext();
    if (!context) throw new Error('no sound engine');
    /** @private @type {AudioContext} */
    this.context = context;
    /** @private */
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 2048;
    /** @private */
    this.samples = new Float32Array(this.analyser.fftSize);
    /** @private kept alive: a collected source node falls silent */
    this.source = this.context.createMediaStreamSource(new MediaStream([track]));
    this.source.connect(this.analyser);
    this.wake();
  }

  /** Lets the meter run; call it in a tap when running is false. */
  wake() {
    this.context.resume().catch(() => undefined);
  }

  /** @returns {boolean} false while the browser waits for a gesture: the level is then unknown, not silent */
  get running() {
    return this.context.state === 'running';
  }

  /** @returns {number} dBFS now */
  read() {
    this.analyser.getFloatTimeDomainData(this.samples);
    return decibels(this.samples);
  }

  close() {
    this.source.disconnect();
    this.context.close().catch(() => undefined);
  }
}
