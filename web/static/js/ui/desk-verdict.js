// The big sentence of « Ma salle ».

import { roomVerdict } from '../core/roomstate.js';
import { say, when } from '../core/words.js';
import { el, show, write } from './page.js';

const STEADY = 600; // ms a trouble must last before it is said: a screen that comes back passes through several

/** Not troubles of a screen but facts, said at once. */
const FACTS = ['offline', 'unreached', 'paused', 'incident', 'ended'];

/** ms a screen that was open is waited for: one whose line is cut comes back by itself. */
const COMES_BACK = 120000;

/** ms the class may still tell of a screen that was sent away. */
const GOES = 5000;

export class VerdictCard {
  constructor() {
    /** @private the house refused this page */
    this.final = false;
    /** @private @type {import('../core/roomstate.js').Seen | null} */
    this.seen = null;
    /** @private when an open screen of this room was last there, by performance.now() */
    this.screenAt = -Infinity;
    /** @private until when what the class tells of screens is of one that was sent away */
    this.deafUntil = -Infinity;
    /** @private what is shown, and what may come next */
    this.shown = '';
    /** @private */
    this.coming = { key: '', at: 0 };
    /** @private */
    this.timer = 0;
  }

  /** @param {import('../core/roomstate.js').Seen} seen */
  render(seen) {
    this.seen = seen;
    if (this.final) return;
    const now = performance.now();
    if (now >= this.deafUntil && seen.up && seen.screens.some((screen) => screen.opened !== false)) this.screenAt = now;
    const v = roomVerdict(Object.assign({}, seen, { lately: now - this.screenAt < COMES_BACK }));
    if (v.tone === 'good' || FACTS.indexOf(v.key) >= 0 || v.key === this.shown || this.lasts(v.key)) this.paint(v, seen);
  }

  /** @private @param {string} key @returns {boolean} */
  lasts(key) {
    const now = performance.now();
    if (this.coming.key !== key) this.coming = { key, at: now };
    const left = this.coming.at + STEADY - now;
    clearTimeout(this.timer);
    if (left > 0) this.timer = window.setTimeout(() => { if (this.seen) this.render(this.seen); }, left);
    return left <= 0;
  }

  /** @private @param {import('../core/roomstate.js').Verdict} v @param {import('../core/roomstate.js').Seen} seen */
  paint(v, seen) {
    this.shown = v.key;
    this.coming = { key: '', at: 0 };
    clearTimeout(this.timer);
    el('verdict').dataset.tone = v.tone;
    write(el('verdict-say'), say('desk.verdict.' + v.key));
    const todo = v.todo ? say('desk.todo.' + v.todo) : v.key === 'ready' || v.key === 'unheard' ? say('state.say.scheduled', { when: when(seen.room.at) }) : (!seen.up && seen.why) || '';
    show(el('verdict-todo'), todo !== '');
    write(el('verdict-todo'), todo);
    const some = v.ill > 0 && v.screens > 1;
    show(el('verdict-some'), some);
    write(el('verdict-some'), some ? say(v.ill > 1 ? 'desk.some-many' : 'desk.some', { ill: v.ill, n: v.screens }) : '');
  }

  /** A screen was sent away from here: none is waited for. */
  sentAway() {
    this.screenAt = -Infinity;
    this.deafUntil = performance.now() + GOES;
  }

  /** @param {string} text */
  refuse(text) {
    this.final = true;
    el('verdict').dataset.tone = 'act';
    write(el('verdict-say'), say('desk.refusal'));
    write(el('verdict-todo'), text);
    show(el('verdict-todo'), true);
    show(el('verdict-some'), false);
  }
}
