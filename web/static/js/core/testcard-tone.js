// The tone of the test card: two soft notes a fifth apart that swell and fade once in two seconds and
// never fall silent, so that a level meter always shows something and nobody in a room jumps.

const LOW = 294; // hertz, near D4
const HIGH = 440;
const SWELL = 0.5; // times a second
const LEVEL = 0.08; // of full scale for each note: about -25 dBFS together

/** Makes successive stretches of the tone without a click between them. */
export class ToneMaker {
  /** @param {number} sampleRate  hertz */
  constructor(sampleRate) {
    this.sampleRate = sampleRate;
    this.position = 0;
  }

  /** @param {number} samples @returns {Float32Array<ArrayBuffer>} */
  next(samples) {
    const out = new Float32Array(samples);
    for (let i = 0; i < samples; i++) {
      const t = (this.position + i) / this.sampleRate;
      const swell = 0.65 + 0.35 * Math.sin(2 * Math.PI * SWELL * t);
      out[i] = LEVEL * swell * (Math.sin(2 * Math.PI * LOW * t) + Math.sin(2 * Math.PI * HIGH * t));
    }
    // All periods divide two seconds: going round there keeps the phase and the precision.
    this.position = (this.position + samples) % (2 * this.sampleRate);
    return out;
  }
}
