// A question's fate in its asker's words (DESIGN §2).

import { knows, say } from '../core/words.js';

/** States of a question that waits for something. */
const WAITING = ['waiting', 'asked', 'relayed', 'approved'];

/**
 * What a question's drawing tells (ui/fate-picto.js): its state, or that the end of the séance came first.
 * @param {any} question
 * @param {boolean} [over] the séance has ended
 * @returns {string}
 */
export function stateOf(question, over) {
  return over && WAITING.indexOf(question.state) >= 0 ? 'over' : question.state;
}

/**
 * @param {any} question an entity, or a letter of the outbox
 * @param {boolean} [over] the séance has ended
 * @param {boolean} [toAll] its written answer is there for everybody
 * @returns {string}
 */
export function fate(question, over, toAll) {
  if (toAll && question.state === 'answered') return say('question.answered.all');
  if (stateOf(question, over) === 'over') return say('question.over');
  switch (question.state) {
    case 'waiting': return question.why || say('question.waiting');
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
 * @param {boolean} [over] the séance has ended
 * @returns {string} '' for nothing
 */
export function footnote(question, over) {
  if (question.answer) return say('question.answer', { text: question.answer });
  if (!over && question.why && question.state === 'relayed' && knows('question.why.' + question.why)) return say('question.why.' + question.why);
  return '';
}

/**
 * @param {any} question
 * @returns {string}
 */
export function wording(question) {
  return question.erased ? say('question.erased') : question.text || say('question.wordless.mine');
}
