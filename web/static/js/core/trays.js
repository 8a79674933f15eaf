// The questions, sorted into the trays the studio and the régie show. Pure, and light with some thousands of them: what the house
// said of a question is read once, however often the trays are sorted.

/** @typedef {any} Question  the question entity of the protocol */

/** @type {Record<string, 'toSort' | 'toAsk' | 'onAir' | 'later' | 'answered' | 'declined'>} */
const TRAY = { relayed: 'toSort', approved: 'toAsk', 'on-air': 'onAir', later: 'later', answered: 'answered', declined: 'declined' };

/** @type {WeakMap<object, {asked: number, state: number}>} times of an entity; another state is another entity */
const times = new WeakMap();

/** @param {Question} q @returns {{asked: number, state: number}} ms since 1970 */
function timesOf(q) {
  const known = times.get(q);
  if (known) return known;
  const read = { asked: Date.parse(q.askedAt), state: Date.parse(q.stateAt) };
  times.set(q, read);
  return read;
}

/**
 * @param {Question[]} questions
 * @returns {Record<'toSort' | 'toAsk' | 'onAir' | 'later' | 'answered' | 'declined', Question[]>}
 */
export function sortTrays(questions) {
  /** @type {ReturnType<typeof sortTrays>} */
  const trays = { toSort: [], toAsk: [], onAir: [], later: [], answered: [], declined: [] };
  for (const q of questions) if (TRAY[q.state]) trays[TRAY[q.state]].push(q);
  trays.toSort.sort(byAsked);
  trays.toAsk.sort(byTurn);
  for (const closed of [trays.later, trays.answered, trays.declined]) closed.sort(byStateDescending);
  return trays;
}

/** @param {Question} a @param {Question} b */
function byAsked(a, b) {
  return timesOf(a).asked - timesOf(b).asked || (a.id < b.id ? -1 : 1);
}

/** The house's order; those it has not numbered come last. @param {Question} a @param {Question} b */
function byTurn(a, b) {
  return (turn(a) === turn(b) ? 0 : turn(a) - turn(b)) || timesOf(a).state - timesOf(b).state || byAsked(a, b);
}

/** @param {Question} q */
function turn(q) {
  return typeof q.ahead === 'number' ? q.ahead : Infinity;
}

/** @param {Question} a @param {Question} b */
function byStateDescending(a, b) {
  return timesOf(b).state - timesOf(a).state || byAsked(a, b);
}

/**
 * @param {string} since  a time of the server
 * @param {number} now    ms, the server's clock
 * @returns {number} whole minutes, 0 at the least
 */
export function minutesSince(since, now) {
  return Math.max(0, Math.floor((now - Date.parse(since)) / 60000));
}
