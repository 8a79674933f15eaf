// Whether somebody is at this machine. By the wall clock: a computer that slept has been left for as long.
//
//   idle   nobody has touched it for that long; once, until somebody does
//   back   somebody has

import { Emitter } from './emitter.js';

const LOOKS = 6; // in the time of it
const SELDOM = 5000; // ms between two looks at most

export class Idle extends Emitter {
  /** @param {number} after  ms */
  constructor(after) {
    super();
    /** @private */
    this.after = after;
    /** @private */
    this.touchedAt = Date.now();
    /** nobody is there */
    this.idle = false;
    window.setInterval(() => this.look(), Math.min(SELDOM, after / LOOKS));
  }

  /** Somebody is there. */
  touch() {
    this.look(); // a page that slept hears of the hand before its own timer
    this.touchedAt = Date.now();
    if (!this.idle) return;
    this.idle = false;
    this.emit('back');
  }

  /** @private */
  look() {
    const away = Date.now() - this.touchedAt;
    if (away < 0) this.touchedAt = Date.now(); // the clock was put back
    if (this.idle || away < this.after) return;
    this.idle = true;
    this.emit('idle');
  }
}
