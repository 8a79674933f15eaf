// How many people are in the room: counted by a person, with − and + or a typed number. Never by the page.

import { say } from '../core/words.js';
import { el, write } from './page.js';

const MOST = 999;
const QUIET = 700; // ms after the last tap: a hand that counts to twelve tells the house once
const TOLD = 6000;

export class PeopleCounter {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./news.js').News} news */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private @type {HTMLInputElement} */
    this.field = el('people');
    /** @private what this hand has counted and the house has not confirmed; null: what the house says @type {number | null} */
    this.counted = null;
    /** @private */
    this.timer = 0;
    /** @private */
    this.saidTimer = 0;
    el('people-fewer').addEventListener('click', () => this.step(-1));
    el('people-more').addEventListener('click', () => this.step(1));
    this.field.addEventListener('input', () => this.typed());
    this.field.addEventListener('change', () => this.send());
    this.field.addEventListener('keydown', (event) => this.key(event));
    this.field.addEventListener('focus', () => this.field.select());
    this.field.addEventListener('blur', () => { this.send(); this.render(); });
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') this.send(); });
  }

  /** @private @returns {number | undefined} what the house knows */
  known() {
    const you = this.classroom.get('you');
    const site = you && this.classroom.get('site/' + you.site);
    return site ? site.people : undefined;
  }

  /** @private @param {number} by */
  step(by) {
    const now = this.counted === null ? this.known() || 0 : this.counted;
    this.count(now + by);
  }

  /** @private */
  typed() {
    const digits = this.field.value.replace(/\D/g, '').slice(0, 3);
    if (digits !== this.field.value) this.field.value = digits;
    if (digits !== '') this.count(Number(digits));
  }

  /** Arrows count too, as in every counter. @private @param {KeyboardEvent} event */
  key(event) {
    const by = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    if (event.key === 'Enter') this.send();
    if (!by) return;
    event.preventDefault();
    this.step(by);
  }

  /** @private @param {number} people */
  count(people) {
    this.counted = Math.max(0, Math.min(MOST, people));
    this.render();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.send(), QUIET);
  }

  /** @private */
  send() {
    clearTimeout(this.timer);
    const people = this.counted;
    if (people === null) return;
    const done = () => { if (this.counted === people) this.counted = null; this.render(); };
    this.classroom.do({ name: 'count-people', people: String(people) }).then(
      () => { done(); this.tell(people); },
      (error) => { done(); this.news.refusal(error); },
    );
  }

  /** @private @param {number} people */
  tell(people) {
    clearTimeout(this.saidTimer);
    write(el('people-said'), say('desk.people.sent', { n: people }));
    this.saidTimer = window.setTimeout(() => write(el('people-said'), ''), TOLD);
  }

  render() {
    const people = this.counted === null ? this.known() : this.counted;
    const text = people === undefined ? '' : String(people);
    const typing = document.activeElement === this.field && this.field.value === '';
    if (this.field.value !== text && !typing) this.field.value = text;
  }
}
