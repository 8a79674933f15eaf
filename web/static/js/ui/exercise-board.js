// Timed work as a page draws it: the instruction, and a countdown at the page's own size. The clock is the class's.

import { leftOf, runs } from '../core/exercise.js';
import { say } from '../core/words.js';
import { el, show, write } from './page.js';

const TICK = 250;
const NEAR = 60000; // ms: the last minute is told apart by its word and its look

export class ExerciseBoard {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {() => void} [painted]  called when it came, changed its words or left
   */
  constructor(classroom, painted) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.painted = painted || (() => undefined);
    /** @private what stands on the board */
    this.shown = '';
    /** @private */
    this.said = '';
    window.setInterval(() => this.tick(), TICK);
  }

  /** @returns {boolean} there is work to do now */
  get runs() {
    const room = this.classroom.get('room');
    return runs(this.classroom.get('exercise')) && Boolean(room) && room.state === 'on-air';
  }

  paint() {
    const exercise = this.classroom.get('exercise');
    const on = this.runs;
    const shown = on ? exercise.number + ' ' + exercise.instruction : '';
    const news = shown !== this.shown;
    show(el('exercise'), on);
    this.shown = shown;
    if (on) {
      write(el('exercise-text'), exercise.instruction);
      this.tick();
    }
    if (news) this.painted();
  }

  /** @private */
  tick() {
    if (!this.shown) return this.tell('');
    const left = leftOf(this.classroom.get('exercise'), this.classroom.now());
    const over = left <= 0;
    const clock = el('exercise-left');
    clock.dataset.near = String(left < NEAR);
    write(clock, clockOf(left));
    write(el('exercise-word'), say(over ? 'shown.exercise.over' : 'shown.exercise.left'));
    return this.tell(over ? say('shown.exercise.over') : say('shown.exercise.begins'));
  }

  /** Read aloud when it begins and when the time is over; never each second. @private @param {string} text */
  tell(text) {
    if (text === this.said) return;
    this.said = text;
    write(el('exercise-said'), text);
  }
}

/** @param {number} ms @returns {string} « 4:20 », « 0:00 » at the end: a second that has begun is still there */
export function clockOf(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return Math.floor(seconds / 60) + ':' + String(100 + (seconds % 60)).slice(1);
}
