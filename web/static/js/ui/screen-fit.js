// What stands on the wall at once, each part as large as there is room for it: a long instruction, a long question, captions, names
// and a slate are all legal together. Something gives way, in an order, and never what a person must read: names before the
// instruction, the picture before the question, and letters last of all, down to those that can still be read at 8 m.

import { el } from './page.js';

/** Sizes of the instruction, the largest first, beside the names under the picture or without them. @type {[string, string][]} */
const WORK = [['on', 'short'], ['on', 'long'], ['on', 'longer'], ['off', 'longer'], ['on', 'longest'], ['off', 'longest']];

/** Sizes of a question, the largest first, and the number of signs from which the next one is begun with. */
const QUESTION = ['short', 'long', 'longer', 'longest', 'least'];
const LIMITS = [90, 170, 300];

/** Least share of the height for what a question leaves to the picture, or to the countdown, while its letters can be smaller. */
const PICTURE = 0.2;
/** Under this share, what is written over the picture would hide it. */
const LOW = 0.34;

/** How a slate is set: at ease; closer; without the credit; without the code for families; and no further than its last whole line. */
const SLATE = ['ease', 'close', 'bare', 'alone', 'cut'];

export class Fit {
  /** @param {HTMLElement} wall */
  constructor(wall) {
    /** @private */
    this.wall = wall;
    /** @private what there was to fit, and the room for it, the last time */
    this.fitted = '';
  }

  /** Fits again what has changed, or has another room. @param {boolean} works an exercise runs */
  look(works) {
    if (this.fitted === this.state(works)) return;
    this.question();
    if (works && el('exercise').clientHeight) this.work();
    this.slate();
    this.fitted = this.state(works);
  }

  /** @private @param {boolean} works @returns {string} */
  state(works) {
    const slate = el('slate');
    return [
      works, this.wall.clientWidth, this.wall.clientHeight, this.show().clientHeight, el('lower').textContent,
      el('card').hidden ? '' : el('card').textContent, el('exercise-text').textContent, slate.hidden ? '' : slate.dataset.slate + slate.innerText,
    ].join('|');
  }

  /** @private what a picture, an instruction or a slate has for itself */
  show() {
    return /** @type {HTMLElement} */ (el('stage').parentElement);
  }

  /** @private */
  question() {
    const card = el('card');
    const begin = LIMITS.filter((limit) => (el('card-text').textContent || '').length > limit).length;
    for (const size of card.hidden ? [] : QUESTION.slice(begin)) {
      card.dataset.length = size;
      if (this.show().clientHeight >= PICTURE * this.wall.clientHeight) break;
    }
    const share = this.show().clientHeight / (this.wall.clientHeight || 1);
    this.wall.dataset.room = share >= LOW ? 'wide' : share >= PICTURE ? 'low' : 'least';
  }

  /** @private what does not fit even so is left to the countdown */
  work() {
    const text = el('exercise-text');
    for (const [lower, size] of WORK) {
      this.wall.dataset.lower = lower;
      this.wall.dataset.work = size;
      if (text.scrollHeight <= text.clientHeight + 1) return;
    }
    this.wall.dataset.work = 'none';
  }

  /** @private the first setting in which all of it can be read: a long title and all that is needed are legal */
  slate() {
    for (const setting of SLATE) {
      this.wall.dataset.set = setting;
      if (el('slate').hidden || this.wall.dataset.working === 'true' || holds(el('slate'))) return;
    }
  }
}

/** @param {HTMLElement} slate @returns {boolean} nothing of it is beyond its edges */
function holds(slate) {
  const around = slate.getBoundingClientRect();
  const margin = around.height / 50;
  return Array.from(slate.children).map((child) => child.getBoundingClientRect()).every(({ top, bottom, height }) =>
    height === 0 || (top >= around.top + margin && bottom <= around.bottom - margin));
}
