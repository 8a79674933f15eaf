// Where the séance stands in its rundown, in words: for the studio and for the mediator's phone.

import { standing } from '../core/rundown.js';
import { say } from '../core/words.js';
import { span } from './span.js';

/**
 * @param {import('../core/rundown.js').Rundown | undefined} rundown
 * @param {number} now  ms, the server's clock
 * @param {string} words  prefix of the page's sentences: "studio.step.", "phone.step."
 * @returns {{ title: string, clock: string, late: boolean, begun: boolean, next: string, step: string } | null} step: what start-step takes, '' at the end; null without a rundown
 */
export function stepWords(rundown, now, words) {
  const at = standing(rundown, now);
  if (!at.of) return null;
  const title = at.step ? say(words + 'now', { n: at.number, of: at.of, title: at.step.title }) : say(words + 'none');
  const next = at.next ? say(words + (at.step ? 'next' : 'first'), { title: at.next.title }) : '';
  return { title, clock: clockOf(at, words), late: at.left !== null && at.left < 0, begun: at.number > 0, next, step: at.next ? String(at.number + 1) : '' };
}

/** @param {ReturnType<typeof standing>} at @param {string} words */
function clockOf(at, words) {
  if (!at.step) return '';
  if (at.left === null) return say(words + 'spent', { time: span(at.spent) });
  return say(words + (at.left < 0 ? 'late' : 'left'), { time: span(Math.abs(at.left)) });
}
