// What the mediator writes on the walls: a notice to the desks, a strip with a name on the picture, title, « il vous faut », credit.

import { say } from '../core/words.js';
import { announce, why } from './news.js';
import { el, show, write } from './page.js';

const SIGNS = ['title', 'needs', 'credit'];

/** @param {string} id @returns {HTMLInputElement} a field, or a text area: both have a value */
function field(id) {
  return /** @type {HTMLInputElement} */ (el(id));
}

/** @param {string} id @returns {string} what is typed there, on one line */
function typed(id) {
  return field(id).value.normalize('NFC').replace(/\s+/g, ' ').trim();
}

export class Messages {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('./news.js').News} news
   */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private what the house had when the fields were filled @type {Record<string, string>} */
    this.filled = {};
    this.on('announce-form', () => this.announce());
    this.on('strip-form', () => this.showStrip());
    this.on('sign-form', () => this.saveSign());
    el('strip-hide').addEventListener('click', () => this.send({ name: 'hide-strip' }, 'strip-error', 'studio.strip.hidden'));
  }

  /** @private @param {string} form @param {() => unknown} act */
  on(form, act) {
    el(form).addEventListener('submit', (event) => { event.preventDefault(); act(); });
  }

  /** @private @param {import('../core/classroom.js').Command} command @param {string} error  id of its line @param {string} done  key @returns {Promise<boolean>} */
  async send(command, error, done) {
    announce(el(error), '');
    try {
      await this.classroom.do(command);
      this.news.tell(say(done));
      return true;
    } catch (refusal) {
      announce(el(error), why(refusal));
      return false;
    }
  }

  /** @private @param {string} id  of a field @param {string} error @param {string} key */
  missing(id, error, key) {
    announce(el(error), say(key));
    field(id).focus();
  }

  /** @private */
  async announce() {
    const text = typed('announce-text');
    if (!text) return this.missing('announce-text', 'announce-error', 'studio.announce.empty');
    if (await this.send({ name: 'announce', text }, 'announce-error', 'studio.announce.sent') && typed('announce-text') === text) field('announce-text').value = ''; // not what was written meanwhile
    return undefined;
  }

  /** @private */
  showStrip() {
    const title = typed('strip-title');
    const text = typed('strip-text');
    if (!title) return this.missing('strip-title', 'strip-error', 'studio.strip.empty');
    return void this.send(Object.assign({ name: 'show-strip', title }, text ? { text } : null), 'strip-error', 'studio.strip.shown');
  }

  /** Only what was changed is said: the régie may have changed the rest. @private */
  saveSign() {
    if (!typed('sign-title')) return this.missing('sign-title', 'sign-error', 'studio.sign.empty');
    /** @type {import('../core/classroom.js').Command} */
    const command = { name: 'edit-room' };
    for (const name of SIGNS) if (typed('sign-' + name) !== this.filled[name]) command[name] = typed('sign-' + name);
    if (Object.keys(command).length === 1) return announce(el('sign-error'), say('studio.sign.same'));
    return void this.send(command, 'sign-error', 'studio.sign.saved');
  }

  render() {
    this.fillSign();
    const strip = this.classroom.get('strip');
    show(el('strip-hide'), Boolean(strip));
    const last = this.classroom.get('announcement');
    show(el('announce-last'), Boolean(last));
    if (last) write(el('announce-last'), say('studio.announce.last', { text: last.text }));
  }

  /** The fields follow the house, but never under the person's hands. @private */
  fillSign() {
    const room = this.classroom.get('room');
    if (!room) return;
    for (const name of SIGNS) {
      const now = room[name] || '';
      const untouched = this.filled[name] === undefined || typed('sign-' + name) === this.filled[name];
      if (untouched && document.activeElement !== el('sign-' + name) && field('sign-' + name).value !== now) field('sign-' + name).value = now;
      if (untouched || typed('sign-' + name) === now) this.filled[name] = now;
    }
  }
}
