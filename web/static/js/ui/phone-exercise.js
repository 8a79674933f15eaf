// Timed work from the phone: what it is and how long is left, two minutes more, its end; and an exercise made of the step of now, with
// nothing to write.

import { extension, leftOf, numberOf, runs } from '../core/exercise.js';
import { exerciseOf, standing } from '../core/rundown.js';
import { say } from '../core/words.js';
import { openDialog } from './dialog.js';
import { el, make, show, write } from './page.js';
import { span } from './span.js';
import { showAbove } from './steady.js';

const MORE = '2'; // minutes of one press

export class PhoneExercise {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./news.js').News} news */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    el('exercise-more').addEventListener('click', () => this.ask(extension(this.exercise, MORE)));
    el('exercise-end').addEventListener('click', () => this.ask({ name: 'end-exercise' }));
    el('step-exercise').addEventListener('click', () => this.offer());
  }

  /** @private */
  get exercise() {
    return this.classroom.get('exercise');
  }

  /** @private the step of now; null before the first */
  get step() {
    return standing(this.classroom.get('rundown'), this.classroom.now()).step;
  }

  /** @private @param {import('../core/classroom.js').Command} command */
  ask(command) {
    this.classroom.do(command).catch((error) => this.news.refusal(error));
  }

  /** It lowers the sound in every room: said before, with the words that the rooms will read. @private */
  offer() {
    const { step } = this;
    if (!step) return this.news.tell(say('common.failed'));
    const { instruction, minutes } = exerciseOf(step);
    const after = numberOf(this.exercise); // as this page showed it
    return void openDialog({
      title: say('phone.exercise.ask'), late: (error) => this.news.refusal(error),
      body: [make('p', null, [make('strong', null, [instruction])]), say('phone.exercise.text', { n: minutes })],
      choices: [
        { text: say('phone.exercise.start'), act: () => this.classroom.do({ name: 'start-exercise', instruction, minutes: String(minutes), after }) },
        { text: say('phone.exercise.no'), look: 'primary' },
      ],
    });
  }

  /** At each change, and once a second. */
  render() {
    const { exercise } = this;
    const running = runs(exercise);
    const room = this.classroom.get('room');
    showAbove(el('exercise'), running);
    show(el('step-exercise'), !running && Boolean(this.step) && Boolean(room) && room.state === 'on-air');
    if (!running) return;
    write(el('exercise-text'), exercise.instruction);
    write(el('exercise-left'), span(Math.max(0, Math.ceil(leftOf(exercise, this.classroom.now()) / 1000) * 1000)));
  }
}
