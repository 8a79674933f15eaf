// The question of now on the phone: the one on air with « Répondue », else the next one with « À l'antenne ».

import { sortTrays } from '../core/trays.js';
import { say } from '../core/words.js';
import { el, show, write } from './page.js';
import { repaint } from './picto.js';
import { placeOf, textOf } from './question-words.js';
import { Aim, steadily } from './steady.js';

export class Question {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('./news.js').News} news
   */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private what the button does now */
    this.now = { name: '', question: '' };
    /** @private a tap right after the question has changed was aimed at the one that stood there */
    this.aim = new Aim(el('question-act'));
    this.render = steadily(() => this.draw());
    el('question-act').addEventListener('click', () => this.act());
  }

  /** @private */
  act() {
    if (this.now.question) this.classroom.do({ ...this.now }).catch((error) => this.news.refusal(error));
  }

  /** @private @returns {any[]} the next ones; those to sort as well, when nobody holds the régie */
  waiting() {
    const trays = sortTrays(this.classroom.all('question/'));
    const presence = this.classroom.get('presence');
    return presence && !presence.moderators ? trays.toAsk.concat(trays.toSort) : trays.toAsk;
  }

  /** @private */
  draw() {
    const card = this.classroom.get('card');
    const waiting = this.waiting();
    const next = waiting[0];
    this.become(card ? { name: 'answer', question: card.question } : { name: 'take', question: next ? next.id : '' });
    write(el('question-title'), say(card ? 'phone.question.now' : next ? 'phone.question.next' : 'phone.question.none-title'));
    el('now').classList.toggle('lit', Boolean(card));
    const after = waiting.length - (card ? 0 : 1);
    show(el('question-after'), after > 0);
    write(el('question-after'), say('phone.question.after', { n: after }));
    this.drawOne(card || next, Boolean(card));
  }

  /** @private @param {any} shown  a card or a question; undefined for none @param {boolean} onair */
  drawOne(shown, onair) {
    for (const id of ['question-from', 'question-text', 'question-act']) show(el(id), Boolean(shown));
    const wordless = Boolean(shown && shown.wordless && !shown.text);
    show(el('question-aloud'), Boolean(shown) && !wordless);
    if (!shown) return;
    write(el('question-from'), placeOf(shown));
    write(el('question-text'), textOf(shown));
    repaint(/** @type {Element} */ (el('question-act').firstElementChild), onair ? 'reply' : 'on-air');
    write(el('question-act-word'), say(onair ? 'phone.question.answered' : 'phone.question.take'));
    el('question-act').dataset.act = this.now.name;
  }

  /** @private @param {{name: string, question: string}} now */
  become(now) {
    this.now = now;
    this.aim.follow(now.name + ' ' + now.question);
  }
}
