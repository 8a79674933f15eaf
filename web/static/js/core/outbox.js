// Questions on their way. Kept in the browser until the house has answered
// « done »: over a cut, a reload, a crash. The id is made here, so that sending
// twice counts once. A refused question comes back to its writer, text and all.
//
//   change   the list changed

import { Emitter } from './emitter.js';
import { uuid } from './link.js';

/**
 * @typedef {Object} Letter
 * @property {string} id     the question's id
 * @property {string} text
 * @property {string} [label]  who asked, as the animator wrote it: « poste 3 »
 * @property {number} at     ms since 1970, for the order only
 * @property {'waiting' | 'refused'} state
 * @property {string} [why]  the house's sentence, when refused
 * @property {string} [code]
 */

// A refusal the house calls passing (retry), or an answer that never came: the letter waits and goes again, under
// the same id, so that one that had arrived after all counts once.
const AGAIN = 4000;
const PACE = 200; // ms between two letters: a full box must not pass for a flood

export class Outbox extends Emitter {
  /**
   * @param {import('./classroom.js').Classroom} classroom
   * @param {string} place  where it is kept: page and room
   * @param {Storage | null} [storage] null: memory only
   */
  constructor(classroom, place, storage = safeStorage()) {
    super();
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.key = 'antenne.outbox.' + place;
    /** @private */
    this.storage = storage;
    /** @private @type {Letter[]} */
    this.letters = this.read();
    /** @private @type {Set<string>} */
    this.sending = new Set();
    /** @private */
    this.timer = 0;
    /** @private performance.now() before which nothing goes, after a passing refusal */
    this.quietUntil = 0;
    /** @private performance.now() before which the next letter does not go */
    this.nextAt = 0;
    classroom.on('up', () => { this.quietUntil = 0; this.pump(); });
  }

  /** @returns {Letter[]} oldest first */
  list() {
    return this.letters.slice();
  }

  /**
   * @param {string} text
   * @param {string} [label]
   * @returns {string} the question's id
   */
  put(text, label) {
    /** @type {Letter} */
    const letter = { id: uuid(), text, at: Date.now(), state: 'waiting' };
    if (label) letter.label = label;
    this.letters.push(letter);
    this.keep();
    this.flush();
    return letter.id;
  }

  /**
   * Takes a letter back (to write it again, or to forget it).
   * @param {string} id
   * @returns {string} its text
   */
  drop(id) {
    const letter = this.letters.find((l) => l.id === id);
    this.letters = this.letters.filter((l) => l.id !== id);
    this.keep();
    return letter ? letter.text : '';
  }

  /** Sends everything that waits, one letter after the other. */
  flush() {
    if (performance.now() >= this.quietUntil) this.pump();
  }

  /** @private */
  pump() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (!this.classroom.up) return;
    const now = performance.now();
    const next = this.letters.find((l) => l.state === 'waiting' && !this.sending.has(l.id));
    if (!next) return;
    if (now >= this.nextAt) {
      this.nextAt = now + PACE;
      this.post(next);
    }
    this.timer = window.setTimeout(() => this.pump(), this.nextAt - now);
  }

  /**
   * @private
   * @param {Letter} letter
   */
  post(letter) {
    this.sending.add(letter.id);
    /** @type {import('./classroom.js').Command} */
    const command = { name: 'ask', question: letter.id, text: letter.text };
    if (letter.label) command.label = letter.label;
    const gone = () => this.sending.delete(letter.id);
    this.classroom.do(command).then(
      () => { gone(); this.drop(letter.id); },
      (refusal) => { gone(); this.cameBack(letter, refusal); },
    );
  }

  /**
   * @private
   * @param {Letter} letter
   * @param {import('./classroom.js').Refusal} refusal
   */
  cameBack(letter, refusal) {
    if (refusal.retry) {
      this.rest();
      return;
    }
    letter.state = 'refused';
    letter.code = refusal.code;
    letter.why = refusal.text;
    this.keep();
  }

  /** What one letter met, the next would meet too. @private */
  rest() {
    clearTimeout(this.timer);
    this.quietUntil = performance.now() + AGAIN;
    this.timer = window.setTimeout(() => this.pump(), AGAIN);
  }

  /**
   * @private
   * @returns {Letter[]}
   */
  read() {
    try {
      const kept = JSON.parse((this.storage && this.storage.getItem(this.key)) || '[]');
      return Array.isArray(kept) ? kept.filter((l) => l && typeof l.id === 'string' && typeof l.text === 'string') : [];
    } catch (error) {
      return [];
    }
  }

  /** @private */
  keep() {
    try {
      if (this.storage) this.storage.setItem(this.key, JSON.stringify(this.letters));
    } catch (error) {
      // storage full or refused: the letters live in this tab
    }
    this.emit('change');
  }
}

/** @returns {Storage | null} */
function safeStorage() {
  try {
    return window.localStorage;
  } catch (error) {
    return null;
  }
}
