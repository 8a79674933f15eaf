// Timed work: the instruction and the minutes before, the countdown and the rooms' answers while it runs.

import { answersOf, extension, leftOf, numberOf, runs } from '../core/exercise.js';
import { exerciseOf, standing } from '../core/rundown.js';
import { say } from '../core/words.js';
import { announce } from './news.js';
import { openDialog } from './dialog.js';
import { el, follow, make, show, write } from './page.js';
import { span } from './span.js';
import { Speak } from './speak.js';
import { showAbove } from './steady.js';

const MORE = '2'; // minutes of one press

export class Exercise {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('./news.js').News} news
   */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    this.speak = new Speak(classroom, news, 'studio.exercise.');
    /** @private the exercise whose time was said to be over */
    this.toldOver = 0;
    el('exercise-form').addEventListener('submit', (event) => { event.preventDefault(); this.start(); });
    /** @private the instruction that a step has given: what a person typed is not replaced without a word */
    this.given = '';
    el('exercise-step').addEventListener('click', () => this.offer(this.stepOfNow()));
    el('exercise-more').addEventListener('click', () => this.ask(extension(this.classroom.get('exercise'), MORE)));
    el('exercise-end').addEventListener('click', () => this.end());
  }

  /** @private @param {import('../core/classroom.js').Command} command @returns {Promise<unknown>} */
  ask(command) {
    return this.classroom.do(command).catch((error) => this.news.refusal(error));
  }

  /** @private */
  start() {
    const field = /** @type {HTMLTextAreaElement} */ (el('instruction'));
    const typed = () => field.value.normalize('NFC').replace(/\s+/g, ' ').trim();
    const instruction = typed();
    const error = instruction ? '' : say('studio.exercise.empty');
    announce(el('instruction-error'), error);
    field.setAttribute('aria-invalid', String(error !== ''));
    if (error) return field.focus();
    const chosen = /** @type {HTMLInputElement | null} */ (document.querySelector('input[name="minutes"]:checked'));
    return void this.classroom.do({ name: 'start-exercise', instruction, minutes: chosen ? chosen.value : '5', after: numberOf(this.classroom.get('exercise')) }).then(() => { if (typed() === instruction) field.value = ''; }, (refusal) => this.news.refusal(refusal));
  }

  /** @private @returns {import('../core/rundown.js').Step | null} the step of now, or the first before it has begun */
  stepOfNow() {
    const { step, next } = standing(this.classroom.get('rundown'), this.classroom.now());
    return step || next;
  }

  /** « Reprendre l'étape »: its words and its minutes, with nothing to write. @private @param {import('../core/rundown.js').Step | null} step */
  offer(step) {
    const typed = /** @type {HTMLTextAreaElement} */ (el('instruction')).value.trim();
    if (!step) return this.news.tell(say('common.failed'));
    if (typed === '' || typed === this.given) return this.fill(step);
    return void openDialog({
      title: say('studio.exercise.replace'), body: [exerciseOf(step).instruction],
      choices: [{ text: say('studio.exercise.replace.yes'), act: () => this.fill(step) }, { text: say('studio.exercise.replace.no'), look: 'primary' }],
    });
  }

  /** @private @param {import('../core/rundown.js').Step} step */
  fill(step) {
    const { instruction, minutes } = exerciseOf(step);
    this.given = instruction;
    /** @type {HTMLTextAreaElement} */ (el('instruction')).value = instruction;
    announce(el('instruction-error'), '');
    this.choose(String(minutes));
    /** @type {HTMLDetailsElement} */ (el('exercise-others')).open = false;
    el('exercise-start').focus({ preventScroll: true });
  }

  /** The minutes of a step, beside the usual ones where they are none of them. @private @param {string} minutes */
  choose(minutes) {
    const radios = /** @type {HTMLInputElement[]} */ (Array.from(document.querySelectorAll('input[name="minutes"]')));
    const own = /** @type {HTMLInputElement} */ (el('minutes-own'));
    const usual = radios.find((radio) => radio !== own && radio.value === minutes);
    if (!usual) own.value = minutes;
    show(el('minutes-own-box'), own.value !== '');
    write(el('minutes-own-word'), own.value);
    (usual || own).checked = true;
  }

  /** @private */
  renderSteps() {
    const rundown = this.classroom.get('rundown');
    const steps = (rundown && rundown.steps) || [];
    const step = this.stepOfNow() || steps[steps.length - 1];
    show(el('exercise-steps'), steps.length > 0);
    if (step) write(el('exercise-step-word'), say('studio.exercise.step', { title: step.title }));
    show(el('exercise-others'), steps.length > 1);
    const items = steps.map((/** @type {any} */ s, /** @type {number} */ i) => ({ step: s, number: String(i + 1) }));
    follow(el('exercise-list'), items, (item) => item.number, (item) => this.choice(item.number), (element, item) => {
      write(/** @type {Element} */ (element.firstElementChild), say('studio.exercise.numbered', { n: item.number, title: item.step.title }));
    });
  }

  /** @private @param {string} number */
  choice(number) {
    const button = make('button.small', { type: 'button' });
    button.addEventListener('click', () => this.offer(this.classroom.get('rundown').steps[Number(number) - 1] || null));
    return make('li', null, [button]);
  }

  /** @private */
  end() {
    this.ask({ name: 'end-exercise' }).then(() => { if (!runs(this.classroom.get('exercise'))) this.news.tell(say('studio.exercise.ended')); });
  }

  /** @param {boolean} onair */
  render(onair) {
    const exercise = this.classroom.get('exercise');
    const running = runs(exercise);
    const focused = el('exercise').contains(document.activeElement);
    showAbove(el('exercise'), running);
    show(el('exercise-form'), !running);
    this.renderSteps();
    show(el('exercise-who'), running);
    /** @type {HTMLButtonElement} */ (el('exercise-start')).disabled = !onair;
    write(el('exercise-hint'), say(onair ? 'studio.exercise.hint' : 'studio.exercise.not-yet'));
    if (focused && !running) el('tab-exercise').focus({ preventScroll: true });
    this.speak.render();
    if (running) this.renderRunning(exercise);
  }

  /** @private @param {import('../core/exercise.js').Exercise} exercise */
  renderRunning(exercise) {
    const { done, more, missing } = answersOf(this.classroom.all('site/'), (site) => this.classroom.get('there/' + site));
    write(el('exercise-text'), exercise.instruction);
    write(el('exercise-counts'), say('studio.exercise.counts', { done: done.length, more: more.length, of: done.length + more.length + missing.length }));
    this.names('done', done);
    this.names('more', more);
    this.names('missing', missing);
    this.tick();
  }

  /** @private @param {string} which @param {any[]} sites */
  names(which, sites) {
    write(el(which + '-names'), sites.map((site) => site.name).join(', ') || say('studio.exercise.nobody'));
    write(el(which + '-count'), sites.length ? String(sites.length) : '');
  }

  /** Once a second. */
  tick() {
    const exercise = this.classroom.get('exercise');
    if (!runs(exercise)) return;
    const left = leftOf(exercise, this.classroom.now());
    write(el('exercise-left'), left > 0 ? span(Math.ceil(left / 1000) * 1000) : say('studio.exercise.over'));
    el('exercise').classList.toggle('over', left <= 0);
    if (left > 0 || this.toldOver === exercise.number) return;
    this.toldOver = exercise.number;
    announce(el('exercise-news'), say('studio.exercise.over'));
  }
}
