// The floor, from « Ma salle »: ask for it with a reason, answer an invitation, and give it back. Speaking itself has its own page.

import { Acceptance } from '../core/acceptance.js';
import { endWord, floorOf, withoutMicrophone } from '../core/floor.js';
import { uuid } from '../core/link.js';
import { knows, say } from '../core/words.js';
import { openDialog } from './dialog.js';
import { announce } from './news.js';
import { el, make, page, show, write } from './page.js';
import { picto } from './picto.js';
import { placeOf } from './question-words.js';
import { shifted } from './steady.js';

const LONGEST_REASON = 200;

/** Why a room asks to speak: a drawing and a word, so that nobody has to write. */
const REASONS = [['ask', 'question'], ['show', 'camera'], ['tell', 'voice'], ['done', 'done']];

/** Phases in which this room has something to answer, or to give back. */
const MINE = ['invited', 'accepted', 'backstage', 'on-air'];

/** @typedef {{ name: string, icon: string, look: string, act: () => void }} Act */

export class FloorCard {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {string} token @param {import('./news.js').News} news */
  constructor(classroom, token, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.acceptance = new Acceptance(classroom, { room: page.room, lang: page.lang, token });
    /** @private */
    this.news = news;
    /** @private what the card was drawn for */
    this.drawn = '';
    /** @private whether the microphone was closed then */
    this.shut = false;
    el('ask-floor-do').addEventListener('click', () => this.askOrCancel());
    window.setInterval(() => this.tick(), 1000);
  }

  render() {
    const standing = floorOf(this.classroom);
    this.renderAsk(standing);
    const mine = standing.ours && MINE.indexOf(standing.phase) >= 0;
    this.renderBar(standing, mine);
    const other = !standing.ours && standing.phase === 'on-air';
    const over = standing.ours && standing.phase === 'ended' && knows('desk.floor.ended.' + standing.why);
    const shown = mine || other || over;
    const key = [shown, standing.phase, standing.ours, standing.grant, standing.why, standing.by].join();
    if (key !== this.drawn) this.draw(standing, shown, other);
    else if (withoutMicrophone(standing) !== this.shut) this.retell(standing);
    this.drawn = key;
    this.shut = withoutMicrophone(standing);
    this.tick();
  }

  /** @private @param {import('../core/floor.js').Standing} standing @param {boolean} shown @param {boolean} other */
  draw(standing, shown, other) {
    shifted();
    show(el('floor'), shown);
    if (!shown) return announce(el('floor-said'), '');
    el('floor').dataset.phase = other ? 'other' : standing.phase;
    const { title, text, icon } = this.words(standing, other);
    const head = el('floor-title');
    head.textContent = '';
    head.append(picto(icon), title);
    write(el('floor-text'), text);
    this.buttons(other ? [] : this.acts(standing));
    return announce(el('floor-said'), other ? '' : text ? title + '. ' + text : title);
  }

  /** The microphone went, or came back: other words over the same buttons, which stay under the finger. @private @param {import('../core/floor.js').Standing} s */
  retell(s) {
    const { text } = this.words(s, false);
    write(el('floor-text'), text);
    announce(el('floor-said'), text);
  }

  /** @private @param {import('../core/floor.js').Standing} s @param {boolean} other @returns {{ title: string, text: string, icon: string }} */
  words(s, other) {
    if (other) return { title: say('desk.floor.other', { place: placeOf(s.floor) }), text: '', icon: 'on-air' };
    if (s.phase === 'ended') return { title: say(endWord('desk.floor.ended.', s)), text: '', icon: 'ended' }; // who refused was never on air: the reason says it all
    const icon = s.phase === 'invited' ? 'invite' : s.phase === 'on-air' ? 'on-air' : 'backstage';
    return { title: say('desk.floor.is.' + s.phase), text: say('desk.floor.text.' + (withoutMicrophone(s) ? this.shutWord(s) : s.phase)), icon };
  }

  /** The page with the microphone was left, or its line is cut. @private @param {import('../core/floor.js').Standing} s @returns {string} */
  shutWord(s) {
    if (!this.acceptance.began(s.grant)) return 'shut';
    return s.phase === 'on-air' ? 'shut.return' : 'shut.return.backstage';
  }

  /** @private @param {import('../core/floor.js').Standing} s @returns {Act[]} */
  acts(s) {
    if (s.phase === 'ended') return [];
    if (s.phase === 'invited') {
      return [
        { name: 'accept', icon: 'done', look: 'primary', act: () => this.accept(s.grant) },
        { name: 'refuse', icon: 'decline', look: '', act: () => this.send({ name: 'refuse-invite', grant: s.grant }) },
      ];
    }
    /** @type {Act[]} */
    const acts = [{ name: s.phase === 'on-air' ? 'give-back' : 'leave', icon: 'cut', look: s.phase === 'on-air' ? 'onair' : '', act: () => this.send({ name: 'cut', grant: s.grant }) }];
    if (this.acceptance.began(s.grant)) acts.unshift({ name: 'return', icon: 'voice', look: 'primary', act: () => this.accept(s.grant) });
    return acts;
  }

  /** @private @param {Act[]} acts */
  buttons(acts) {
    const row = el('floor-acts');
    row.textContent = '';
    for (const { name, icon, look, act } of acts) {
      const button = make('button.big' + (look ? '.' + look : ''), { type: 'button', 'data-act': name }, [picto(icon), say('desk.floor.' + name)]);
      button.addEventListener('click', act);
      row.append(button);
    }
    show(row, acts.length > 0);
  }

  /** @private @param {import('../core/classroom.js').Command} command */
  send(command) {
    this.classroom.do(command).catch((error) => this.news.refusal(error));
  }

  /**
   * From here on this tab is the guest's page. What is being written and what waits are kept by the browser.
   * @private
   * @param {string} grant
   */
  async accept(grant) {
    try {
      const address = await this.acceptance.accept(grant, () => this.news.tell(say('common.connection-lost')));
      if (address) window.location.assign(address);
    } catch (error) {
      this.news.refusal(error);
    }
  }

  /** How long the invitation still waits. @private */
  tick() {
    const left = this.acceptance.left();
    show(el('floor-left'), left !== null);
    if (left !== null) write(el('floor-left'), say('desk.floor.left', { n: left }));
    show(el('floor-call'), left !== null && !inSight(el('floor')));
  }

  /** Where a thumb rests: the way to what is to be answered, or else to asking. @private @param {import('../core/floor.js').Standing} s @param {boolean} mine */
  renderBar(s, mine) {
    const link = el('bar-floor');
    const target = mine ? '#floor' : '#ask-floor';
    if (link.getAttribute('href') !== target) link.setAttribute('href', target);
    link.dataset.phase = mine ? s.phase : '';
    write(el('bar-floor-calls'), mine && s.phase === 'invited' ? '1' : '');
    show(link, mine || !el('ask-floor').hidden);
  }

  // ---- asking for it ----

  /** @private @param {import('../core/floor.js').Standing} s */
  renderAsk(s) {
    const room = this.classroom.get('room');
    const open = Boolean(room) && room.state !== 'ended' && !(s.ours && s.phase !== 'ended' && s.phase !== 'none');
    show(el('ask-floor'), open);
    if (!open) return;
    const asked = s.request;
    write(el('ask-floor-text'), asked ? (asked.reason ? say('desk.floor.asked.reason', { reason: asked.reason }) : say('desk.floor.asked')) : say('desk.floor.why'));
    const button = el('ask-floor-do');
    if (button.dataset.asked === String(Boolean(asked))) return;
    button.dataset.asked = String(Boolean(asked));
    button.textContent = '';
    button.append(picto(asked ? 'decline' : 'request'), say(asked ? 'desk.floor.cancel' : 'desk.floor.ask'));
    button.dataset.act = asked ? 'cancel-request' : '';
  }

  /** @private */
  askOrCancel() {
    const { request } = floorOf(this.classroom);
    if (request) return this.send({ name: 'cancel-request', request: request.id });
    const choices = REASONS.map(([name, icon]) => ({ text: say('desk.floor.reason.' + name), picto: icon, act: () => this.ask(say('desk.floor.reason.' + name)) }));
    openDialog({
      title: say('desk.floor.reason'), body: [say('desk.floor.consent')], stacked: true, late: (error) => this.news.refusal(error),
      choices: [...choices, { text: say('desk.floor.reason.other'), picto: 'sheet', act: () => this.write() }, { text: say('desk.cancel'), look: 'quiet' }],
    });
    return undefined;
  }

  /** @private @param {string} reason @returns {Promise<unknown>} */
  ask(reason) {
    const done = this.classroom.do({ name: 'request-floor', request: uuid(), reason });
    done.then(() => announce(el('ask-floor-said'), say('desk.floor.sent')), () => undefined);
    return done;
  }

  /** A reason in words, for who wants to write one. @private */
  write() {
    const field = /** @type {HTMLInputElement} */ (make('input', { type: 'text', id: 'floor-reason', maxlength: String(LONGEST_REASON), autocomplete: 'off' }));
    setTimeout(() => openDialog({
      title: say('desk.floor.reason'), late: (error) => this.news.refusal(error),
      body: [make('div', null, [make('label', { for: 'floor-reason' }, [say('desk.floor.reason.label')]), field])],
      choices: [{ text: say('desk.floor.ask'), look: 'primary', picto: 'request', act: () => this.ask(field.value.trim().normalize('NFC')) }, { text: say('desk.cancel'), look: 'quiet' }],
    }));
  }
}

/** Something of it is before the eyes, above the foot of the window where words lie over the page. @param {HTMLElement} element @returns {boolean} */
function inSight(element) {
  const box = element.getBoundingClientRect();
  return box.bottom > 0 && box.top < window.innerHeight / 2;
}
