// « Je suis perdu·e »: pressed, it is so at once; the house's answer decides. A refusal has a line of its own, which the next word of
// the class does not wipe away.

import { say } from '../core/words.js';
import { announce, why } from './news.js';
import { el, write } from './page.js';

export class PostLost {
  /** @param {import('../core/classroom.js').Classroom} classroom */
  constructor(classroom) {
    /** @private */
    this.classroom = classroom;
    /** @private what a finger has just pressed, until the house answers @type {boolean | null} */
    this.asked = null;
    el('lost').addEventListener('click', () => this.press());
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
    const helpers = this.classroom.get('helpers');
    el('lost').setAttribute('aria-pressed', String(lost));
    el('lost-box').classList.toggle('on', lost);
    write(el('lost-word'), say(lost ? 'post.lost.found' : 'post.lost'));
    write(el('lost-said'), lost ? say(helpers && !helpers.desk ? 'post.lost.no-desk' : 'post.lost.coming') : '');
  }
}
