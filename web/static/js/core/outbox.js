// Questions on their way. Kept in the browser until the house has answered
// « done »: over a cut, a reload, a crash. The id is made here, so that sending
// twice counts once. A refused question comes back to its writer, text and all.
// Several tabs may share one box: what the browser keeps is the truth, read again
// before each change, and each tab hears of the others' changes.
//
//   change   the list changed

import { Emitter } from './emitter.js';
import { uuid } from './link.js';

/**
 * @typedef {Object} Letter
 * @property {string} id     the question's id
 * @property {string} text  '' for a question without words: somebody wants to ask something
 * @property {string} [label]  who asked, as the animator wrote it: « poste 3 »
 * @property {number} at     ms since 1970, for the order only
 * @property {'waiting' | 'refused'} state
 * @property {string} [why]  the house's sentence, when refused or held back for having come too fast
 * @property {string} [code]
 */

// A refusal the house calls passing (retry), or an answer that never came: the letter waits and goes again, under
// the same id, so that one that had arrived after all counts once.
const AGAIN = 4000;
const SLOWEST = 30000; // between two tries, when the house keeps saying « later »
const HURRIED = ['ask-rate', 'question-rate']; // passing refusals whose sentence is for the writer: it says what to wait for
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
    /** @private ids that the browser could not keep: they live in this tab */
    this.unkept = new Set();
    /** @private sentences about letters that came too fast, by their ids @type {Map<string, string>} */
    this.held = new Map();
    /** @private ids that left through this tab, whatever the browser still keeps */
    this.left = new Set();
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
    /** @private passing refusals in a row */
    this.passed = 0;
    classroom.on('up', () => { this.quietUntil = 0; this.pump(); });
    /** @private @param {StorageEvent} event */
    this.hearing = (event) => this.otherTab(event);
    window.addEventListener('storage', this.hearing);
  }

  /** @returns {Letter[]} oldest first */
  list() {
    return this.letters.map((l) => (l.state === 'waiting' && this.held.has(l.id) ? Object.assign({}, l, { why: this.held.get(l.id) }) : l));
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
    this.letters = this.merged().concat(letter);
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
    this.left.add(id);
    this.held.delete(id);
    this.letters = this.merged();
    this.keep();
    return letter ? letter.text : '';
  }

  /** Takes out all that waits, also what was sent and not answered. @returns {Letter[]} */
  takeWaiting() {
    const waiting = this.merged().filter((l) => l.state === 'waiting');
    for (const { id } of waiting) this.left.add(id);
    this.letters = this.merged();
    this.keep();
    return waiting;
  }

  /** @param {Letter[]} letters  from another box */
  take(letters) {
    this.letters = this.merged().concat(letters);
    this.keep();
    this.flush();
  }

  /** Nothing is kept any more, and nothing goes. */
  close() {
    clearTimeout(this.timer);
    window.removeEventListener('storage', this.hearing);
    try {
      if (this.storage) this.storage.removeItem(this.key);
    } catch (error) {
      // refused: nothing was kept either
    }
  }

  /** What the browser keeps, and what only this tab has. @private @returns {Letter[]} */
  merged() {
    const kept = this.read().filter((l) => !this.unkept.has(l.id));
    const mine = this.letters.filter((l) => this.unkept.has(l.id));
    return kept.concat(mine).filter((l) => !this.left.has(l.id));
  }

  /**
   * Another tab changed the box. What it put there it sends itself; should it close first, this one does, later.
   * @private
   * @param {StorageEvent} event
   */
  otherTab(event) {
    if (event.key !== null && event.key !== this.key) return;
    this.letters = this.merged();
    if (!this.timer) this.timer = window.setTimeout(() => this.pump(), AGAIN);
    this.emit('change');
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
      () => { gone(); this.passed = 0; this.drop(letter.id); },
      (refusal) => { gone(); this.cameBack(letter, refusal); },
    );
  }

  /**
   * @private
   * @param {Letter} letter
   * @param {import('./classroom.js').Refusal} refusal
   */
  cameBack(letter, refusal) {
    if (this.left.has(letter.id)) return; // another box has it
    if (refusal.retry) {
      this.rest();
      this.hold(letter.id, HURRIED.indexOf(refusal.code) >= 0 ? refusal.text : '');
      return;
    }
    /** @type {Partial<Letter>} */
    const fate = { state: 'refused', code: refusal.code, why: refusal.text };
    this.passed = 0;
    this.letters = this.merged().map((l) => (l.id === letter.id ? Object.assign({}, l, fate) : l));
    this.keep();
  }

  /**
   * Why a letter waits, in the house's words; it is kept, and goes again by itself.
   * @private
   * @param {string} id
   * @param {string} why  '' for nothing its writer could do
   */
  hold(id, why) {
    if ((this.held.get(id) || '') === why) return;
    if (why) this.held.set(id, why);
    else this.held.delete(id);
    this.emit('change');
  }

  /** What one letter met, the next would meet too. @private */
  rest() {
    clearTimeout(this.timer);
    const wait = Math.min(SLOWEST, AGAIN * Math.pow(2, this.passed));
    this.passed += 1;
    this.quietUntil = performance.now() + wait;
    this.timer = window.setTimeout(() => this.pump(), wait);
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
      if (!this.storage) throw new Error('nowhere to keep');
      this.storage.setItem(this.key, JSON.stringify(this.letters));
      this.unkept.clear();
    } catch (error) {
      for (const letter of this.letters) this.unkept.add(letter.id); // storage full or refused
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
