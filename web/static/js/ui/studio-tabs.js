// The right side of the studio: one panel at a time, the questions first. Arrows go from tab to tab, as the platform's own do.
//
//   change  another panel is open

import { Emitter } from '../core/emitter.js';
import { el, show, write } from './page.js';

const NAMES = ['main', 'floor', 'exercise', 'rundown', 'messages', 'phone'];

/** @typedef {'main' | 'floor' | 'exercise' | 'rundown' | 'messages' | 'phone'} TabName */

export class Tabs extends Emitter {
  constructor() {
    super();
    /** @type {TabName} */
    this.open = 'main';
    for (const name of NAMES) el('tab-' + name).addEventListener('click', (event) => this.tapped(/** @type {TabName} */ (name), event));
    el('tabs').addEventListener('keydown', (event) => this.move(event));
  }

  /** A hand with a mouse is done with the tab: the arrows are the rundown's again. @private @param {TabName} name @param {MouseEvent} event */
  tapped(name, event) {
    this.choose(name);
    if (event.detail > 0) el('tab-' + name).blur();
  }

  /** @param {TabName} name */
  choose(name) {
    this.open = name;
    for (const other of NAMES) {
      const tab = el('tab-' + other);
      tab.setAttribute('aria-selected', String(other === name));
      tab.tabIndex = other === name ? 0 : -1;
      show(el('panel-' + other), other === name);
    }
    this.emit('change', name);
  }

  /** @private @param {KeyboardEvent} event */
  move(event) {
    const at = NAMES.indexOf(this.open);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: NAMES.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const name = /** @type {TabName} */ (NAMES[(to + NAMES.length) % NAMES.length]);
    this.choose(name);
    el('tab-' + name).focus();
  }

  /** What waits behind a tab, as a number on it. @param {'main' | 'floor'} name @param {number} count */
  count(name, count) {
    write(el('tab-' + name + '-count'), count ? String(count) : '');
  }
}
