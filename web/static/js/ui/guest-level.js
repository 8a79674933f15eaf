// The level of the guest's voice, in a bar and in words; and the loudspeaker of the room, when the microphone hears it.

import { Bleed } from '../core/bleed.js';
import { Ears } from '../core/ears.js';
import { HearingJudge, meterPosition } from '../core/levels.js';
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
    /** @private the microphone, and the studio's voice @type {Ears | null} */
    this.ears = null;
    /** @private */
    this.word = '';
    /** @private when it was loud enough last, while open */
    this.heardAt = 0;
    /** @private */
    this.wasOpen = false;
    /** @private */
    this.bledAt = -Infinity;
  }

  /**
   * What the microphone hears is compared with what the studio says.
   * @param {0 | 1} which  the microphone, or the studio's voice
   * @param {MediaStreamTrack | null} track
   */
  listen(which, track) {
    if (!this.ears && !track) return;
    try {
      this.ears = this.ears || new Ears();
      this.ears.listen(which, track);
    } catch (error) {
      this.ears = null; // no sound engine: nobody is warned of a loudspeaker
    }
  }

  wake() {
    if (this.ears && !this.ears.running) this.ears.wake();
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
    return this.warn(this.bleeds(open) && screens, now);
  }

  /** @private @param {boolean} open */
  bleeds(open) {
    for (const [microphone, studio] of this.ears ? this.ears.take() : []) this.bleed.look(microphone, studio, open);
    return this.bleed.heard;
  }

  /** @private @param {boolean} bleeds @param {number} now */
  warn(bleeds, now) {
    if (bleeds) this.bledAt = now;
    announceOnce(now - this.bledAt < KEEP ? say('guest.bleed') : '');
  }

  /** Seen; read aloud only where nothing is heard anyhow: a voice that reads goes into the open microphone. @private @param {string} word */
  say(word) {
    if (word === this.word) return;
    this.word = word;
    announce(el('level-said'), word === 'silent' ? say('guest.level.silent') : '');
    write(el('meter-word'), word === '' ? '' : say('guest.level.' + word));
    el('meter').dataset.level = word;
  }

  /** The microphone is closed for good. */
  clear() {
    if (this.ears) this.ears.close();
    this.ears = null;
    this.bleed = new Bleed();
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
