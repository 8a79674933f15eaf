// Whether an open microphone hears a loudspeaker of the room: the studio's voice comes back in it. Pure.
//
// Loudness alone cannot tell a loudspeaker from a person. The shape of it can: for a second and a half the microphone rises and
// falls as the studio's own voice does, a little earlier or later. Who speaks over the studio breaks the likeness.

const STEP = 50; // ms between two looks
const SPAN = 30; // looks that are compared at once
const SHIFT = 6; // looks by which the two may be apart: 0.3 s, of players’ buffers and air
const ALIKE = 0.9; // of 1: how much they must move together
const SURE = 6; // looks in a row, at one and the same shift: two persons who talk resemble each other by chance, for a moment
const LIVELY = 6; // dB that the studio's voice must move by, or anything resembles it
const AUDIBLE = -50; // dBFS: what is under it disturbs nobody
const FLOOR = -70; // dBFS: below it all silence is alike

export class Bleed {
  constructor() {
    /** @private dBFS, oldest first @type {number[]} */
    this.microphone = [];
    /** @private dBFS, oldest first @type {number[]} */
    this.studio = [];
    /** @private */
    this.lookedAt = -Infinity;
    /** @private how many looks in a row each shift has been alike @type {number[]} */
    this.alike = [];
    /** the loudspeaker was heard the whole of the last second and a half */
    this.heard = false;
  }

  /**
   * @param {number} microphone  dBFS
   * @param {number} studio      dBFS of the studio's voice as this page receives it
   * @param {boolean} open       the microphone is open
   * @param {number} now         ms
   * @returns {boolean} the loudspeaker is heard
   */
  look(microphone, studio, open, now) {
    if (now - this.lookedAt < STEP) return this.heard;
    this.lookedAt = now;
    push(this.studio, studio, SPAN + 2 * SHIFT);
    if (!open) this.microphone = [];
    else push(this.microphone, microphone, SPAN + SHIFT);
    if (!open || this.microphone.length < SPAN + SHIFT || this.studio.length < SPAN + 2 * SHIFT) this.forget();
    else this.heard = this.resembles();
    return this.heard;
  }

  /** @private */
  forget() {
    this.alike = [];
    this.heard = false;
  }

  /** @private */
  resembles() {
    const microphone = this.microphone.slice(0, SPAN); // ends SHIFT looks ago: the studio's voice may come later to this page than to the room
    const audible = Math.max(...microphone) >= AUDIBLE;
    for (let shift = 0; shift <= 2 * SHIFT; shift++) {
      const studio = this.studio.slice(shift, shift + SPAN);
      const alike = audible && spread(studio) >= LIVELY && likeness(microphone, studio) >= ALIKE;
      this.alike[shift] = alike ? (this.alike[shift] || 0) + 1 : 0;
    }
    return Math.max(...this.alike) >= SURE;
  }
}

/** @param {number[]} list @param {number} level @param {number} most */
function push(list, level, most) {
  list.push(Math.max(FLOOR, level));
  if (list.length > most) list.shift();
}

/** @param {number[]} list @returns {number} standard deviation */
function spread(list) {
  const middle = mean(list);
  return Math.sqrt(mean(list.map((v) => (v - middle) ** 2)));
}

/** @param {number[]} a @param {number[]} b @returns {number} correlation, -1..1 */
function likeness(a, b) {
  const [middleA, middleB] = [mean(a), mean(b)];
  const apart = spread(a) * spread(b);
  return apart > 0 ? mean(a.map((v, i) => (v - middleA) * (b[i] - middleB))) / apart : 0;
}

/** @param {number[]} list @returns {number} */
function mean(list) {
  return list.reduce((sum, v) => sum + v, 0) / list.length;
}
