// A list that never moves a button from under a finger. What is gone fades in its place and leaves once the
// pointer has rested elsewhere; what is new comes in its turn when nobody is aiming, at this list or at one
// below, which it would push. Nothing at all moves while a finger is down. Right after a move, for the time a
// hand needs to see it, taps that were aimed at the old place are not done, and the page says so. The same
// holds of buttons that come, go or change their meaning by another hand than the one that taps: see Aim.
//
//   missed  (a DOM event that bubbles, { why }) a tap on a control was not done: 'moved' (another stood there a moment before), 'left'
//           (what it was about had just gone), 'nothing' (there is nothing to do here now)

import { follow, show } from './page.js';

const RESTING = 1200; // ms since the last pointer or key event in the list
const AIMING = 350; // ms a hand needs to notice that things moved
const STEP = 250;

const LONGEST_PRESS = 3000; // ms: a release that was never seen must not hold a page
const CLICK = 80; // ms between a release and the click that it makes

let shiftedAt = -Infinity;
let pressedAt = -Infinity;
/** @type {Set<() => void>} what waits for the finger to be lifted */
const held = new Set();
/** The list touched last. @type {{list: HTMLElement | null, at: number}} */
const touched = { list: null, at: -Infinity };

document.addEventListener('pointerdown', () => { pressedAt = performance.now(); }, true);
for (const name of ['pointerup', 'pointercancel']) document.addEventListener(name, () => setTimeout(lifted, CLICK), true);

function lifted() {
  pressedAt = -Infinity;
  const waiting = Array.from(held);
  held.clear();
  for (const run of waiting) run();
}

/** @returns {boolean} a finger is down, anywhere on the page */
function pressed() {
  return performance.now() - pressedAt < LONGEST_PRESS;
}

/**
 * The same function, which waits while a finger is down. What it draws may push what is below.
 * @param {() => void} draw
 * @returns {() => void}
 */
export function steadily(draw) {
  const later = () => {
    if (!pressed()) return draw();
    if (held.size === 0) setTimeout(lifted, LONGEST_PRESS);
    held.add(draw);
    return undefined;
  };
  return later;
}

/** Something above appeared or left: what is below moved, all of it. */
export function shifted() {
  shiftedAt = performance.now();
}

/** Shows or hides what stands above something that can be pressed. @param {HTMLElement} element @param {boolean} visible */
export function showAbove(element, visible) {
  if (element.hidden === visible) shifted();
  show(element, visible);
}

const CONTROLS = 'button, a, input, select, summary, label';

/** What a click is about; null beside all controls. @param {Event} event @returns {HTMLElement | null} */
function controlOf(event) {
  return /** @type {Element} */ (event.target).closest(CONTROLS);
}

/** A tap on this control was not done: the page says why. @param {HTMLElement} control @param {'moved' | 'left' | 'nothing'} why */
export function missed(control, why) {
  control.dispatchEvent(new CustomEvent('missed', { bubbles: true, detail: { why } }));
}

/** @param {MouseEvent} event @param {HTMLElement} control @param {'moved' | 'left'} why */
function miss(event, control, why) {
  event.preventDefault();
  event.stopPropagation();
  missed(control, why);
}

/** Aimed at what stood there before: too short after `at`. A key goes to what has the focus, wherever that is. @param {MouseEvent} event @param {number} at */
function tooSoon(event, at) {
  return event.detail > 0 && performance.now() - at < AIMING;
}

/**
 * Buttons that come, go or change their meaning when somebody else acts: a tap of who could not see it yet is not done, and said.
 *
 *   const aim = new Aim(el('acts'));
 *   aim.follow(stage);   at each drawing: what the buttons of the box are about
 */
export class Aim {
  /**
   * @param {HTMLElement} box
   * @param {{ spared?: string, alone?: boolean }} [options]  spared: controls (CSS) that have an aim of their own; alone: what appears
   *   above does not count, because this one must never wait for anything else
   */
  constructor(box, { spared = '', alone = false } = {}) {
    /** @private */
    this.at = -Infinity;
    /** @private */
    this.spared = spared;
    /** @private */
    this.alone = alone;
    /** @private @type {string | null} */
    this.about = null;
    box.addEventListener('click', (event) => this.guard(event), true);
  }

  /** @param {string} about  another one than before: the buttons mean something else from now on */
  follow(about) {
    if (this.about !== null && about !== this.about) this.at = performance.now();
    this.about = about;
  }

  /** @private @param {MouseEvent} event */
  guard(event) {
    const control = controlOf(event);
    if (!control || (this.spared && control.closest(this.spared))) return;
    if (tooSoon(event, this.alone ? this.at : Math.max(this.at, shiftedAt))) miss(event, control, 'moved');
  }
}

/** Every list of the page: what grows above a list moves it. @type {Set<SteadyList<any>>} */
const lists = new Set();
let looking = false;

/** After the next picture, when it costs nothing to ask: which lists stand elsewhere than before? */
function lookSoon() {
  if (looking) return;
  looking = true;
  requestAnimationFrame(() => setTimeout(() => {
    looking = false;
    for (const list of lists) list.look();
  }));
}

/**
 * @template T
 * @typedef {Object} SteadyOptions
 * @property {(item: T) => string} keyOf
 * @property {(item: T) => HTMLElement} create
 * @property {(element: HTMLElement, item: T) => void} update
 */

/** @template T */
export class SteadyList {
  /**
   * @param {HTMLElement} list
   * @param {SteadyOptions<T>} options
   */
  constructor(list, options) {
    /** @private */
    this.list = list;
    /** @private */
    this.options = options;
    /** @private @type {T[]} */
    this.items = [];
    /** @private */
    this.movedAt = -Infinity;
    /** @private where it stood when it was last looked at, px @type {{ top: number, page: number } | null} */
    this.stood = null;
    /** @private */
    this.timer = 0;
    for (const name of ['pointerdown', 'pointermove', 'keydown']) {
      list.addEventListener(name, () => { touched.list = list; touched.at = performance.now(); });
    }
    list.addEventListener('click', (event) => this.guard(event), true);
    lists.add(this);
  }

  /** @param {T[]} items  in their order */
  show(items) {
    this.items = items;
    this.refresh();
    this.settle();
    lookSoon();
  }

  /** Updates in place, appends, fades: nothing moves. @private */
  refresh() {
    const wanted = new Map(this.items.map((item) => [this.options.keyOf(item), item]));
    for (const child of Array.from(this.list.children)) {
      const element = /** @type {HTMLElement} */ (child);
      const item = wanted.get(element.dataset.key || '');
      element.classList.toggle('leaving', item === undefined);
      if (item !== undefined) this.options.update(element, item);
    }
  }

  /** @private */
  settle() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.inOrder()) return;
    if (this.mustWait()) {
      this.timer = window.setTimeout(() => this.settle(), STEP);
      return;
    }
    if (this.moves()) this.movedAt = performance.now();
    const refocus = this.focusAfter();
    follow(this.list, this.items, this.options.keyOf, this.options.create, this.options.update);
    lookSoon();
    if (refocus) refocus();
  }

  /**
   * Whether something above has pushed this list since the last look. A person who scrolls moves it in the window alone, and what is pinned
   * to the window moves in the page alone.
   */
  look() {
    if (!this.list.children.length) return;
    const { top } = this.list.getBoundingClientRect();
    const before = this.stood;
    this.stood = { top: Math.round(top), page: Math.round(top + window.scrollY) };
    if (before && before.top !== this.stood.top && before.page !== this.stood.page) this.movedAt = performance.now();
  }

  /** A hand is about to act where this list would move something. @private */
  mustWait() {
    if (pressed()) return true;
    if (!touched.list || performance.now() - touched.at >= RESTING) return false;
    if (touched.list === this.list) return this.moves();
    return Boolean(this.list.compareDocumentPosition(touched.list) & Node.DOCUMENT_POSITION_FOLLOWING);
  }

  /** @private @returns {string[]} */
  shown() {
    return Array.from(this.list.children).map((child) => /** @type {HTMLElement} */ (child).dataset.key || '');
  }

  /** @private */
  inOrder() {
    const shown = this.shown();
    return shown.length === this.items.length && this.items.every((item, i) => shown[i] === this.options.keyOf(item));
  }

  /** Whether settling would move something that is already there. @private */
  moves() {
    const shown = this.shown();
    return !shown.every((key, i) => i < this.items.length && this.options.keyOf(this.items[i]) === key);
  }

  /** The keyboard's place, when its item is about to leave: the next one, or the list. @private @returns {(() => void) | null} */
  focusAfter() {
    const active = document.activeElement;
    const leaving = Array.from(this.list.children).find((child) => child.classList.contains('leaving') && child.contains(active));
    if (!leaving) return null;
    const next = /** @type {HTMLElement | null} */ (leaving.nextElementSibling || leaving.previousElementSibling);
    return () => (next && next.isConnected ? next : this.list).focus({ preventScroll: true }); // the item, not its button: a second key press must not act on it
  }

  /** @private @param {MouseEvent} event */
  guard(event) {
    const control = controlOf(event);
    if (!control) return;
    if (control.closest('.leaving')) miss(event, control, 'left');
    else if (tooSoon(event, Math.max(this.movedAt, shiftedAt))) miss(event, control, 'moved');
  }
}
