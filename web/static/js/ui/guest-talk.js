// The big button: a finger, the space bar or Enter hold it; « Garder ouvert », or a tap, does so for who cannot. Nothing here is read
// aloud while the microphone is open: it would be heard in every room.
//
//   change  what is open or asked for has changed: the microphone follows in the same moment

import { Emitter } from '../core/emitter.js';
import { Talk } from '../core/talk.js';
import { say } from '../core/words.js';
import { el, write } from './page.js';

const KEYS = [' ', 'Enter', 'Spacebar'];
const TAP = 300; // ms: a press that ends by then said nothing, the microphone had hardly opened
const SHAKE = [80, 60, 80]; // ms: felt by a finger that holds a button which is no longer heard
const CLICK_WITHIN = 60000; // ms after which a click does not belong to the last press

export class TalkButton extends Emitter {
  constructor() {
    super();
    /** @private */
    this.talk = new Talk();
    /** @private */
    this.button = el('hold');
    /** @private */
    this.latch = el('latch');
    /** @private */
    this.timer = 0;
    /** @private as it was told last */
    this.told = '';
    /** @private the press that a click belongs to: when it began, how long it lasted, and whether it closed what was kept open */
    this.press = { at: -Infinity, ms: Infinity, closed: false };
    this.listen();
  }

  /** @returns {boolean} */
  get open() {
    return this.talk.open;
  }

  /** @returns {boolean} the room's screens are to be silent */
  get wanted() {
    return this.talk.on;
  }

  /** @param {boolean} screens  of the guest's room; a home has none */
  among(screens) {
    this.talk.among(screens);
  }

  /** @param {boolean} yes  somebody hears us */
  allow(yes) {
    this.talk.allow(yes);
    this.settle();
  }

  drop() {
    this.talk.drop();
    this.settle();
  }

  /** @param {any} talk  the entity */
  heard(talk) {
    this.talk.heard(talk, performance.now());
    this.settle();
  }

  /** @private */
  listen() {
    const { button } = this;
    button.addEventListener('pointerdown', (event) => this.down(event));
    for (const name of ['pointerup', 'pointercancel', 'lostpointercapture']) {
      button.addEventListener(name, (event) => this.up(/** @type {PointerEvent} */ (event)));
    }
    button.addEventListener('contextmenu', (event) => event.preventDefault()); // a long press is what we ask for
    button.addEventListener('keydown', (event) => this.key(event));
    button.addEventListener('keyup', (event) => { if (KEYS.indexOf(event.key) >= 0) { event.preventDefault(); this.release('key'); } });
    button.addEventListener('blur', () => this.release('key'));
    button.addEventListener('click', () => this.clicked());
    this.latch.addEventListener('click', () => { this.talk.latch(!this.talk.latched, performance.now()); this.settle(); });
    window.addEventListener('blur', () => this.release('key'));
  }

  /** @private @param {PointerEvent} event */
  down(event) {
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    this.press = { at: performance.now(), ms: Infinity, closed: this.talk.latched };
    if (this.button.setPointerCapture) this.button.setPointerCapture(event.pointerId); // a finger that slides off still holds
    this.talk.press('pointer' + event.pointerId, performance.now());
    this.settle();
  }

  /** @private @param {PointerEvent} event */
  up(event) {
    const { press } = this;
    press.ms = Math.min(press.ms, performance.now() - press.at);
    this.release('pointer' + event.pointerId);
  }

  /** @private @param {KeyboardEvent} event */
  key(event) {
    if (KEYS.indexOf(event.key) < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (event.repeat) return;
    this.talk.press('key', performance.now());
    this.settle();
  }

  /** @private @param {string} by */
  release(by) {
    this.talk.release(by);
    this.settle();
  }

  /**
   * A screen reader taps, with a pointer or without: it cannot hold, it keeps open and closes. So does a finger that is gone before
   * anything could be said. A click after a longer press is that press. @private
   */
  clicked() {
    const { at, ms, closed } = this.press;
    this.press = { at: -Infinity, ms: Infinity, closed: false };
    if (performance.now() - at < CLICK_WITHIN && (closed || ms > TAP)) return;
    this.talk.latch(!this.talk.latched, performance.now());
    this.settle();
  }

  /** Tells what changed, and comes back when something is due. @private */
  settle() {
    clearTimeout(this.timer);
    const { dueAt, state, latched } = this.talk;
    if (dueAt !== Infinity) this.timer = window.setTimeout(() => { this.talk.tick(performance.now()); this.settle(); }, Math.max(0, dueAt - performance.now()));
    const now = [state, latched, this.talk.again].join();
    if (now === this.told) return;
    this.told = now;
    this.emit('change');
    this.paint();
  }

  /** @private */
  paint() {
    const { state, latched, again } = this.talk;
    if (again && navigator.vibrate) navigator.vibrate(SHAKE);
    this.button.dataset.talk = state;
    this.button.setAttribute('aria-pressed', String(this.talk.on));
    for (const button of [this.button, this.latch]) {
      if (state === 'off') button.setAttribute('aria-disabled', 'true');
      else button.removeAttribute('aria-disabled');
    }
    write(el('hold-word'), say('guest.talk.' + (again ? 'again' : state)));
    write(this.latch, say(latched ? 'guest.talk.unlatch' : 'guest.talk.latch'));
  }
}
