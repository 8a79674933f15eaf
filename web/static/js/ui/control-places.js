// The rooms, as the régie sees them: the worst beside the board, the whole wall below when it is opened, and those whose
// questions are stopped.

import { say } from '../core/words.js';
import { el, make, write } from './page.js';
import { showAbove, SteadyList } from './steady.js';
import { Wall } from './wall.js';

export class Places {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./news.js').News} news */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    const onSee = (/** @type {import('./wall.js').See} */ what) => this.see(what);
    /** @private */
    this.strip = new Wall(el('wall'), { compact: true, onSee });
    /** @private */
    this.whole = new Wall(el('places'), { quiet: true, onSee });
    /** @private @type {SteadyList<any>} */
    this.suspended = new SteadyList(el('suspended'), { keyOf: (s) => s.id, create: (s) => this.row(s), update: (row, s) => write(/** @type {Element} */ (row.querySelector('.from')), [s.name, s.town].filter(Boolean).join(', ')) });
    /** @private */
    this.box = /** @type {HTMLDetailsElement} */ (el('places-box'));
    this.box.addEventListener('toggle', () => this.render());
  }

  render() {
    if (!this.classroom.known) return;
    this.strip.show(this.classroom);
    if (this.box.open) this.whole.show(this.classroom);
    const suspended = this.classroom.all('site/').filter((s) => s.suspended);
    showAbove(el('suspended-box'), suspended.length > 0);
    this.suspended.show(suspended);
  }

  /** @private @param {any} site */
  row(site) {
    const allow = make('button.small', { type: 'button', 'data-act': 'allow-site' }, [say('control.allow')]);
    allow.addEventListener('click', () => {
      this.classroom.do({ name: 'allow-site', site: site.id }).then(() => this.news.tell(say('control.allow.done', { site: site.name })), (error) => this.news.refusal(error));
    });
    return make('li.question', { tabindex: '-1' }, [make('p.from'), make('div.row.acts', null, [allow])]);
  }

  /** @private @param {import('./wall.js').See} what */
  see(what) {
    this.classroom.do(Object.assign({ name: 'see-pace' }, what)).catch((error) => this.news.refusal(error));
  }
}
