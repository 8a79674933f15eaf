// What the régie's board works out: what fits in a column, which questions look alike, what is left to answer after the séance,
// what came of an act. Pure.

export const COLUMN = 30; // cards drawn in a column; the others are counted
const SHORTEST = 4; // letters from which a word says what a question is about
const OPEN = ['relayed', 'approved', 'on-air'];
const LEFT = ['later', 'relayed', 'approved', 'on-air'];

/** @typedef {any} Question */

/**
 * @param {Question[]} tray  in its order
 * @returns {{shown: Question[], more: number}}
 */
export function column(tray) {
  return { shown: tray.slice(0, COLUMN), more: Math.max(0, tray.length - COLUMN) };
}

/**
 * What a question may join: the open ones, those that look most like it first.
 * @param {Question} mine @param {Question[]} all @param {number} most
 * @returns {Question[]}
 */
export function alike(mine, all, most) {
  const words = wordsOf(mine.text);
  const open = all.filter((q) => q.id !== mine.id && OPEN.indexOf(q.state) >= 0);
  const scored = open.map((q) => ({ q, score: shared(words, wordsOf(q.text)), asked: Date.parse(q.askedAt) }));
  scored.sort((a, b) => b.score - a.score || a.asked - b.asked || (a.q.id < b.q.id ? -1 : 1));
  return scored.slice(0, most).map((s) => s.q);
}

/** Without accents, case and small words. @param {string | undefined} text @returns {Set<string>} */
function wordsOf(text) {
  return new Set(plain(text || '').split(/[^a-z0-9]+/).filter((word) => word.length >= SHORTEST));
}

/** @param {string} text @returns {string} */
function plain(text) {
  return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
}

/** @param {Set<string>} a @param {Set<string>} b @returns {number} 0..1: words they share, of all that they have */
function shared(a, b) {
  let both = 0;
  for (const word of a) if (b.has(word)) both += 1;
  return both / Math.max(1, a.size + b.size - both);
}

/** Whether every word typed is somewhere in a text. @param {string} text @param {string} typed @returns {boolean} */
export function holds(text, typed) {
  const found = plain(text);
  return plain(typed).split(/\s+/).every((word) => found.indexOf(word) >= 0);
}

/**
 * What is left after the séance: promised for later, or never answered; by room, those at home without a room last.
 * @param {Question[]} questions
 * @returns {{site: string, siteName: string, town: string, questions: Question[]}[]}
 */
export function leftToAnswer(questions) {
  /** @type {Map<string, {site: string, siteName: string, town: string, questions: Question[]}>} */
  const rooms = new Map();
  for (const q of questions) {
    for (const place of LEFT.indexOf(q.state) >= 0 ? placesOf(q) : []) {
      const room = rooms.get(place.site) || { ...place, questions: [] };
      rooms.set(place.site, room);
      room.questions.push(q);
    }
  }
  const list = Array.from(rooms.values());
  for (const room of list) room.questions.sort((a, b) => LEFT.indexOf(a.state) - LEFT.indexOf(b.state) || Date.parse(a.askedAt) - Date.parse(b.askedAt));
  return list.sort((a, b) => Number(!a.site) - Number(!b.site) || a.siteName.localeCompare(b.siteName, 'fr') || (a.site < b.site ? -1 : 1));
}

/** The rooms that wait for this answer: its own, and those of the questions that joined it. @param {Question} q @returns {{site: string, siteName: string, town: string}[]} */
function placesOf(q) {
  const places = [{ site: q.site || '', siteName: q.siteName || '', town: q.town || '' }];
  for (const m of q.merged || []) {
    if (!places.some((p) => p.site === (m.site || ''))) places.push({ site: m.site || '', siteName: m.siteName || '', town: '' });
  }
  return places;
}

/**
 * Whether somebody else had done the very same before: the act was asked for, and the question tells another hand.
 * @param {{role: string, name?: string} | undefined} by  whoever did the last act
 * @param {{role: string, name?: string} | undefined} you
 * @returns {boolean}
 */
export function otherHand(by, you) {
  if (!by || !you) return false;
  return by.role !== you.role || (by.name || '') !== (you.name || '');
}
