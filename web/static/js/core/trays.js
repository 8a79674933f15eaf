// The questions, sorted into the trays the studio and the régie show. Pure.

/** @typedef {any} Question  the question entity of the protocol */

/**
 * @param {Question[]} questions
 * @returns {Record<'toSort' | 'toAsk' | 'onAir' | 'later' | 'answered' | 'declined', Question[]>}
 */
export function sortTrays(questions) {
  const pick = (/** @type {string} */ state) => questions.filter((q) => q.state === state);
  return {
    toSort: pick('relayed').sort(byAsked),
    toAsk: pick('approved').sort(byTurn),
    onAir: pick('on-air'),
    later: pick('later').sort(byStateDescending),
    answered: pick('answered').sort(byStateDescending),
    declined: pick('declined').sort(byStateDescending),
  };
}

/** @param {Question} a @param {Question} b */
function byAsked(a, b) {
  return Date.parse(a.askedAt) - Date.parse(b.askedAt) || (a.id < b.id ? -1 : 1);
}

/** The house's order; those it has not numbered come last. @param {Question} a @param {Question} b */
function byTurn(a, b) {
  return turn(a) - turn(b) || Date.parse(a.stateAt) - Date.parse(b.stateAt) || byAsked(a, b);
}

/** @param {Question} q */
function turn(q) {
  return typeof q.ahead === 'number' ? q.ahead : Infinity;
}

/** @param {Question} a @param {Question} b */
function byStateDescending(a, b) {
  return Date.parse(b.stateAt) - Date.parse(a.stateAt) || byAsked(a, b);
}

/**
 * @param {string} since  a time of the server
 * @param {number} now    ms, the server's clock
 * @returns {number} whole minutes, 0 at the least
 */
export function minutesSince(since, now) {
  return Math.max(0, Math.floor((now - Date.parse(since)) / 60000));
}
