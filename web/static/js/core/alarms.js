// What the mediator must be warned of, from what this page knows of itself and of who follows. Pure.

const SETTLED = 12000; // ms on air before « nobody is listening » may be said: pages need time to come
const ALONE = 6000; // … and nobody there for so long: a page that is loaded again is away for a moment

/**
 * @typedef {Object} Facts
 * @property {boolean} onair        the rooms should see and hear
 * @property {boolean} open         devices are open
 * @property {import('./levels.js').Hearing} hearing
 * @property {boolean} black
 * @property {{video: boolean, audio: boolean}} stopped  the device itself gives nothing now (a switch on the microphone, a call)
 * @property {string[]} changed     kinds of device that are other ones than last time: 'camera', 'microphone'
 * @property {boolean} alone        nobody is listening, as Loneliness judges it
 */

/**
 * @param {Facts} f
 * @returns {string[]} keys of sentences, the worst first
 */
export function alarmsOf(f) {
  if (!f.open) return [];
  const found = [];
  if (f.stopped.audio) found.push('mic-off');
  else if (f.onair && f.hearing === 'silent') found.push('mic-silent');
  if (f.stopped.video) found.push('camera-off');
  else if (f.black) found.push('black');
  if (f.onair && f.alone) found.push('nobody');
  return found.concat(f.changed.map((kind) => 'changed-' + kind));
}

/** Judges over time whether anybody is listening. */
export class Loneliness {
  constructor() {
    /** @private */
    this.onairAt = -1;
    /** @private */
    this.heardAt = -Infinity;
  }

  /**
   * @param {boolean} onair
   * @param {number} listeners  pages that play the séance
   * @param {number} now  ms, any origin
   * @returns {boolean}
   */
  judge(onair, listeners, now) {
    if (!onair) this.onairAt = -1;
    else if (this.onairAt < 0) this.onairAt = now;
    if (listeners > 0) this.heardAt = now;
    return onair && now - this.onairAt > SETTLED && now - this.heardAt > ALONE;
  }
}

/**
 * Pages that play the séance: screens, homes, and posts that were opened.
 * @param {any} presence
 * @param {any[]} theres
 * @returns {number}
 */
export function listenersOf(presence, theres) {
  return theres.reduce((sum, there) => sum + (there.screens || 0), 0) + ((presence && presence.homes) || 0);
}

/** @typedef {{ camera: string, microphone: string }} Names  as the browser calls the devices; '' where it does not say */

/**
 * Which devices are other ones than those this browser used last.
 * @param {Names} before
 * @param {Names} now
 * @returns {('camera' | 'microphone')[]}
 */
export function changedDevices(before, now) {
  /** @type {('camera' | 'microphone')[]} */
  const kinds = ['microphone', 'camera'];
  return kinds.filter((kind) => before[kind] && now[kind] && before[kind] !== now[kind]);
}
