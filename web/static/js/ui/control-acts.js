// What the régie does with a question: a tap, or a small dialog where something is to be chosen or written. Two people may sit
// here: what the other has done just before is not done twice, and is said.

import { alike, otherHand } from '../core/board.js';
import { say } from '../core/words.js';
import { choiceSearch, FIRST_CHOICES } from './choices.js';
import { openDialog } from './dialog.js';
import { make, write } from './page.js';
import { handOf, placeOf, reasons, textOf } from './question-words.js';

const LONGEST_ANSWER = 1000;
const MOST_CHOICES = 200; // questions offered to merge with
const FRESH = 1000; // ms for the change that explains a refusal

/** What a question is once an act on it is done. @type {Record<string, string>} */
const BECOMES = { approve: 'approved', merge: 'merged', later: 'later', answer: 'answered', decline: 'declined', reopen: 'approved' };

export class Acts {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./news.js').News} news */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
  }

  /** @param {string} name @param {string} id  of the question */
  act(name, id) {
    switch (name) {
      case 'merge': return this.merge(id);
      case 'answer': return this.answer(id);
      case 'decline': return this.decline(id);
      case 'suspend': return this.suspend(id);
      case 'answered': return this.send('answer', id);
      default: return this.send(name, id);
    }
  }

  /** A tap: what comes of it shows, or is said. @private @param {string} name @param {string} id */
  send(name, id) {
    this.ask(name, id).catch((error) => this.failed(error, id));
  }

  /** @private @param {string} name @param {string} id @param {Record<string, string>} [more] @returns {Promise<unknown>} */
  ask(name, id, more) {
    return this.classroom.do(Object.assign({ name, question: id }, more)).then((seq) => { this.tellOther(name, id, seq); });
  }

  /**
   * The same act, done a moment before by somebody else: nothing was done twice. Only the state that holds this act can tell.
   * @private @param {string} name @param {string} id @param {number} seq  what the act was answered with
   */
  tellOther(name, id, seq) {
    this.classroom.reach(seq).then(() => {
      const q = this.classroom.get('question/' + id);
      if (q && q.state === BECOMES[name]) this.tellHand(q);
    });
  }

  /**
   * A question that is no longer what the tap was about: the change that says why may come after the refusal.
   * @private @param {any} error @param {string} id
   */
  failed(error, id) {
    if (!error || error.code !== 'question-state') return this.news.refusal(error);
    const before = this.classroom.get('question/' + id);
    const timer = window.setTimeout(() => end(), FRESH);
    const end = () => {
      clearTimeout(timer);
      off();
      if (!this.tellHand(this.classroom.get('question/' + id))) this.news.refusal(error);
    };
    const off = this.classroom.on('change', () => { if (this.classroom.get('question/' + id) !== before) end(); });
    return undefined;
  }

  /** Says whose hand a question passed last, when it was another's. @private @param {any} q @returns {boolean} */
  tellHand(q) {
    const what = q && otherHand(q.by, this.classroom.get('you')) ? handOf(q) : '';
    if (what) this.news.tell(say('control.done-before', { what }));
    return what !== '';
  }

  /** The question a tap was about has just left. @private */
  missed() {
    this.news.tell(say('common.failed'));
  }

  /** @private @param {string} id */
  decline(id) {
    const choices = reasons().map((r) => ({ text: r.text, act: () => this.ask('decline', id, { reason: r.reason }) }));
    openDialog({ title: say('control.decline.title'), body: [say('control.decline.text')], stacked: true, late: (error) => this.failed(error, id),
      choices: [...choices, { text: say('control.cancel'), look: 'quiet' }] });
  }

  /** @private @param {string} id */
  suspend(id) {
    const q = this.classroom.get('question/' + id);
    if (!q || !q.site) return this.missed();
    const site = q.siteName || q.site;
    return void openDialog({ title: say('control.suspend.title', { site }), body: [say('control.suspend.text')], late: (error) => this.news.refusal(error), choices: [
      { text: say('control.suspend.yes'), act: () => this.classroom.do({ name: 'suspend-site', site: q.site }).then(() => this.news.tell(say('control.suspend.done', { site }))) },
      { text: say('control.cancel'), look: 'primary' },
    ] });
  }

  /** Those that look alike come first; typing finds any other. @private @param {string} id */
  merge(id) {
    const mine = this.classroom.get('question/' + id);
    if (!mine) return this.missed();
    const others = alike(mine, this.classroom.all('question/'), MOST_CHOICES);
    const choices = others.map((q) => ({ text: textOf(q) + ' (' + placeOf(q) + ')', act: () => this.ask('merge', id, { into: q.id }) }));
    const text = say(others.length ? 'control.merge.text' : 'control.merge.none', { text: textOf(mine) });
    const { field, sieve } = choiceSearch('control.merge.search', 'control.merge.nothing');
    openDialog({ title: say('control.merge.title'), body: others.length > FIRST_CHOICES ? [text, field] : [text], stacked: true, late: (error) => this.failed(error, id),
      choices: [...choices, { text: say('control.cancel'), look: 'quiet' }] });
    return sieve(choices.length);
  }

  /** @private @param {string} id */
  answer(id) {
    const q = this.classroom.get('question/' + id);
    if (!q) return this.missed();
    const field = /** @type {HTMLTextAreaElement} */ (make('textarea', { id: 'answer-text', rows: '4', maxlength: String(LONGEST_ANSWER), 'aria-describedby': 'answer-error' }));
    if (q.answer) field.value = q.answer;
    const error = make('p.field-error', { id: 'answer-error', role: 'alert' });
    const all = /** @type {HTMLInputElement} */ (make('input', { type: 'radio', name: 'answer-to', value: 'all' }));
    const send = () => {
      const text = field.value.trim().normalize('NFC');
      write(error, text ? '' : say('control.answer.empty'));
      return text ? this.ask('answer', id, all.checked ? { text, to: 'all' } : { text }) : false;
    };
    openDialog({
      late: (refusal) => this.failed(refusal, id),
      title: say('control.answer.title'),
      body: [make('p', null, [make('strong', null, [textOf(q)])]),
        make('div', null, [make('label', { for: 'answer-text' }, [say('control.answer.label')]), field, error]), whom(q, all)],
      choices: [{ text: say('control.answer.send'), look: 'primary', act: send }, { text: say('control.cancel'), look: 'quiet' }],
    });
    return undefined;
  }
}

/** Whom a written answer is for: who asked, or every room. @param {any} q @param {HTMLElement} all @returns {HTMLElement} */
function whom(q, all) {
  const one = make('input', { type: 'radio', name: 'answer-to', value: '', checked: '' });
  const choice = (/** @type {HTMLElement} */ input, /** @type {string} */ text, /** @type {string} */ hint) =>
    make('label.choice', null, [input, make('span', null, [text, make('small', null, [hint])])]);
  return make('fieldset.grid.tight', null, [make('legend.label', null, [say('control.answer.to')]),
    choice(one, placeOf(q), say('control.answer.to-one')), choice(all, say('control.answer.to-all'), say('control.answer.to-all.hint'))]);
}
