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

/**
 * What was asked, in words; a question without words says who would ask.
 * @param {{text?: string, erased?: boolean, wordless?: boolean, label?: string, from?: string}} q
 * @returns {string}
 */
export function textOf(q) {
  if (q.erased) return say('question.erased');
  if (q.text || !q.wordless) return q.text || '';
  if (q.label) return say('question.wordless.at', { label: q.label });
  return say(q.from === 'home' ? 'question.wordless.home' : 'question.wordless');
}

/**
 * Whose hand it passed last: « Retenue par Léa », « Écartée par la régie ».
 * @param {{state: string, by?: {role: string, name?: string}}} q
 * @returns {string}
 */
export function handOf(q) {
  const key = 'question.hand.' + q.state;
  return q.by && knows(key) ? say(key, { who: q.by.name || say('question.who.' + q.by.role) }) : '';
}
