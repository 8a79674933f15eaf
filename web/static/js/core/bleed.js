// Whether an open microphone hears a loudspeaker of the room: the studio's voice comes back in it. Pure.
//
// Loudness alone cannot tell a loudspeaker from a person. The shape of it can: for a second and a half the microphone rises and
// falls as the studio's own voice does, a little earlier or later. Who speaks over the studio breaks the likeness.

/** Frames come every 20 ms (core/ears.js). */
const SMOOTH = 3; // frames that are taken together: their edges need not meet
const SPAN = 75; // frames that are compared: a second and a half
const SHIFT = 15; // frames by which the two may be apart: 0.3 s, of players' buffers and air
const ALIKE = 0.93; // of 1: how much they must move together
const SURE = 15; // frames in a row, at one and the same shift: two persons who talk resemble each other by chance, for a moment
const LIVELY = 4; // dB that the studio's voice must move by, or anything resembles it
const AUDIBLE = -45; // dBFS: what is under it disturbs nobody
const FLOOR = -50; // dBFS: below it all silence is alike

/** One sound, as far back as it is compared. */
class Shape {
  /** @param {number} most  frames */
  constructor(most) {
    /** @private */
    this.most = most;
    /** @private powers of the last frames @type {number[]} */
    this.fresh = [];
    /** dBFS, oldest first @type {number[]} */
    this.levels = [];
  }

  /** @param {number} db */
  push(db) {
    this.fresh.push(Math.pow(10, db / 10));
    if (this.fresh.length > SMOOTH) this.fresh.shift();
    this.levels.push(Math.max(FLOOR, 10 * Math.log10(mean(this.fresh))));
    if (this.levels.length > this.most) this.levels.shift();
  }

  get full() {
    return this.levels.length === this.most;
  }
}

export class Bleed {
  constructor() {
    /** @private */
    this.microphone = new Shape(SPAN + SHIFT);
    /** @private */
    this.studio = new Shape(SPAN + 2 * SHIFT);
    /** @private how many frames in a row each shift has been alike @type {number[]} */
    this.alike = [];
    /** the loudspeaker was heard the whole of the last second and a half */
    this.heard = false;
  }

  /**
   * One frame more.
   * @param {number} microphone  dBFS
   * @param {number} studio      dBFS of the studio's voice as this page receives it
   * @param {boolean} open       the microphone is open
   * @returns {boolean} the loudspeaker is heard
   */
  look(microphone, studio, open) {
    this.studio.push(studio);
    if (!open) return this.forget();
    this.microphone.push(microphone);
    if (this.microphone.full && this.studio.full) this.compare();
    return this.heard;
  }

  /** Each opening begins anew. @private @returns {boolean} */
  forget() {
    if (this.microphone.levels.length) this.microphone = new Shape(SPAN + SHIFT);
    this.alike = [];
    this.heard = false;
    return false;
  }

  /** @private */
  compare() {
    const microphone = this.microphone.levels.slice(0, SPAN); // ends SHIFT frames ago: the studio's voice may come later to this page than to the room
    const audible = Math.max(...microphone) >= AUDIBLE;
    for (let shift = 0; shift <= 2 * SHIFT; shift++) {
      const studio = this.studio.levels.slice(shift, shift + SPAN);
      const alike = audible && likeness(microphone, studio) >= ALIKE;
      this.alike[shift] = alike ? (this.alike[shift] || 0) + 1 : 0;
    }
    this.heard = Math.max(...this.alike) >= SURE;
  }
}

/**
 * @param {number[]} microphone
 * @param {number[]} studio
 * @returns {number} correlation, -1..1; 0 where the studio's voice hardly moves
 */
function likeness(microphone, studio) {
  const [middleA, middleB] = [mean(microphone), mean(studio)];
  let [both, a, b] = [0, 0, 0];
  for (let i = 0; i < SPAN; i++) {
    const x = microphone[i] - middleA;
    const y = studio[i] - middleB;
    both += x * y;
    a += x * x;
    b += y * y;
  }
  return a > 0 && b >= SPAN * LIVELY * LIVELY ? both / Math.sqrt(a * b) : 0;
}

/** @param {number[]} list @returns {number} */
function mean(list) {
  let sum = 0;
  for (const v of list) sum += v;
  return sum / list.length;
}
