// The field where an animator types for somebody: big, without a name, two taps. A draft survives a reload.

import { memory } from '../core/link.js';
import { say } from '../core/words.js';
import { openDialog } from './dialog.js';
import { announce } from './news.js';
import { el, make, write } from './page.js';

const LONGEST = 500; // code points
const WARN = 60;
const POSTS = 8;

export class AskForm {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('../core/outbox.js').Outbox} outbox @param {string} room */
  constructor(classroom, outbox, room) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.outbox = outbox;
    /** @private */
    this.key = 'draft.' + room;
    /** @private */
    this.saidTimer = 0;
    /** @private @type {HTMLTextAreaElement} */
    this.field = el('text');
    /** @private @type {HTMLSelectElement} */
    this.mark = el('mark-choice');
    this.fillMarks();
    this.field.value = memory('tab', this.key);
    this.field.addEventListener('input', () => this.typed());
    el('ask').addEventListener('submit', (event) => { event.preventDefault(); this.send(); });
    el('wordless').addEventListener('click', () => this.wordless());
    this.typed();
  }

  /** @private */
  fillMarks() {
    const marks = ['', say('desk.mark.paper')];
    for (let n = 1; n <= POSTS; n++) marks.push(say('desk.mark.post', { n }));
    for (const mark of marks) this.mark.append(make('option', { value: mark }, [mark ? say('desk.mark.for', { mark }) : say('desk.mark.none')]));
  }

  /** Somebody wants to ask something: two taps, and not one letter. @private */
  wordless() {
    const marks = Array.from({ length: POSTS }, (_, i) => say('desk.mark.post', { n: i + 1 }));
    const choice = (/** @type {string} */ mark) => ({ text: mark || say('desk.mark.none'), picto: mark ? 'post' : 'wordless', act: () => this.post('', mark) });
    openDialog({ title: say('desk.wordless'), body: [say('desk.wordless.where')], grid: true, choices: [...['', ...marks].map(choice), { text: say('desk.cancel'), look: 'quiet' }] });
  }

  /** @private */
  typed() {
    memory('tab', this.key, this.field.value);
    const left = LONGEST - Array.from(this.field.value.trim()).length;
    const close = left < WARN;
    write(el('ask-hint'), left < 0 ? say('desk.ask.long', { n: -left }) : close ? say('desk.ask.left', { n: left }) : say('desk.ask.anonymous'));
    if (left >= 0) this.complain('');
  }

  /** @private @param {string} text */
  complain(text) {
    announce(el('ask-error'), text);
    if (text) this.field.setAttribute('aria-invalid', 'true');
    else this.field.removeAttribute('aria-invalid');
  }

  /** @private */
  send() {
    const text = this.field.value.trim().normalize('NFC');
    const length = Array.from(text).length;
    if (length === 0 || length > LONGEST) {
      this.complain(length === 0 ? say('desk.ask.empty') : say('desk.ask.long', { n: length - LONGEST }));
      this.field.focus();
      return;
    }
    this.post(text, this.mark.value);
    this.field.value = '';
    this.mark.value = '';
    this.typed();
  }

  /** @private @param {string} text @param {string} mark  '' for nobody's */
  post(text, mark) {
    this.outbox.put(text, mark);
    const said = el('ask-said');
    said.textContent = ''; // the same words again are read again
    setTimeout(() => write(said, say(this.classroom.up ? 'desk.ask.sent' : 'desk.ask.kept')), 50);
    clearTimeout(this.saidTimer);
    this.saidTimer = window.setTimeout(() => write(said, ''), 6000);
  }

  /** Puts a text back into the field, to be written again. @param {string} text */
  restore(text) {
    this.field.value = text;
    this.typed();
    this.field.focus();
  }

  /** @param {boolean} open  false when no question can be asked any more */
  open(open) {
    for (const id of ['send', 'wordless']) /** @type {HTMLButtonElement} */ (el(id)).disabled = !open;
    this.field.disabled = !open;
  }
}
