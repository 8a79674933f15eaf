// The trays of the régie and what can be done with a question in each.

import { minutesSince } from '../core/trays.js';
import { say } from '../core/words.js';
import { openDialog } from './dialog.js';
import { el, make, show, write } from './page.js';
import { placeOf, reasons, waiting } from './question-words.js';
import { SteadyList } from './steady.js';

const LONGEST_ANSWER = 1000;

/** What may be done where: [act, look]. @type {Record<string, [string, string][]>} */
const ACTS = {
  toSort: [['approve', 'primary'], ['merge', ''], ['later', ''], ['answer', ''], ['decline', 'quiet']],
  toAsk: [['merge', ''], ['later', ''], ['answer', ''], ['decline', 'quiet']],
  onAir: [['answered', 'primary'], ['later', ''], ['reopen', 'quiet']],
  later: [['reopen', ''], ['answer', '']],
  answered: [['reopen', '']],
  declined: [['reopen', '']],
};
const FOLDED = ['later', 'answered', 'declined'];

export class Trays {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./news.js').News} news */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private @type {Map<string, SteadyList<any>>} */
    this.lists = new Map(Object.keys(ACTS).map((name) => [name, this.list(name)]));
  }

  /** @private @param {string} name @returns {SteadyList<any>} */
  list(name) {
    return new SteadyList(el(name), {
      keyOf: (q) => q.id,
      create: (q) => this.row(q, name),
      update: (element, q) => this.update(element, q, name),
    });
  }

  /** @param {Record<string, any[]>} sorted */
  render(sorted) {
    for (const [name, list] of this.lists) {
      const questions = sorted[name] || [];
      list.show(questions);
      if (FOLDED.indexOf(name) >= 0) show(el(name + '-box'), questions.length > 0);
      else show(el(name + '-empty'), questions.length === 0);
      if (name !== 'onAir') write(el(name + '-count'), questions.length ? String(questions.length) : '');
    }
    el('air-box').classList.toggle('lit', (sorted.onAir || []).length > 0);
  }

  /** @private @param {any} q @param {string} tray @returns {HTMLElement} */
  row(q, tray) {
    const buttons = /** @type {[string, string][]} */ (ACTS[tray]).map(([name, look]) => {
      const button = make('button.small' + (look ? '.' + look : ''), { type: 'button', 'data-act': name }, [say('control.act.' + name)]);
      button.addEventListener('click', () => this.act(name, q.id));
      return button;
    });
    const merged = make('p.more.merged');
    return make('li.question', { tabindex: '-1' }, [make('p.from'), make('p.text'), merged, make('p.more.answer'), make('div.row.acts', null, buttons)]);
  }

  /** @private @param {HTMLElement} row @param {any} q @param {string} tray */
  update(row, q, tray) {
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (row.querySelector('.' + name));
    row.dataset.state = q.state;
    write(part('from'), [placeOf(q), this.clock(q, tray)].filter(Boolean).join(' · '));
    write(part('text'), q.erased ? say('control.erased') : q.text);
    write(part('answer'), this.outcome(q));
    this.merged(part('merged'), q.merged || []);
  }

  /** @private @param {any} q @param {string} tray */
  clock(q, tray) {
    if (tray === 'toSort') return waiting(minutesSince(q.askedAt, this.classroom.now()));
    if (tray !== 'toAsk' || typeof q.ahead !== 'number') return '';
    return q.ahead === 0 ? say('control.turn.first') : say('control.turn', { n: q.ahead });
  }

  /** @private @param {any} q */
  outcome(q) {
    if (q.answer) return say('control.answer-given', { text: q.answer });
    return q.reason ? say('question.declined.' + q.reason) : '';
  }

  /** The questions that joined this one, each with a way out. @private @param {HTMLElement} line @param {any[]} merged */
  merged(line, merged) {
    const key = merged.map((m) => m.id).join(' ');
    if (line.dataset.key === key) return;
    line.dataset.key = key;
    line.textContent = '';
    if (!merged.length) return;
    const sites = merged.map((m) => m.siteName || say('question.place.home-alone')).join(', ');
    line.append(say('control.merged', { n: merged.length, sites }), ' ');
    const out = make('button.small.quiet', { type: 'button', 'data-act': 'unmerge' }, [say('control.unmerge')]);
    out.addEventListener('click', () => this.send('reopen', merged[merged.length - 1].id));
    line.append(out);
  }

  /** @param {string} name @param {string} id */
  act(name, id) {
    switch (name) {
      case 'merge': return this.merge(id);
      case 'answer': return this.answer(id);
      case 'decline': return this.decline(id);
      case 'answered': return this.send('answer', id);
      default: return this.send(name, id);
    }
  }

  /** A tap: what comes of it shows, or is said. @private @param {string} name @param {string} question */
  send(name, question) {
    this.ask(name, question).catch((error) => this.news.refusal(error));
  }

  /** @private @param {string} name @param {string} question @param {Record<string, string>} [more] @returns {Promise<unknown>} */
  ask(name, question, more) {
    return this.classroom.do(Object.assign({ name, question }, more));
  }

  /** The question a tap was about has just left. @private */
  missed() {
    this.news.tell(say('common.failed'));
  }

  /** @private @param {string} id */
  decline(id) {
    const choices = reasons().map((r) => ({ text: r.text, act: () => this.ask('decline', id, { reason: r.reason }) }));
    openDialog({ title: say('control.decline.title'), body: [say('control.decline.text')], stacked: true, late: (error) => this.news.refusal(error),
      choices: [...choices, { text: say('control.cancel'), look: 'quiet' }] });
  }

  /** @private @param {string} id */
  merge(id) {
    const mine = this.classroom.get('question/' + id);
    if (!mine) return this.missed();
    const others = this.classroom.all('question/').filter((q) => q.id !== id && ['relayed', 'approved', 'on-air'].indexOf(q.state) >= 0);
    const choices = others.map((q) => ({ text: q.text + ' (' + placeOf(q) + ')', act: () => this.ask('merge', id, { into: q.id }) }));
    const text = say(others.length ? 'control.merge.text' : 'control.merge.none', { text: mine.text });
    openDialog({ title: say('control.merge.title'), body: [text], stacked: true, late: (error) => this.news.refusal(error),
      choices: [...choices, { text: say('control.cancel'), look: 'quiet' }] });
    return undefined;
  }

  /** @private @param {string} id */
  answer(id) {
    const q = this.classroom.get('question/' + id);
    if (!q) return this.missed();
    const field = /** @type {HTMLTextAreaElement} */ (make('textarea', { id: 'answer-text', rows: '4', maxlength: String(LONGEST_ANSWER), 'aria-describedby': 'answer-error' }));
    const error = make('p.field-error', { id: 'answer-error', role: 'alert' });
    const send = () => {
      const text = field.value.trim().normalize('NFC');
      write(error, text ? '' : say('control.answer.empty'));
      return text ? this.ask('answer', id, { text }) : false;
    };
    openDialog({
      late: (error) => this.news.refusal(error),
      title: say('control.answer.title'),
      body: [make('p', null, [make('strong', null, [q.text])]), say('control.answer.text'),
        make('div', null, [make('label', { for: 'answer-text' }, [say('control.answer.label')]), field, error])],
      choices: [{ text: say('control.answer.send'), look: 'primary', act: send }, { text: say('control.cancel'), look: 'quiet' }],
    });
    return undefined;
  }
}
