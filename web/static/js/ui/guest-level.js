// The level of the guest's voice, in a bar and in words; and the loudspeaker of the room, when the microphone hears it.

import { Bleed } from '../core/bleed.js';
import { HearingJudge, LevelMeter, meterPosition } from '../core/levels.js';
import { say } from '../core/words.js';
import { announce } from './news.js';
import { el, write } from './page.js';

const HEARD = -40; // dBFS: a voice that every room understands
const PATIENCE = 1500; // ms of a voice too faint before it is said
const KEEP = 4000; // ms that a warning stays after its reason, for who looks away

export class GuestLevel {
  constructor() {
    /** @private */
    this.judge = new HearingJudge();
    /** @private */
    this.bleed = new Bleed();
    /** @private @type {LevelMeter | null} */
    this.studio = null;
    /** @private */
    this.word = '';
    /** @private when it was loud enough last, while open */
    this.heardAt = 0;
    /** @private */
    this.wasOpen = false;
    /** @private */
    this.bledAt = -Infinity;
  }

  /** The studio's voice, to know it again in the microphone. @param {MediaStreamTrack | null} track */
  follow(track) {
    if (this.studio) this.studio.close();
    this.studio = null;
    try {
      if (track) this.studio = new LevelMeter(track);
    } catch (error) {
      this.studio = null; // no sound engine: nobody is warned of a loudspeaker
    }
  }

  wake() {
    if (this.studio && !this.studio.running) this.studio.wake();
  }

  /**
   * @param {number | null} db    of the microphone, null where it is not known
   * @param {boolean} open
   * @param {boolean} screens     there is a room with a loudspeaker
   */
  look(db, open, screens) {
    const now = performance.now();
    if (open && !this.wasOpen) this.heardAt = now;
    this.wasOpen = open;
    if (db === null) return this.say(open ? '' : 'closed');
    el('meter-fill').style.transform = 'scaleX(' + meterPosition(db).toFixed(3) + ')';
    if (db > HEARD) this.heardAt = now;
    if (this.judge.judge(db, now) === 'silent') this.say('silent');
    else this.say(!open ? 'closed' : now - this.heardAt > PATIENCE ? 'louder' : 'heard');
    return this.warn(screens && this.bleeds(db, open, now), now);
  }

  /** @private @param {number} db @param {boolean} open @param {number} now */
  bleeds(db, open, now) {
    const studio = this.studio && this.studio.running ? this.studio.read() : -100;
    return this.bleed.look(db, studio, open, now);
  }

  /** @private @param {boolean} bleeds @param {number} now */
  warn(bleeds, now) {
    if (bleeds) this.bledAt = now;
    announceOnce(now - this.bledAt < KEEP ? say('guest.bleed') : '');
  }

  /** @private @param {string} word */
  say(word) {
    if (word === this.word) return;
    this.word = word;
    write(el('meter-word'), word === '' ? '' : say('guest.level.' + word));
    el('meter').dataset.level = word;
  }

  /** The microphone is closed for good. */
  clear() {
    this.follow(null);
    this.judge = new HearingJudge();
    el('meter-fill').style.transform = 'scaleX(0)';
    announceOnce('');
  }
}

/** @param {string} text */
function announceOnce(text) {
  const line = el('bleed');
  if (line.dataset.said === text) return;
  line.dataset.said = text;
  announce(line, text);
}
