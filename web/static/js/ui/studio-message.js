// What the studio says when there is nothing to show: arriving, the air is elsewhere, it was taken, the séance has ended.

import { heldByMe } from '../core/onair.js';
import { say } from '../core/words.js';
import { el, show, write } from './page.js';

export class Message {
  constructor() {
    /** @private @type {() => void} */
    this.act = () => undefined;
    /** @private what is shown, so that focus moves once */
    this.shown = 'arriving';
    /** @private the house refused this page for good */
    this.final = false;
    el('message-act').addEventListener('click', () => this.act());
  }

  /**
   * @param {import('../core/onair.js').Phase} at
   * @param {import('../core/onair.js').Standing} standing
   * @param {number} minutes  left to take the séance up again
   * @param {() => void} act
   */
  show(at, standing, minutes, act) {
    if (this.final) return;
    this.act = act;
    const key = at === 'elsewhere' || at === 'taken' ? at + (heldByMe(standing) ? '' : '-other') : at;
    this.say('studio.' + key + '.title', 'studio.' + key + '.text');
    const button = at === 'ended' ? (minutes ? 'studio.ended.act' : '') : at === 'arriving' ? '' : heldByMe(standing) ? 'studio.take-back' : 'studio.take';
    write(el('message-act'), button && say(button));
    show(el('message-act'), button !== '');
    write(el('message-hint'), at === 'ended' && minutes ? say('studio.ended.hint', { n: minutes }) : '');
    show(el('message-hint'), at === 'ended' && minutes > 0);
    this.moveFocus(key);
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
    if (key !== 'arriving') el('message-title').focus({ preventScroll: true });
  }
}
