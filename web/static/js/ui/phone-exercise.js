import { leftOf, runs } from '../core/exercise.js';
import { el, write } from './page.js';
import { span } from './span.js';
import { showAbove } from './steady.js';

/** The exercise that runs, on the phone: what it is, and how long is left. @param {import('../core/classroom.js').Classroom} classroom */
export function exerciseShown(classroom) {
  const exercise = classroom.get('exercise');
  const running = runs(exercise);
  showAbove(el('exercise'), running);
  if (!running) return;
  write(el('exercise-text'), exercise.instruction);
  write(el('exercise-left'), span(Math.max(0, Math.ceil(leftOf(exercise, classroom.now()) / 1000) * 1000)));
}
