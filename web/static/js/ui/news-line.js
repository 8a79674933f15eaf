// Whether this page can act at this moment, shown on every button that acts: after a moment without the class,
// buttons with data-act say that they wait, and a tap on one says so too instead of vanishing.
//
//   change  the line became up, short, or cut

import { Emitter } from '../core/emitter.js';
import { say } from '../core/words.js';

const PATIENCE = 1500; // ms: a restarted server is mostly back before, and what was asked meanwhile has gone

export class Line extends Emitter {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./news.js').News} news */
  constructor(classroom, news) {
    super();
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @type {'up' | 'short' | 'cut'}  short: too early to say anything */
    this.state = 'short';
    /** @private */
    this.timer = 0;
    this.wait();
    classroom.on('up', () => this.become('up'));
    classroom.on('down', () => this.down());
    classroom.on('refused', () => clearTimeout(this.timer));
    document.addEventListener('click', (event) => this.guard(event), true);
  }

  get cut() {
    return this.state === 'cut';
  }

  /** @private */
  down() {
    if (!this.classroom.known) return; // never up yet: the first patience runs
    this.become('short');
    this.wait();
  }

  /** A page without a link never asks the class: it has its own words for that. @private */
  wait() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => { if (!this.classroom.stopped) this.become('cut'); }, PATIENCE);
  }

  /** @private @param {'up' | 'short' | 'cut'} state */
  become(state) {
    clearTimeout(this.timer);
    if (state === this.state) return;
    this.state = state;
    this.paint();
    this.emit('change', state);
  }

  /** Buttons come and go with their questions: called after each drawing. */
  paint() {
    for (const button of Array.from(document.querySelectorAll('[data-act]'))) {
      if (this.cut) button.setAttribute('aria-disabled', 'true');
      else button.removeAttribute('aria-disabled');
    }
  }

  /** @private @param {MouseEvent} event */
  guard(event) {
    const target = /** @type {Element} */ (event.target);
    if (!this.cut || !target.closest('[data-act]')) return;
    event.preventDefault();
    event.stopPropagation();
    this.news.tell(say('common.not-done'));
  }
}
