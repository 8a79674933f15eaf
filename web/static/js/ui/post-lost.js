// « Je suis perdu·e »: pressed, it is so at once; the house's answer decides. That somebody comes is said once somebody said so. A refusal
// has a line of its own, which the next word of the class does not wipe away, but the class that is back does.

import { say } from '../core/words.js';
import { announce, why } from './news.js';
import { el, write } from './page.js';
import { repaint } from './picto.js';

const COMING = 30000; // ms it is said that the animator comes

export class PostLost {
  /** @param {import('../core/classroom.js').Classroom} classroom */
  constructor(classroom) {
    /** @private */
    this.classroom = classroom;
    /** @private what a finger has just pressed, until the house answers @type {boolean | null} */
    this.asked = null;
    /** @private */
    this.timer = 0;
    el('lost').addEventListener('click', () => this.press());
    classroom.on('up', () => announce(el('lost-error'), ''));
  }

  /** @private */
  lost() {
    const you = this.classroom.get('you');
    return this.asked === null ? Boolean(you && you.lost) : this.asked;
  }

  /** @private */
  press() {
    const lost = !this.lost();
    this.asked = lost;
    this.paint();
    announce(el('lost-error'), '');
    const done = () => { if (this.asked === lost) this.asked = null; this.paint(); };
    this.classroom.do({ name: 'say-lost', lost: lost ? 'yes' : 'no' }).then(done, (error) => { done(); announce(el('lost-error'), why(error)); });
  }

  paint() {
    const lost = this.lost();
    el('lost-box').classList.toggle('on', lost);
    this.label(lost);
    write(el('lost-said'), lost ? this.told() : this.coming());
  }

  /** What the next press says. @private @param {boolean} lost */
  label(lost) {
    write(el('lost-word'), say(lost ? 'post.lost.found' : 'post.lost'));
    const drawing = el('lost').querySelector('.picto');
    if (drawing) repaint(drawing, lost ? 'done' : 'lost');
  }

  /** @private */
  told() {
    if (this.asked) return say('post.lost.sending');
    const helpers = this.classroom.get('helpers');
    return say(helpers && !helpers.desk ? 'post.lost.no-desk' : 'post.lost.told');
  }

  /** Somebody said « J'y vais » a moment ago. @private */
  coming() {
    const you = this.classroom.get('you');
    const left = you && you.helpedAt ? Date.parse(you.helpedAt) + COMING - this.classroom.now() : 0;
    clearTimeout(this.timer);
    if (left <= 0) return '';
    this.timer = window.setTimeout(() => this.paint(), left);
    return say('post.lost.coming');
  }
}
