// What is being written and was not sent yet, kept in this browser over a reload, a crash, a tab closed by mistake. Each page writes a draft
// of its own, so that two tabs never write over each other; the draft of a page that has gone is found again by the next one. Where the
// browser keeps nothing (private modes, a full disk) nothing is kept, and nothing fails.

import { uuid } from './link.js';

const ALL = 'antenne.draft.';
const ALIVE = 5000; // ms: who writes says so more often than this, or has gone
const LASTS = 30 * 24 * 3600 * 1000; // ms: a draft that nobody came back for

/** @typedef {{ at: number, saved: number, content: any }} Draft  at: its page was there, ms since 1970, 0 once it said goodbye; saved: last written */

/** @returns {Storage | null} */
function shelfOfBrowser() {
  try {
    window.localStorage.getItem(ALL);
    return window.localStorage;
  } catch (error) {
    return null;
  }
}

export class Drafts {
  /**
   * @param {string} name  what is written, and for which séance: "rundown.abc"
   * @param {Storage | null} [shelf]
   */
  constructor(name, shelf = shelfOfBrowser()) {
    /** @private */
    this.prefix = ALL + name + '.';
    /** @private */
    this.own = this.prefix + uuid();
    /** @private */
    this.shelf = shelf;
    for (const [key, draft] of this.read(ALL)) if (Date.now() - draft.saved > LASTS) this.remove(key);
  }

  /** @private @param {string} prefix @returns {[string, Draft][]} */
  read(prefix) {
    const { shelf } = this;
    if (!shelf) return [];
    const keys = Array.from({ length: shelf.length }, (_, i) => shelf.key(i) || '').filter((key) => key.startsWith(prefix));
    return /** @type {[string, Draft][]} */ (keys.map((key) => [key, parse(shelf.getItem(key))]).filter(([, draft]) => draft));
  }

  /** @private @param {string} key */
  remove(key) {
    if (this.shelf) this.shelf.removeItem(key);
  }

  /** Keeps this page's own; again and again while it is written. @param {any} content  to be JSON */
  keep(content) {
    const before = this.shelf && parse(this.shelf.getItem(this.own));
    const same = before !== null && JSON.stringify(before.content) === JSON.stringify(content);
    this.put({ at: Date.now(), saved: same ? before.saved : Date.now(), content });
  }

  /** The page goes: whoever comes next may have it at once. */
  leave() {
    const draft = this.shelf && parse(this.shelf.getItem(this.own));
    if (draft) this.put({ ...draft, at: 0 });
  }

  /** @private @param {Draft} draft */
  put(draft) {
    try {
      if (this.shelf) this.shelf.setItem(this.own, JSON.stringify(draft));
    } catch (error) {
      // full: it is written all the same, and lives as long as its page
    }
  }

  /** This page's own is sent, or not wanted any more. */
  drop() {
    this.remove(this.own);
  }

  /** @private @returns {[string, Draft][]} of other pages that have gone, the newest first */
  orphans() {
    return this.read(this.prefix).filter(([key, draft]) => key !== this.own && Date.now() - draft.at > ALIVE).sort((a, b) => b[1].saved - a[1].saved);
  }

  /** @returns {Draft | null} what a page that has gone left behind */
  left() {
    const [newest] = this.orphans();
    return newest ? newest[1] : null;
  }

  /** Takes what was left, or throws it away: it is found no more. */
  clearLeft() {
    for (const [key] of this.orphans()) this.remove(key);
  }

  /** @returns {boolean} another page of this browser is writing the same now */
  get shared() {
    return this.read(this.prefix).some(([key, draft]) => key !== this.own && Date.now() - draft.at <= ALIVE);
  }

  /** The séance is over: nothing of it stays in this browser. */
  clear() {
    for (const [key] of this.read(this.prefix)) this.remove(key);
  }
}

/** @param {string | null} text @returns {Draft | null} */
function parse(text) {
  try {
    const draft = JSON.parse(text || 'null');
    return draft && typeof draft.at === 'number' && typeof draft.saved === 'number' ? draft : null;
  } catch (error) {
    return null;
  }
}
