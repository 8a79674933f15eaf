// What the régie says to all rooms at once: an announcement for the desks, an exercise for the screens.

import { extension, leftOf, numberOf, runs } from '../core/exercise.js';
import { exerciseOf, standing } from '../core/rundown.js';
import { clock, say } from '../core/words.js';
import { openDialog } from './dialog.js';
import { el, make, show, write } from './page.js';
import { picto } from './picto.js';
import { span } from './span.js';
import { showAbove } from './steady.js';

const LONGEST = '300';
const MINUTES = ['5', '10', '3', '15', '20']; // the first is what stands when nothing is chosen
const MORE = '2'; // minutes of one press

export class Tell {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./news.js').News} news */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    el('announce').addEventListener('click', () => this.announce());
    el('exercise').addEventListener('click', () => this.exercise());
    el('exercise-more').addEventListener('click', () => this.ask(extension(this.classroom.get('exercise'), MORE)));
    el('exercise-end').addEventListener('click', () => this.ask({ name: 'end-exercise' }));
  }

  render() {
    const said = this.classroom.get('announcement');
    showAbove(el('announced'), Boolean(said));
    if (said) write(el('announced'), say('control.announced', { clock: clock(said.at), text: said.text }));
    const exercise = this.classroom.get('exercise');
    showAbove(el('exercise-now'), runs(exercise));
    show(el('exercise'), !runs(exercise));
    if (runs(exercise)) write(el('exercise-text'), say('control.exercise.now', { text: exercise.instruction }));
    this.tick();
  }

  /** Once a second. */
  tick() {
    const exercise = this.classroom.get('exercise');
    if (!runs(exercise)) return;
    const left = leftOf(exercise, this.classroom.now());
    write(el('exercise-left'), left > 0 ? span(Math.ceil(left / 1000) * 1000) : say('control.exercise.over'));
  }

  /** @private */
  announce() {
    this.write('announce', (text) => this.classroom.do({ name: 'announce', text }).then(() => this.news.tell(say('control.announce.done'))));
  }

  /** @private */
  exercise() {
    const minutes = /** @type {HTMLSelectElement} */ (make('select', { id: 'exercise-minutes' }, MINUTES.slice().sort((a, b) => Number(a) - Number(b)).map((n) => make('option', { value: n }, [say('control.exercise.minutes', { n })]))));
    minutes.value = MINUTES[0];
    const field = make('div', null, [make('label', { for: 'exercise-minutes' }, [say('control.exercise.time')]), minutes]);
    const more = [...this.stepOffer(minutes), field];
    const after = numberOf(this.classroom.get('exercise')); // as whoever opened the dialog saw it
    this.write('exercise', (instruction) => this.classroom.do({ name: 'start-exercise', instruction, minutes: minutes.value, after }), more);
  }

  /** « Reprendre l'étape »: the words and the minutes of the step of now, with nothing to write. @private @param {HTMLSelectElement} minutes @returns {HTMLElement[]} */
  stepOffer(minutes) {
    const { step, next } = standing(this.classroom.get('rundown'), this.classroom.now());
    const source = step || next;
    if (!source) return [];
    const button = make('button.small', { type: 'button', id: 'exercise-step' }, [picto('step'), say('control.exercise.step', { title: source.title })]);
    button.addEventListener('click', () => {
      const exercise = exerciseOf(source);
      const n = String(exercise.minutes);
      /** @type {HTMLTextAreaElement} */ (el('tell-text')).value = exercise.instruction;
      if (!Array.from(minutes.options).some((option) => option.value === n)) minutes.append(make('option', { value: n }, [say('control.exercise.minutes', { n })]));
      minutes.value = n;
    });
    return [button];
  }

  /** A dialog with one text to write. @private @param {'announce' | 'exercise'} what @param {(text: string) => Promise<unknown>} send @param {HTMLElement[]} [more] */
  write(what, send, more = []) {
    const field = /** @type {HTMLTextAreaElement} */ (make('textarea', { id: 'tell-text', rows: '3', maxlength: LONGEST, 'aria-describedby': 'tell-error' }));
    const error = make('p.field-error', { id: 'tell-error', role: 'alert' });
    const act = () => {
      const text = field.value.normalize('NFC').replace(/\s+/g, ' ').trim();
      write(error, text ? '' : say('control.' + what + '.empty'));
      return text ? send(text) : false;
    };
    openDialog({
      title: say('control.' + what + '.title'), late: (refusal) => this.news.refusal(refusal),
      body: [say('control.' + what + '.text'), make('div', null, [make('label', { for: 'tell-text' }, [say('control.' + what + '.label')]), field, error]), ...more],
      choices: [{ text: say('control.' + what + '.send'), look: 'primary', act }, { text: say('control.cancel'), look: 'quiet' }],
    });
  }

  /** @private @param {import('../core/classroom.js').Command} command */
  ask(command) {
    this.classroom.do(command).catch((error) => this.news.refusal(error));
  }
}
