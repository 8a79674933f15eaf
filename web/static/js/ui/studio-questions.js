// The right side of the studio on air: the question on air, the next ones, and those to sort when nobody holds the régie.

import { minutesSince, sortTrays } from '../core/trays.js';
import { say } from '../core/words.js';
import { openDialog } from './dialog.js';
import { el, make, show, write } from './page.js';
import { shifted, steadily, SteadyList } from './steady.js';
import { placeOf, reasons, textOf, waiting } from './question-words.js';

const NEXT = 5;
const SORTED = 12; // of those to sort: what a person looks through; the others come in their turn

export class Questions {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./news.js').News} news */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private the question on air */
    this.current = '';
    /** how many wait for the mediator */
    this.waiting = 0;
    /** @private */
    this.next = this.list('next', [['take', 'primary'], ['later', '']]);
    /** @private */
    this.sort = this.list('sort', [['take', 'primary'], ['approve', ''], ['later', ''], ['decline', 'quiet']]);
    /** Draws again, once no finger is down. */
    this.render = steadily(() => this.draw());
    el('now-answered').addEventListener('click', () => this.answered());
    el('now-later').addEventListener('click', () => this.act('later', this.current));
    el('now-back').addEventListener('click', () => this.act('reopen', this.current));
  }

  /** @private @param {string} id @param {[string, string][]} acts  command, look @returns {SteadyList<any>} */
  list(id, acts) {
    return new SteadyList(el(id), {
      keyOf: (q) => q.id,
      create: (q) => this.row(q, acts),
      update: (element, q) => this.update(element, q),
    });
  }

  /** @private @param {any} q @param {[string, string][]} acts */
  row(q, acts) {
    const buttons = acts.map(([name, look]) => {
      const button = make('button.small', { type: 'button', 'data-act': name }, [say('studio.act.' + name)]);
      if (look) button.classList.add(look);
      button.addEventListener('click', () => (name === 'decline' ? this.decline(q.id) : this.act(name, q.id)));
      return button;
    });
    const from = make('p.from', null, [make('span.from-place'), make('span.from-wait')]);
    return make('li.question.compact', { tabindex: '-1' }, [from, make('p.text'), make('div.row.acts', null, buttons)]);
  }

  /** @private @param {HTMLElement} element @param {any} q */
  update(element, q) {
    const minutes = minutesSince(q.askedAt, this.classroom.now());
    write(/** @type {Element} */ (element.querySelector('.from-place')), q.from === 'home' ? placeOf(q) : q.siteName || placeOf(q));
    write(/** @type {Element} */ (element.querySelector('.from-wait')), minutes < 1 ? waiting(0) : say('studio.next.wait', { n: minutes }));
    write(/** @type {Element} */ (element.querySelector('.text')), textOf(q));
    element.dataset.state = q.state;
  }

  /** @private @param {string} name @param {string} question @param {Record<string, string>} [more] */
  act(name, question, more) {
    if (question) this.ask(name, question, more).catch((error) => this.news.refusal(error));
    else this.news.tell(say('studio.now.none'));
  }

  /** @private @param {string} name @param {string} question @param {Record<string, string>} [more] @returns {Promise<unknown>} */
  ask(name, question, more) {
    return this.classroom.do(Object.assign({ name, question }, more));
  }

  /** @private @param {string} id */
  decline(id) {
    const choices = reasons().map((r) => ({ text: r.text, act: () => this.ask('decline', id, { reason: r.reason }) }));
    openDialog({ title: say('studio.decline.title'), body: [say('studio.decline.text')], stacked: true, late: (error) => this.news.refusal(error),
      choices: [...choices, { text: say('studio.decline.cancel'), look: 'quiet' }] });
  }

  /** Closes the question on air. */
  answered() {
    this.act('answer', this.current);
  }

  /** The first of the next ones, or of those to sort when the studio sorts. */
  takeNext() {
    const trays = sortTrays(this.classroom.all('question/'));
    const first = trays.toAsk[0] || (this.sorts() ? trays.toSort[0] : null);
    if (first) this.act('take', first.id);
    else this.news.tell(say('studio.next.none'));
  }

  /** Nobody holds the régie: the mediator sorts. @private */
  sorts() {
    const presence = this.classroom.get('presence');
    return Boolean(presence) && !presence.moderators;
  }

  /** @private */
  draw() {
    const trays = sortTrays(this.classroom.all('question/'));
    this.renderNow();
    this.next.show(trays.toAsk.slice(0, NEXT));
    this.waiting = trays.toAsk.length + (this.sorts() ? trays.toSort.length : 0);
    show(el('next-more'), trays.toAsk.length > NEXT);
    write(el('next-more'), say('studio.next.more', { n: trays.toAsk.length - NEXT }));
    write(el('next-count'), trays.toAsk.length ? String(trays.toAsk.length) : '');
    show(el('next-empty'), trays.toAsk.length === 0);
    const mine = this.sorts();
    this.sort.show(mine ? trays.toSort.slice(0, SORTED) : []);
    show(el('sort-more'), mine && trays.toSort.length > SORTED);
    write(el('sort-more'), say('studio.next.more', { n: trays.toSort.length - SORTED }));
    show(el('sort-tray'), trays.toSort.length > 0);
    write(el('sort-count'), String(trays.toSort.length));
    write(el('sort-hint'), say(mine ? 'studio.sort.mine' : 'studio.sort.control'));
  }

  /** @private */
  renderNow() {
    const card = this.classroom.get('card');
    const id = card ? card.question : '';
    if (el('now-card').hidden === Boolean(card)) shifted();
    show(el('now-empty'), !card);
    show(el('now-card'), Boolean(card));
    el('now').classList.toggle('lit', Boolean(card));
    if (card) {
      write(el('now-from'), placeOf(card));
      const wordless = card.wordless && !card.text;
      write(el('now-text'), textOf(card));
      el('now-text').classList.toggle('long', textOf(card).length > 140);
      write(el('now-aloud-word'), say(wordless ? 'studio.now.hand' : 'studio.now.aloud'));
    }
    if (!card && el('now').contains(document.activeElement)) el('now-title').focus({ preventScroll: true });
    this.current = id;
  }
}
