// The floor, from home: ask for it with or without a reason, answer an invitation, give it back. An adult says so. Speaking itself
// has its own page, the only one that may ask for a microphone.

import { Acceptance } from '../core/acceptance.js';
import { endWord, floorOf, withoutMicrophone } from '../core/floor.js';
import { uuid } from '../core/link.js';
import { knows, say } from '../core/words.js';
import { openDialog } from './dialog.js';
import { announce, why } from './news.js';
import { el, make, page, show, write } from './page.js';
import { picto } from './picto.js';

const LONGEST_REASON = 200;

/** What must be met by the eyes wherever they were on the page: it is answered within two minutes, or just became so by a tap far below. */
const URGENT = ['requested', 'invited'];

/** @typedef {import('../core/floor.js').Standing} Standing */

export class HomeFloor {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {string} device  the secret by which the house knows this browser
   */
  constructor(classroom, device) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.acceptance = new Acceptance(classroom, { room: page.room, lang: page.lang, device });
    /** @private what the card was drawn for */
    this.drawn = '';
    /** @private whether the microphone was closed then */
    this.shut = false;
    /** @private the card is to be brought before the eyes once nobody writes */
    this.calls = false;
    el('floor-ask').addEventListener('click', () => this.ask());
    document.addEventListener('focusout', () => setTimeout(() => this.call(), 0));
    window.setInterval(() => this.tick(), 1000);
  }

  paint() {
    const s = floorOf(this.classroom);
    const phase = s.ours || s.request ? s.phase : 'none';
    const shown = phase !== 'none' && (phase !== 'ended' || knows('live.floor.ended.' + s.why));
    const room = this.classroom.get('room');
    const may = s.acts.indexOf('request-floor') >= 0 && this.classroom.known && !this.classroom.stopped;
    show(el('floor-ask'), may && Boolean(room) && room.state !== 'ended');
    const key = [shown, phase, s.grant, s.why, s.by].join();
    const shut = withoutMicrophone(s);
    if (key !== this.drawn) this.draw(s, phase, shown);
    else if (shut !== this.shut) this.retell(this.words(s, phase));
    this.drawn = key;
    this.shut = shut;
    this.tick();
  }

  /** @private @param {Standing} s @param {string} phase @param {boolean} shown */
  draw(s, phase, shown) {
    show(el('floor'), shown);
    if (!shown) return announce(el('floor-said'), '');
    const title = say(phase === 'ended' ? endWord('live.floor.ended.', s) : 'live.floor.is.' + phase);
    const text = this.words(s, phase);
    el('floor').dataset.phase = phase;
    write(el('floor-title'), title);
    write(el('floor-text'), text);
    const row = el('floor-acts');
    row.textContent = '';
    row.append(...this.buttons(s, phase));
    show(row, row.children.length > 0);
    this.calls = URGENT.indexOf(phase) >= 0;
    this.call();
    return announce(el('floor-said'), text ? title + '. ' + text : title);
  }

  /** @private @param {Standing} s @param {string} phase @returns {string} */
  words(s, phase) {
    return phase === 'ended' ? '' : say('live.floor.text.' + (withoutMicrophone(s) ? 'shut' : phase));
  }

  /** Other words over the same buttons, which stay under the finger. @private @param {string} text */
  retell(text) {
    write(el('floor-text'), text);
    announce(el('floor-said'), text);
  }

  /** Brings the card before the eyes, but never from under a hand that writes. @private */
  call() {
    const writing = document.activeElement && /^(textarea|input|select)$/i.test(document.activeElement.tagName);
    if (!this.calls || writing || document.querySelector('dialog[open], [role="dialog"]')) return;
    this.calls = false;
    el('floor').scrollIntoView({ block: 'center' });
  }

  /** @private @param {Standing} s @param {string} phase @returns {HTMLElement[]} */
  buttons(s, phase) {
    switch (phase) {
      case 'requested':
        return [button('cancel', 'decline', '', () => this.send({ name: 'cancel-request', request: s.request.id }))];
      case 'invited':
        return [button('accept', 'done', 'primary', () => this.accept(s.grant)), button('refuse', 'decline', '', () => this.send({ name: 'refuse-invite', grant: s.grant }))];
      case 'ended':
        return [];
      default:
        return this.seated(s);
    }
  }

  /** @private @param {Standing} s @returns {HTMLElement[]} the page of the guest is open, or was */
  seated(s) {
    const leave = button(s.phase === 'on-air' ? 'give-back' : 'leave', 'cut', '', () => this.send({ name: 'cut', grant: s.grant }));
    return this.acceptance.began(s.grant) ? [button('return', 'voice', 'primary', () => this.accept(s.grant)), leave] : [leave];
  }

  /** @private @param {import('../core/classroom.js').Command} command */
  send(command) {
    this.classroom.do(command).catch((error) => this.complain(error));
  }

  /** @private @param {any} error */
  complain(error) {
    announce(el('floor-said'), '');
    announce(el('floor-error'), why(error));
  }

  /**
   * From here on this tab is the guest's page.
   * @private
   * @param {string} grant
   */
  async accept(grant) {
    announce(el('floor-error'), '');
    try {
      const address = await this.acceptance.accept(grant, () => announce(el('floor-error'), say('common.connection-lost')));
      if (address) window.location.assign(address);
    } catch (error) {
      this.complain(error);
    }
  }

  /** How long the invitation still waits; seen, not read aloud each second. @private */
  tick() {
    this.call();
    const left = this.acceptance.left();
    show(el('floor-left'), left !== null);
    if (left !== null) write(el('floor-left'), say('live.floor.left', { n: left }));
  }

  // ---- asking for it ----

  /** @private */
  ask() {
    const adult = /** @type {HTMLInputElement} */ (make('input', { type: 'checkbox', id: 'floor-adult' }));
    const reason = /** @type {HTMLInputElement} */ (make('input', { type: 'text', id: 'floor-reason', maxlength: String(LONGEST_REASON), autocomplete: 'off' }));
    const complaint = make('p.field-error', { role: 'alert', id: 'floor-adult-error', hidden: '' });
    const consent = make('div', null, [make('label.check', { for: 'floor-adult' }, [adult, make('span', null, [say('live.floor.adult')])]), complaint]);
    openDialog({
      title: say('live.floor.ask'),
      body: [say('live.floor.consent'), consent, make('div', null, [make('label', { for: 'floor-reason' }, [say('live.floor.reason')]), reason])],
      late: (error) => this.complain(error),
      choices: [
        { text: say('live.floor.send'), look: 'primary', act: () => {
          announce(complaint, adult.checked ? '' : say('live.floor.adult.needed'));
          if (!adult.checked) adult.focus();
          return adult.checked && this.classroom.do({ name: 'request-floor', request: uuid(), reason: reason.value.trim().normalize('NFC'), adult: 'yes' });
        } },
        { text: say('live.floor.not-now'), look: 'quiet' },
      ],
    });
  }
}

/** @param {string} name @param {string} icon @param {string} look @param {() => void} act @returns {HTMLElement} */
function button(name, icon, look, act) {
  const made = make('button.wide' + (look ? '.' + look : ''), { type: 'button' }, [picto(icon), say('live.floor.' + name)]);
  made.addEventListener('click', act);
  return made;
}
