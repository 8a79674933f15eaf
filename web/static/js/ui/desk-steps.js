// The rundown: where the séance is, what comes next, and the sheet to print.

import { standing } from '../core/rundown.js';
import { say } from '../core/words.js';
import { el, make, show, write } from './page.js';

export class StepsCard {
  /** @param {import('../core/classroom.js').Classroom} classroom */
  constructor(classroom) {
    /** @private */
    this.classroom = classroom;
    /** @private the steps that are listed */
    this.listed = '';
  }

  render() {
    const rundown = this.classroom.get('rundown');
    const shown = Boolean(rundown && (rundown.steps.length > 0 || rundown.sheet));
    show(el('steps'), shown);
    show(el('bar-steps'), shown);
    if (!shown) return;
    const { number, of, step, next, spent } = standing(rundown, this.classroom.now());
    const minutes = Math.floor(spent / 60000);
    write(el('steps-where'), !of ? '' : number ? say('desk.steps.where', { number, of }) + (minutes ? ' · ' + say('desk.steps.since', { n: minutes }) : '') : say('desk.steps.none'));
    write(el('steps-now'), step ? step.title : '');
    write(el('steps-detail'), (step && step.detail) || '');
    show(el('steps-detail'), Boolean(step && step.detail));
    write(el('steps-next'), next ? say('desk.steps.next', { title: next.title }) : number ? say('desk.steps.last') : '');
    this.renderSheet(rundown.sheet);
    this.renderAll(rundown);
  }

  /** @private @param {any} sheet */
  renderSheet(sheet) {
    show(el('sheet-box'), Boolean(sheet));
    if (!sheet) return;
    if (el('sheet').getAttribute('href') !== sheet.url) el('sheet').setAttribute('href', sheet.url);
    write(el('sheet-words'), say('desk.steps.sheet', { title: sheet.title }));
  }

  /** @private @param {any} rundown */
  renderAll(rundown) {
    const key = JSON.stringify([rundown.steps, rundown.current]);
    show(el('steps-box'), rundown.steps.length > 0);
    if (key === this.listed) return;
    this.listed = key;
    const list = el('steps-all');
    list.textContent = '';
    rundown.steps.forEach((/** @type {any} */ step, /** @type {number} */ i) => {
      const title = make('span.steps-title', null, [step.title]);
      const item = make('li', null, [title, ...(step.minutes ? [' ', make('span.hint', null, [say('desk.steps.minutes', { n: step.minutes })])] : [])]);
      if (i + 1 === rundown.current) item.setAttribute('aria-current', 'step');
      list.append(item);
    });
  }
}
