// Timed work in the room: what is to be done, how long is left, and « Fini » or « Encore 2 min ».

import { leftOf, runs } from '../core/exercise.js';
import { say } from '../core/words.js';
import { announce } from './news.js';
import { el, show, write } from './page.js';
import { shifted } from './steady.js';

const AFTER = 90000; // ms the word of its end stays

export class ExerciseCard {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./news.js').News} news */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private of the exercise that was read aloud, and whether it ran then */
    this.told = '';
    /** @private what a finger has just pressed, until the house answers @type {string | null} */
    this.asked = null;
    for (const button of this.buttons()) button.addEventListener('click', () => this.report(button));
    window.setInterval(() => this.tick(), 1000);
  }

  /** @private @returns {HTMLElement[]} */
  buttons() {
    return /** @type {HTMLElement[]} */ (Array.from(el('exercise-acts').querySelectorAll('[data-report]')));
  }

  /** A second tap takes it back. @private @param {HTMLElement} button */
  report(button) {
    const report = button.getAttribute('aria-pressed') === 'true' ? 'none' : button.dataset.report || 'none';
    this.asked = report;
    this.render();
    const done = () => { if (this.asked === report) this.asked = null; this.render(); };
    this.classroom.do({ name: 'report-exercise', report }).then(done, (error) => { done(); this.news.refusal(error); });
  }

  render() {
    const exercise = this.classroom.get('exercise');
    const on = runs(exercise);
    const shown = Boolean(exercise) && (on || this.classroom.now() - Date.parse(exercise.endedAt) < AFTER);
    if (el('exercise').hidden === shown) shifted();
    show(el('exercise'), shown);
    if (!shown) return;
    write(el('exercise-text'), exercise.instruction);
    for (const id of ['exercise-text', 'exercise-acts', 'exercise-said']) show(el(id), on);
    this.renderReport(on);
    this.tick();
    const told = exercise.number + (on ? '' : '.end');
    if (told === this.told) return;
    this.told = told;
    announce(el('exercise-told'), on ? say('desk.exercise.begins', { text: exercise.instruction }) : say('desk.exercise.ended'));
  }

  /** @private @param {boolean} on */
  renderReport(on) {
    const you = this.classroom.get('you');
    const site = (you && this.classroom.get('site/' + you.site)) || {};
    const report = this.asked === null ? site.report || 'none' : this.asked;
    for (const button of this.buttons()) button.setAttribute('aria-pressed', String(button.dataset.report === report));
    write(el('exercise-said'), on && this.asked === null && report !== 'none' ? say('desk.exercise.told.' + report) : '');
  }

  /** @private */
  tick() {
    const exercise = this.classroom.get('exercise');
    if (el('exercise').hidden || !exercise) return;
    const left = runs(exercise) ? leftOf(exercise, this.classroom.now()) : 0;
    write(el('exercise-left'), !runs(exercise) ? say('desk.exercise.ended') : left > 0 ? say('desk.exercise.left', { left: clockOf(left) }) : say('desk.exercise.over'));
  }
}

/** @param {number} ms @returns {string} « 4:20 » */
function clockOf(ms) {
  const seconds = Math.ceil(ms / 1000);
  return Math.floor(seconds / 60) + ':' + String(100 + (seconds % 60)).slice(1);
}
