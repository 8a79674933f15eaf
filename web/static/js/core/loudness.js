// The loudspeakers of a page: one share of what the person chose, for every player alike. No DOM: players come in.
//
//   quiet   true once everything is at nothing, false just before anything is heard again
//
// Down to nothing at once, in this very turn of the page: an open microphone is beside us. Up again, and between two
// shares, over a few steps: a jump in loudness is heard as a crack.

import { Emitter } from './emitter.js';

const STEP = 10; // ms
const STEPS = 4; // 40 ms in all: well under the 300 ms that a dialogue allows

/** @typedef {{ volume: number, muted: boolean, paused: boolean }} Player */

export class Loudness extends Emitter {
  /**
   * @param {Player[]} players  those of the studio
   * @param {Player[]} [guests]  those of a guest, which may be forbidden apart
   */
  constructor(players, guests = []) {
    super();
    /** @private */
    this.players = players;
    /** @private */
    this.guests = guests;
    /** @private 0..1, chosen by the person */
    this.chosen = 1;
    /** @private turned off by the person */
    this.off = false;
    /** @private 0..1 */
    this.share = 1;
    /** @private what is played now, of what was chosen */
    this.now = 1;
    /** @private */
    this.guest = true;
    /** @private */
    this.timer = 0;
    /** everything is at nothing because the room asks for it */
    this.quiet = false;
  }

  /**
   * What the person turns.
   * @param {number} chosen 0..1
   * @param {boolean} off
   */
  choose(chosen, off) {
    this.chosen = chosen;
    this.off = off;
    this.play();
  }

  /**
   * What the room asks for.
   * @param {{ share: number, guest: boolean }} loud
   */
  follow({ share, guest }) {
    if (guest !== this.guest) {
      this.guest = guest;
      this.play();
    }
    if (share === this.share) return;
    this.share = share;
    clearTimeout(this.timer);
    if (share === 0) return this.silence();
    if (this.quiet) this.tell(false);
    return this.glide((share - this.now) / STEPS, STEPS);
  }

  /**
   * The players as the person left them: a room that is silent because it speaks has not lost its sound.
   * @returns {{ paused: boolean, muted: boolean, volume: number }[]}
   */
  meant() {
    return this.players.map((player) => ({ paused: player.paused, muted: this.off, volume: this.chosen }));
  }

  /** @private */
  silence() {
    this.now = 0;
    this.play();
    this.tell(true);
  }

  /**
   * @private
   * @param {number} by
   * @param {number} left
   */
  glide(by, left) {
    this.now = left <= 1 ? this.share : this.now + by;
    this.play();
    if (left > 1) this.timer = window.setTimeout(() => this.glide(by, left - 1), STEP);
  }

  /** @private @param {boolean} quiet */
  tell(quiet) {
    this.quiet = quiet;
    this.emit('quiet', quiet);
  }

  /** @private */
  play() {
    const volume = this.chosen * this.now;
    const muted = this.off || this.now === 0; // some browsers know no volume, all of them know how to be silent
    for (const player of this.players) set(player, volume, muted);
    for (const player of this.guests) set(player, this.guest ? volume : 0, muted || !this.guest);
  }
}

/**
 * @param {Player} player
 * @param {number} volume
 * @param {boolean} muted
 */
function set(player, volume, muted) {
  player.volume = Math.max(0, Math.min(1, volume));
  player.muted = muted;
}
