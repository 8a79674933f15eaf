// The question box of a home or a post: writes, keeps, sends, and says what became of it. Who does not write has a button.

import { fatePicto, writeFate } from './fate-picto.js';
import { fate, footnote, stateOf, wording } from './fate.js';
import { el, follow, make, show, write } from './page.js';
import { memory } from '../core/link.js';
import { say } from '../core/words.js';
import { picto } from './picto.js';

/** States in which its asker may still take a question back. */
const OPEN = ['asked', 'relayed', 'approved'];

const TOLD = 8000;
const LIMIT = 300; // signs, as people count them
const NEAR = 50; // signs left, from which on they are counted aloud

/**
 * @typedef {Object} AskOptions
 * @property {() => string} [label]  where the asker sits: « poste 3 »
 * @property {(question: any) => string} [fate]  what became of it in the page's own words, '' for the usual ones
 * @property {(question: any) => boolean} [mine]  whether a question may be shown here; letters on their way too
 */

export class Ask {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('../core/outbox.js').Outbox} outbox
   * @param {string} place  where the draft is kept: page and room
   * @param {string} [state] the room's state as the server wrote it
   * @param {AskOptions} [options]
   */
  constructor(classroom, outbox, place, state, options) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.outbox = outbox;
    /** @private */
    this.box = /** @type {HTMLTextAreaElement} */ (el('ask-text'));
    /** @private */
    this.draft = 'draft.' + place;
    /** @private */
    this.initial = state || 'scheduled';
    /** @private */
    this.options = options || {};
    /** @private */
    this.timer = 0;
    if (!this.box.value) this.box.value = memory('tab', this.draft);
    outbox.on('change', () => this.paint());
    el('ask-form').addEventListener('submit', (event) => { event.preventDefault(); this.send(); });
    this.box.addEventListener('input', () => this.written());
    el('ask-wordless').addEventListener('click', () => this.post(''));
    this.count();
  }

  /** @private */
  state() {
    const room = this.classroom.get('room');
    return room ? room.state : this.initial;
  }

  /** What is in the box, as it would be sent. @private */
  text() {
    return this.box.value.trim().normalize('NFC');
  }

  /** @private */
  written() {
    memory('tab', this.draft, this.box.value);
    this.complain('');
    this.count();
  }

  /** Nothing is cut: what is too long is said to be, and waits to be shortened. @private @returns {boolean} whether it fits */
  count() {
    const left = LIMIT - Array.from(this.text()).length;
    write(el('ask-hint'), left > NEAR || left < 0 ? say('live.ask.hint') : say('live.ask.left', { n: left }));
    if (left < 0) this.complain(say('live.ask.long', { n: -left }));
    return left >= 0;
  }

  /** @private */
  send() {
    const text = this.text();
    if (!text) {
      this.complain(say('live.ask.empty'));
      this.box.focus();
      return;
    }
    if (!this.count()) {
      this.box.focus();
      return;
    }
    this.post(text);
    this.box.value = '';
    this.written();
  }

  /**
   * @private
   * @param {string} text  '' for somebody who wants to ask aloud
   */
  post(text) {
    this.outbox.put(text, this.options.label ? this.options.label() : '');
    this.tell(say(this.classroom.up ? (text ? 'live.ask.sent' : 'live.ask.sent.wordless') : 'live.ask.kept'));
  }

  /** Nothing of who sat here stays: neither what was being written nor what a refusal gave back. Questions on their way go on. */
  forget() {
    for (const letter of this.outbox.list()) if (letter.state === 'refused') this.outbox.drop(letter.id);
    this.box.value = '';
    this.written();
    clearTimeout(this.timer);
    write(el('ask-status'), '');
    this.paint();
  }

  /**
   * Heard once, then gone: the question's own line says the rest.
   * @private
   * @param {string} text
   */
  tell(text) {
    clearTimeout(this.timer);
    write(el('ask-status'), text);
    this.timer = window.setTimeout(() => write(el('ask-status'), ''), TOLD);
  }

  /**
   * @private
   * @param {string} text
   */
  complain(text) {
    write(el('ask-error'), text);
    show(el('ask-error'), Boolean(text));
    if (text) this.box.setAttribute('aria-invalid', 'true');
    else this.box.removeAttribute('aria-invalid');
  }

  /** Once the class is known, or cannot be reached (questions are kept), and as long as they are taken. */
  paint() {
    const over = this.state() === 'ended';
    const open = !over && !this.classroom.stopped && (this.classroom.known || this.classroom.late);
    const mine = this.mine();
    show(el('ask'), open || mine.length > 0);
    show(el('ask-form'), open);
    show(el('mine-box'), mine.length > 0);
    this.paintHelpers(open);
    follow(el('mine'), mine, (q) => q.id, (q) => this.create(q), (element, q) => this.update(element, q, over));
  }

  /**
   * Those on their way first, then the newest.
   * @private
   * @returns {any[]}
   */
  mine() {
    const known = this.classroom.all('question/').filter((q) => q.mine && q.state !== 'withdrawn');
    known.sort((a, b) => (a.askedAt < b.askedAt ? 1 : -1));
    const letters = this.outbox.list().filter((letter) => !this.classroom.get('question/' + letter.id));
    const all = letters.reverse().concat(known);
    return this.options.mine ? all.filter(this.options.mine) : all;
  }

  /**
   * @private
   * @param {boolean} open
   */
  paintHelpers(open) {
    const helpers = this.classroom.get('helpers');
    const you = this.classroom.get('you');
    show(el('helpers'), Boolean(open && helpers && you && you.site));
    if (helpers) write(el('helpers'), say(helpers.desk ? 'live.helpers.yes' : 'live.helpers.no'));
  }

  /**
   * @private
   * @param {any} question
   * @returns {HTMLElement}
   */
  create(question) {
    const buttons = make('p.row', null, []);
    const item = make('li.question', { 'data-id': question.id }, [
      make('p.text'), make('p.fate', { role: 'status' }), make('p.from'), buttons,
    ]);
    return item;
  }

  /**
   * @private
   * @param {HTMLElement} item
   * @param {any} question
   * @param {boolean} over
   */
  update(item, question, over) {
    const [text, told, note, buttons] = Array.from(item.children);
    this.writeText(text, question);
    const words = (this.options.fate && this.options.fate(question)) || fate(question, over, Boolean(this.classroom.get('reply/' + question.id)));
    writeFate(/** @type {HTMLElement} */ (told), fatePicto(stateOf(question, over)), words);
    write(note, footnote(question, over));
    show(/** @type {HTMLElement} */ (note), Boolean(footnote(question, over)));
    if (item.dataset.state === question.state && item.dataset.over === String(over)) return;
    item.dataset.state = question.state;
    item.dataset.over = String(over);
    while (buttons.firstChild) buttons.firstChild.remove();
    for (const button of over ? [] : this.buttons(question)) buttons.append(button);
    show(/** @type {HTMLElement} */ (buttons), buttons.children.length > 0);
  }

  /**
   * @private
   * @param {Element} line
   * @param {any} question
   */
  writeText(line, question) {
    const words = wording(question);
    if (line.textContent === words) return;
    line.textContent = words;
    if (!question.text && !question.erased) line.insertBefore(picto('wordless'), line.firstChild);
  }

  /**
   * @private
   * @param {any} question
   * @returns {HTMLElement[]}
   */
  buttons(question) {
    if (question.state === 'refused') {
      return [
        this.button('live.ask.rewrite', 'retry', () => this.rewrite(question.id)),
        this.button('live.ask.forget', 'decline', () => { this.outbox.drop(question.id); }),
      ];
    }
    if (OPEN.indexOf(question.state) < 0) return [];
    return [this.button('live.ask.withdraw', 'decline', () => {
      this.classroom.do({ name: 'withdraw', question: question.id })
        .catch((refusal) => this.tell(refusal.text || say('common.connection-lost')));
    })];
  }

  /**
   * A refused letter back into the box, never over what is being written there.
   * @private
   * @param {string} id
   */
  rewrite(id) {
    if (this.text()) this.tell(say('live.ask.busy'));
    else this.box.value = this.outbox.drop(id);
    this.written();
    this.box.focus();
  }

  /**
   * @private
   * @param {string} key
   * @param {string} icon  an id of picto.svg
   * @param {() => void} act
   */
  button(key, icon, act) {
    const button = make('button.small', { type: 'button' }, [picto(icon), say(key)]);
    button.addEventListener('click', act);
    return button;
  }
}
