// Push to talk, as states. Pure: time is handed in, nothing runs by itself.
//
// A press asks the room's screens to fall silent; the microphone opens once they have, and at the latest 0.4 s after the press: the
// screen of a slow machine may need that long, and somebody who speaks must not wait for one that has lost its line. A release
// closes it at once. What was let go of by anything but the hand (a cut line, a locked phone) stays closed until the next press.

/** The longest that a press waits for the screens, in ms. */
export const MOST = 400;

/**
 * What a room still hears after its screen says that it is silent, in ms: the projector plays what it has in hand (up to some
 * 60 ms for televisions), eight metres of air take 23 ms, and walls give a voice back for as long again.
 */
export const ROOM = 150;

/** @typedef {'off' | 'closed' | 'asking' | 'open'} TalkState  off: there is nobody to speak to now */

export class Talk {
  /** @param {boolean} [screens]  there are screens to wait for; a home has none */
  constructor(screens = true) {
    /** @private */
    this.screens = screens;
    /** @private what holds the button down: a finger, a key @type {Set<string>} */
    this.held = new Set();
    /** @private what is still down though it was let go of by anything but the hand @type {Set<string>} */
    this.stale = new Set();
    /** « Garder ouvert » */
    this.latched = false;
    /** @type {TalkState} */
    this.state = 'off';
    /** @private the house's word « silent » is of this press, and not what is left of the last one */
    this.fresh = true;
    /** when tick() has something to do; Infinity for never */
    this.dueAt = Infinity;
  }

  /** @returns {boolean} the microphone is open */
  get open() {
    return this.state === 'open';
  }

  /** @returns {boolean} the screens are asked to be silent */
  get on() {
    return this.state === 'asking' || this.state === 'open';
  }

  /** @returns {boolean} somebody holds a button that is no longer heard: it wants another press */
  get again() {
    return this.state === 'closed' && this.stale.size > 0;
  }

  /** @param {boolean} screens  whether there are screens to wait for */
  among(screens) {
    this.screens = screens;
  }

  /**
   * Whether there is anybody to speak to: a grant, a line, a page that is looked at.
   * @param {boolean} yes
   */
  allow(yes) {
    if (!yes) this.drop();
    if (yes !== (this.state === 'off')) return;
    this.state = yes ? 'closed' : 'off';
  }

  /** A finger or a key comes down. While it is kept open, a press closes it. @param {string} by @param {number} now  ms */
  press(by, now) {
    if (this.state === 'off') return;
    if (this.latched) return this.drop();
    this.held.add(by);
    this.ask(now);
  }

  /** @param {string} by */
  release(by) {
    this.stale.delete(by);
    if (this.held.delete(by)) this.rest();
  }

  /** « Garder ouvert », for who cannot hold a button. @param {boolean} yes @param {number} now  ms */
  latch(yes, now) {
    if (this.state === 'off') return;
    this.latched = yes;
    if (yes) this.ask(now);
    else this.rest();
  }

  /** Everything is let go of: the page goes away, the phone is locked, the browser took the finger. */
  drop() {
    for (const by of Array.from(this.held)) this.stale.add(by);
    this.held.clear();
    this.latched = false;
    this.rest();
  }

  /**
   * What the house says of our button: whether it counts as down, and whether every screen of the room is silent.
   * @param {{ on?: boolean, quiet?: boolean } | undefined} talk  the entity
   * @param {number} now  ms
   */
  heard(talk, now) {
    if (!talk || !talk.on) this.fresh = true;
    if (this.state !== 'asking' || !talk || !talk.on || !talk.quiet || !this.fresh) return;
    this.dueAt = Math.min(this.dueAt, now + ROOM);
    this.tick(now);
  }

  /** @param {number} now  ms */
  tick(now) {
    if (this.state !== 'asking' || now < this.dueAt) return;
    this.dueAt = Infinity;
    this.state = 'open';
  }

  /** @private @param {number} now */
  ask(now) {
    if (this.on) return;
    this.state = 'asking';
    this.dueAt = this.screens ? now + MOST : now;
    this.tick(now);
  }

  /** Closes when nothing holds it any more. @private */
  rest() {
    if (this.held.size || this.latched || !this.on) return;
    this.state = 'closed';
    this.dueAt = Infinity;
    this.fresh = false;
  }
}
