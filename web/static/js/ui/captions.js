// The words of the class, written, in a band of their own: never over a picture. Two lines, the last ones: what does not fit has
// been read. The band stays a while after the last words, so that the picture does not jump at each breath.

import { el, show } from './page.js';

const REST = 20000; // ms
const LINES = 2;

export class Captions {
  /** @param {() => void} [moved]  the band came or left: what is beside it has another size */
  constructor(moved) {
    /** @private */
    this.moved = moved || (() => undefined);
    /** @private */
    this.timer = 0;
    /** @private */
    this.told = '';
  }

  /**
   * @param {{ text: string, lang?: string } | undefined} caption
   * @param {boolean} wanted  there is a class to be written down
   */
  paint(caption, wanted) {
    const text = wanted && caption ? caption.text : '';
    const key = text + '\n' + window.innerWidth + ' ' + window.innerHeight;
    if (!wanted) this.close();
    if (key === this.told || (!text && el('caption').hidden)) return;
    this.told = key;
    clearTimeout(this.timer);
    if (text) this.open();
    else this.timer = window.setTimeout(() => this.close(), REST);
    const words = el('caption-text');
    words.lang = (text && caption && caption.lang) || document.documentElement.lang;
    fit(words, text);
  }

  /** @private */
  open() {
    if (!el('caption').hidden) return;
    show(el('caption'), true);
    this.moved();
  }

  /** @private */
  close() {
    clearTimeout(this.timer);
    if (el('caption').hidden) return;
    this.told = '';
    show(el('caption'), false);
    this.moved();
  }
}

/**
 * Writes as many of the last words as there is room for.
 * @param {HTMLElement} element
 * @param {string} text
 */
function fit(element, text) {
  const words = text.split(/\s+/);
  for (let from = 0; from < words.length; from++) {
    element.textContent = (from ? '… ' : '') + words.slice(from).join(' ');
    if (linesOf(element) <= LINES) return;
  }
}

/** @param {HTMLElement} element @returns {number} */
function linesOf(element) {
  const line = parseFloat(getComputedStyle(element).lineHeight);
  return line > 0 ? Math.round(element.getBoundingClientRect().height / line) : 1;
}
