// Who sits at a machine that many share. For the house each is somebody else: it shows the next one nothing of what was asked before,
// and what one may ask is not used up by another. Letters that had not left yet go on under the name of who wrote them, over a line
// of their own. No DOM.

import { Classroom } from './classroom.js';
import { memory, newDevice } from './link.js';
import { Outbox } from './outbox.js';

const LINES = 4; // at once, for those who left letters behind

/** @typedef {import('./classroom.js').ClassroomOptions} Identity  its device: the secret of who sits here now, see device() */

/** @typedef {{ classroom: Classroom, outbox: Outbox }} Line */

export class Successors {
  /**
   * @param {Identity} identity
   * @param {string} place  page and room
   * @param {{ classroom: Classroom, viewer: { rename(device: string): void }, outbox: Outbox }} page
   */
  constructor(identity, place, { classroom, viewer, outbox }) {
    /** @private */
    this.identity = identity;
    /** @private */
    this.place = place;
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.viewer = viewer;
    /** @private */
    this.outbox = outbox;
    /** @private of who sits here now */
    this.name = identity.device;
    /** @private by name, of those who left letters behind; the first few are at work @type {Map<string, Line>} */
    this.lines = new Map();
    outbox.on('change', () => this.note());
  }

  /**
   * The page is let in.
   * @param {boolean} anew  nobody knows who sits here: it was opened, and not opened again
   */
  begin(anew) {
    for (const name of memory('device', 'before.' + this.place).split(' ').filter(Boolean)) this.draw(name, []);
    if (anew && (this.used || this.outbox.list().length)) this.leave();
  }

  /** Whether whoever sits here has asked anything, withdrawn or not. */
  get used() {
    return memory('device', 'asked.' + this.place) !== '' || this.classroom.all('question/').length > 0;
  }

  /** @private */
  note() {
    if (this.outbox.list().length && !this.used) memory('device', 'asked.' + this.place, 'yes');
  }

  /** Whoever sat here has gone. */
  leave() {
    const waiting = this.outbox.takeWaiting();
    const before = this.name;
    memory('device', 'asked.' + this.place, '');
    this.name = newDevice('device', this.place);
    this.classroom.rename(this.name);
    this.viewer.rename(this.name);
    if (waiting.length) this.draw(before, waiting);
  }

  /**
   * @private
   * @param {string} name
   * @param {import('./outbox.js').Letter[]} letters  besides those that the browser keeps
   */
  draw(name, letters) {
    const classroom = new Classroom(Object.assign({}, this.identity, { device: name }));
    const outbox = new Outbox(classroom, this.place + '/' + name);
    outbox.take(letters);
    outbox.on('change', () => { if (!waits(outbox)) this.end(name); });
    classroom.on('refused', () => this.end(name));
    this.lines.set(name, { classroom, outbox });
    this.work();
    if (!waits(outbox)) this.end(name);
  }

  /** @private @param {string} name */
  end(name) {
    const line = this.lines.get(name);
    if (!line) return;
    this.lines.delete(name);
    line.classroom.stop();
    line.outbox.close();
    this.work();
  }

  /** @private */
  work() {
    const names = Array.from(this.lines.keys());
    memory('device', 'before.' + this.place, names.join(' '));
    for (const name of names.slice(0, LINES)) /** @type {Line} */ (this.lines.get(name)).classroom.start();
  }
}

/** @param {Outbox} outbox @returns {boolean} */
function waits(outbox) {
  return outbox.list().some((letter) => letter.state === 'waiting');
}
