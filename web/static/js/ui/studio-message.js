// What the studio says when there is nothing to show: arriving, the air is elsewhere, it was taken, the séance has ended.

import { heldByMe, mayTake } from '../core/onair.js';
import { say } from '../core/words.js';
import { el, show, write } from './page.js';

export class Message {
  constructor() {
    /** @private @type {() => void} */
    this.act = () => undefined;
    /** @private what is shown, so that focus moves once */
    this.shown = 'arriving';
    /** the house refused this page for good: its reason stays */
    this.final = false;
    el('message-act').addEventListener('click', () => this.act());
  }

  /**
   * @param {import('../core/onair.js').Phase} at
   * @param {import('../core/onair.js').Standing} standing
   * @param {number} now  ms, the server's clock
   * @param {number} minutes  left to take the séance up again
   * @param {boolean} late  the class has not answered for so long that it must be said
   * @param {() => void} act
   */
  show(at, standing, now, minutes, late, act) {
    if (this.final) return;
    this.act = act;
    const key = at === 'arriving' && late ? 'unreached' : at === 'elsewhere' || at === 'taken' ? at + (heldByMe(standing) ? '' : '-other') : at;
    this.say('studio.' + key + '.title', 'studio.' + key + '.text');
    const button = this.button(at, standing, now, minutes);
    write(el('message-act'), button && say(button));
    show(el('message-act'), button !== '');
    write(el('message-hint'), at === 'ended' && minutes ? say('studio.ended.hint', { n: minutes }) : '');
    show(el('message-hint'), at === 'ended' && minutes > 0);
    this.moveFocus(key);
  }

  /**
   * While another person holds the air the house would refuse it: no button that opens the camera for nothing.
   * @private
   * @param {import('../core/onair.js').Phase} at
   * @param {import('../core/onair.js').Standing} standing
   * @param {number} now
   * @param {number} minutes
   * @returns {string} the key of its words, '' for none
   */
  button(at, standing, now, minutes) {
    if (at === 'ended') return minutes ? 'studio.ended.act' : '';
    if (at === 'arriving' || !mayTake(standing, now)) return '';
    return heldByMe(standing) ? 'studio.take-back' : 'studio.take';
  }

  /** @param {{code: string, text: string}} refusal */
  refuse(refusal) {
    this.final = true;
    write(el('message-title'), say('studio.refusal.title'));
    write(el('message-text'), refusal.text || say('common.failed'));
    show(el('message-act'), false);
    show(el('message-hint'), false);
    show(el('stage'), false);
    show(el('message'), true);
    el('message-title').focus({ preventScroll: true });
  }

  /** @private @param {string} title @param {string} text */
  say(title, text) {
    write(el('message-title'), say(title));
    write(el('message-text'), say(text));
  }

  /** @private @param {string} key */
  moveFocus(key) {
    if (key === this.shown) return;
    this.shown = key;
    if (key !== 'arriving' && key !== 'unreached') el('message-title').focus({ preventScroll: true });
  }
}
