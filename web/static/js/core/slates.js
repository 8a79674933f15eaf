// What people see in the place of the picture: one decision, from what is known.

/** Silence after which the last frame is no longer the truth. Words must stand within 2 s. */
const BROKEN = 1100;
/** … and with the class's socket broken as well, which is seen at once when a server dies. */
const BOTH_BROKEN = 600;

/** @typedef {'none' | 'opening' | 'poster' | 'paused' | 'incident' | 'line' | 'source' | 'frozen' | 'sound' | 'ended' | 'gone'} Slate */

/**
 * @typedef {Object} Truth
 * @property {string} state      the room's
 * @property {string} [slate]    what the mediator said of a pause: "pause" or "incident"
 * @property {string[]} fed      slots that are fed
 * @property {boolean} classUp
 * @property {boolean} known     the class has told its state at least once
 * @property {number} silent     ms without a packet
 * @property {boolean} arrived   a packet came in this session
 * @property {boolean} everPlayed  this page has had a picture or a sound since the séance is on air
 * @property {'moving' | 'frozen' | 'none'} picture
 * @property {boolean} [slow]      the line is too slow for more than a still picture now and then: it is the picture
 * @property {boolean} soundOnly
 * @property {boolean} refused
 */

/**
 * The one decision about what people see when there is no picture.
 * @param {Truth} t
 * @returns {Slate}
 */
export function slateOf(t) {
  if (t.refused) return 'gone';
  if (t.state === 'paused') return t.slate === 'incident' ? 'incident' : 'paused';
  if (t.state === 'ended') return 'ended';
  if (t.state !== 'on-air') return 'poster';
  if (t.classUp && !t.fed.length && t.known) return 'source';
  if (t.silent > (t.classUp ? BROKEN : BOTH_BROKEN) || !t.arrived) return silentSlate(t);
  return t.soundOnly ? 'sound' : pictureSlate(t);
}

/** After this long, waiting is no advice any more. */
const STUCK = 25000;

/** Remembers since when the media of this page have been broken. */
export class Trouble {
  constructor() {
    /** @private */
    this.since = 0;
  }

  /**
   * @param {Slate} slate
   * @param {number} apart  ms since the media session last stood
   * @param {number} now    a clock in ms
   * @returns {boolean} whether somebody should try something else
   */
  lasts(slate, apart, now) {
    if (slate === 'ended' || slate === 'gone') return false;
    const broken = slate === 'line' || slate === 'opening' || slate === 'frozen';
    this.since = broken ? this.since || now : 0;
    return apart > STUCK || (broken && now - this.since > STUCK);
  }
}

/**
 * Packets arrive: what do they show?
 * @param {Truth} t
 * @returns {Slate}
 */
function pictureSlate(t) {
  if (t.picture === 'moving' || t.slow) return 'none';
  if (t.picture === 'frozen') return 'frozen';
  return t.fed.some(isPicture) ? 'opening' : 'sound';
}

/**
 * @param {Truth} t
 * @returns {Slate}
 */
function silentSlate(t) {
  return t.everPlayed || t.silent > 4000 ? 'line' : 'opening';
}

/** @param {string} slot */
export function isPicture(slot) {
  return slot !== 'voice' && slot !== 'guest-voice';
}
