// How a question is spoken of, for those who work with it.

import { knows, say } from '../core/words.js';

const REASONS = ['already-answered', 'no-time', 'off-topic', 'personal', 'unclear', 'unsuitable'];

/**
 * Where it comes from: « Centre social de l'Avenir, Wattrelos », « À la maison, par Wattrelos », « À la maison ».
 * @param {{from?: string, siteName?: string, town?: string}} q
 * @returns {string}
 */
export function placeOf(q) {
  const site = [q.siteName, q.town].filter(Boolean).join(', ');
  if (q.from !== 'home') return site || say('question.place.none');
  return site ? say('question.place.home', { site }) : say('question.place.home-alone');
}

/** @param {number} minutes @returns {string} */
export function waiting(minutes) {
  return minutes < 1 ? say('question.wait.now') : say('question.wait', { n: minutes });
}

/** The closed list of kind sentences the asker will read. @returns {{reason: string, text: string}[]} */
export function reasons() {
  return REASONS.filter((reason) => knows('question.declined.' + reason)).map((reason) => ({ reason, text: say('question.declined.' + reason) }));
}
