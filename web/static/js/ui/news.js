// One place on a page where what just happened is said, seen and read aloud once.

import { say } from '../core/words.js';
import { show, write } from './page.js';

const SHORT = 8000;

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

  /** Says a sentence for some seconds. @param {string} text */
  tell(text) {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.paint(this.standing), SHORT);
    this.paint(text);
  }

  /** Says a sentence until another one, or '' for none. @param {string} text */
  stand(text) {
    if (text === this.standing) return;
    this.standing = text;
    clearTimeout(this.timer);
    this.paint(text);
  }

  /** Puts a refusal into words. @param {any} error */
  refusal(error) {
    this.tell((error && error.text) || say(error && error.code === 'connection-lost' ? 'common.connection-lost' : 'common.failed'));
  }

  /** @private @param {string} text */
  paint(text) {
    write(this.line, text);
    show(this.line, text !== '');
  }
}
