// The board of the régie: a column for each state, at most thirty cards in each, and what can be done with a question there.
// A card is drawn again only when the house said something new of its question, or when its minutes changed.

import { column } from '../core/board.js';
import { minutesSince } from '../core/trays.js';
import { say } from '../core/words.js';
import { el, make, show, write } from './page.js';
import { picto } from './picto.js';
import { handOf, placeOf, textOf, waiting } from './question-words.js';
import { SteadyList } from './steady.js';

/** What may be done where: [act, look]. @type {Record<string, [string, string][]>} */
const ACTS = {
  toSort: [['approve', 'primary'], ['merge', ''], ['later', ''], ['answer', 'quiet'], ['decline', 'quiet'], ['suspend', 'quiet']],
  toAsk: [['merge', ''], ['later', ''], ['answer', 'quiet'], ['decline', 'quiet']],
  onAir: [['answered', 'primary'], ['later', ''], ['reopen', 'quiet']],
  later: [['reopen', ''], ['answer', '']],
  answered: [['reopen', '']],
  declined: [['reopen', '']],
};
/** Each act's drawing, the same as that of the fate it brings. @type {Record<string, string>} */
export const DRAWINGS = { approve: 'done', merge: 'people', later: 'later', answer: 'reply', decline: 'decline', suspend: 'pause', answered: 'reply', reopen: 'retry' };
const FOLDED = ['later', 'answered', 'declined'];

export class Trays {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./control-acts.js').Acts} acts */
  constructor(classroom, acts) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.acts = acts;
    /** @private what each card shows: its question as it was, and its minutes @type {WeakMap<HTMLElement, {q: any, minutes: number}>} */
    this.drawn = new WeakMap();
    /** @private @type {Map<string, SteadyList<any>>} */
    this.lists = new Map(Object.keys(ACTS).map((name) => [name, this.list(name)]));
  }

  /** @private @param {string} name @returns {SteadyList<any>} */
  list(name) {
    return new SteadyList(el(name), {
      keyOf: (q) => q.id,
      create: (q) => this.card(q, name),
      update: (element, q) => this.update(element, q, name),
    });
  }

  /** @param {Record<string, any[]>} sorted */
  render(sorted) {
    for (const [name, list] of this.lists) {
      const questions = sorted[name] || [];
      const { shown, more } = column(questions);
      list.show(shown);
      write(el(name + '-more'), more ? say('control.others', { n: more }) : '');
      if (FOLDED.indexOf(name) >= 0) show(el(name + '-box'), questions.length > 0);
      else show(el(name + '-empty'), questions.length === 0);
      if (name !== 'onAir') write(el(name + '-count'), questions.length ? String(questions.length) : '');
    }
    el('air-box').classList.toggle('lit', (sorted.onAir || []).length > 0);
  }

  /** @private @param {any} q @param {string} tray @returns {HTMLElement} */
  card(q, tray) {
    const wanted = /** @type {[string, string][]} */ (ACTS[tray]).filter(([name]) => name !== 'suspend' || q.site);
    const buttons = wanted.map(([name, look]) => {
      const button = make('button.small' + (look ? '.' + look : ''), { type: 'button', 'data-act': name }, [picto(DRAWINGS[name]), say('control.act.' + name)]);
      button.addEventListener('click', () => this.acts.act(name, q.id));
      return button;
    });
    return make('li.question', { tabindex: '-1' }, [make('p.from'), make('p.text'), make('p.more.merged'), make('p.more.answer'), make('p.more.hand'), make('div.row.acts', null, buttons)]);
  }

  /** @private @param {HTMLElement} card @param {any} q @param {string} tray */
  update(card, q, tray) {
    const minutes = minutesSince(q.askedAt, this.classroom.now());
    const before = this.drawn.get(card);
    if (before && before.q === q && before.minutes === minutes) return;
    this.drawn.set(card, { q, minutes });
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (card.querySelector('.' + name));
    card.dataset.state = q.state;
    write(part('from'), [placeOf(q), FOLDED.indexOf(tray) < 0 && tray !== 'onAir' ? waiting(minutes) : '', turnOf(q, tray)].filter(Boolean).join(' · '));
    write(part('text'), textOf(q));
    write(part('answer'), outcome(q));
    write(part('hand'), handOf(q));
    this.merged(part('merged'), q.merged || []);
  }

  /** The questions that joined this one, each room by its name; the last one has a way out. @private @param {HTMLElement} line @param {any[]} merged */
  merged(line, merged) {
    const key = merged.map((m) => m.id).join(' ');
    if (line.dataset.key === key) return;
    line.dataset.key = key;
    line.textContent = '';
    if (!merged.length) return;
    const sites = merged.map((m) => m.siteName || say('question.place.home-alone')).join(', ');
    line.append(say('control.merged', { n: merged.length, sites }), ' ');
    const out = make('button.small.quiet', { type: 'button', 'data-act': 'unmerge' }, [say('control.unmerge')]);
    out.addEventListener('click', () => this.acts.act('reopen', merged[merged.length - 1].id));
    line.append(out);
  }
}

/** @param {any} q @param {string} tray */
function turnOf(q, tray) {
  if (tray !== 'toAsk' || typeof q.ahead !== 'number') return '';
  return q.ahead === 0 ? say('control.turn.first') : say('control.turn', { n: q.ahead });
}

/** @param {any} q */
function outcome(q) {
  if (q.answer) return say('control.answer-given', { text: q.answer });
  return q.reason ? say('question.declined.' + q.reason) : '';
}
