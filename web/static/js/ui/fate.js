// A question's fate in its asker's words (DESIGN §2).

import { knows, say } from '../core/words.js';

/**
 * @param {any} question an entity, or a letter of the outbox
 * @returns {string}
 */
export function fate(question) {
  switch (question.state) {
    case 'refused': return say('question.refused') + ' ' + (question.why || '');
    case 'approved': return question.ahead ? say('question.approved.ahead', { n: question.ahead }) : say('question.approved');
    case 'declined': return declined(question.reason);
    default: return say('question.' + question.state);
  }
}

/** @param {string | undefined} reason */
function declined(reason) {
  const key = 'question.declined.' + reason;
  return knows(key) ? say(key) : say('question.declined');
}

/**
 * What else its asker should know: why it skipped the room, the written answer.
 * @param {any} question
 * @returns {string} '' for nothing
 */
export function footnote(question) {
  if (question.answer) return say('question.answer', { text: question.answer });
  if (question.why && question.state === 'relayed' && knows('question.why.' + question.why)) return say('question.why.' + question.why);
  return '';
}

/**
 * @param {any} question
 * @returns {string}
 */
export function wording(question) {
  return question.erased ? say('question.erased') : question.text;
}
