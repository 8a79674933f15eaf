// One place on a page where what just happened is said, seen and read aloud once.

import { say } from '../core/words.js';
import { show, write } from './page.js';

const SHORT = 8000;
const BREATH = 50; // ms a live region is there, or empty, before its words: screen readers tell changes, not what comes with the region

/** @type {WeakMap<HTMLElement, number>} */
const waiting = new WeakMap();

/**
 * Puts words into a live region so that they are read aloud, the same words again too.
 * @param {HTMLElement} region  role="status" or "alert"
 * @param {string} text  '' empties and hides it
 */
export function announce(region, text) {
  clearTimeout(waiting.get(region));
  waiting.delete(region);
  if (text === '' || region.hidden || region.textContent === text) region.textContent = '';
  show(region, text !== '');
  if (text === '') return;
  if (region.textContent !== '') return void write(region, text);
  waiting.set(region, window.setTimeout(() => write(region, text), BREATH));
}

/**
 * Why an act did not happen, in words. Acts are not kept: one that was not answered is to be done again.
 * @param {any} error  a Refusal
 * @returns {string}
 */
export function why(error) {
  return (error && error.text) || say(error && error.code === 'connection-lost' ? 'common.not-done' : 'common.failed');
}

/**
 * A tap that was not done (see steady.js) is said, that nobody believes it was.
 * @param {News} news
 */
export function tellMissed(news) {
  document.addEventListener('missed', (event) => news.tell(say('common.' + /** @type {CustomEvent} */ (event).detail.why)));
}

/** A line that says something for a while, or until it is told to stop. */
export class News {
  /** @param {HTMLElement} line  role="status" in the page, hidden at first */
  constructor(line) {
    /** @private */
    this.line = line;
    /** @private the lasting sentence under the passing ones */
    this.standing = '';
    /** @private */
    this.timer = 0;
  }

  /** Says a sentence for some seconds. @param {string} text @param {number} [ms] */
  tell(text, ms = SHORT) {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => announce(this.line, this.standing), ms);
    announce(this.line, text);
  }

  /** Says a sentence until another one, or '' for none. @param {string} text */
  stand(text) {
    if (text === this.standing) return;
    this.standing = text;
    clearTimeout(this.timer);
    announce(this.line, text);
  }

  /** Puts a refusal into words. @param {any} error */
  refusal(error) {
    this.tell(why(error));
  }
}
