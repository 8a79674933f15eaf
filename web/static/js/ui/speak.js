// « Parler » during an exercise: the rooms' sound comes back while the button is held. A short tap keeps it on until the next
// tap, for who cannot hold a button or has no hand free. What the person wants is told to the house until it knows.

import { say } from '../core/words.js';
import { el, write } from './page.js';

const HELD = 400; // ms: pressed longer, the release means silence

export class Speak {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('./news.js').News} news
   * @param {string} words  prefix of the page's sentences: "studio.exercise.", "phone."
   */
  constructor(classroom, news, words) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private */
    this.words = words;
    /** what this page wants */
    this.on = false;
    /** @private what the house was told last */
    this.told = false;
    /** @private */
    this.pressedAt = -1;
    /** @private it was on when the press began: a tap that ends it */
    this.wasOn = false;
    const button = el('speak');
    button.addEventListener('pointerdown', (event) => { if (event.button === 0) this.press(); });
    for (const name of ['pointerup', 'pointercancel', 'pointerleave']) button.addEventListener(name, () => this.release());
    button.addEventListener('contextmenu', (event) => event.preventDefault()); // a long press on a phone
    button.addEventListener('click', (event) => { if (event.detail === 0) this.want(!this.on); }); // the keyboard, a screen reader
    window.addEventListener('blur', () => { if (this.pressedAt >= 0) this.want(false); });
    classroom.on('up', () => this.tell());
  }

  /** A finger or a key goes down. */
  press() {
    if (this.pressedAt >= 0) return;
    this.pressedAt = performance.now();
    this.wasOn = this.on;
    this.want(true);
  }

  /** … and up. */
  release() {
    if (this.pressedAt < 0) return;
    const held = performance.now() - this.pressedAt > HELD;
    this.pressedAt = -1;
    if (held || this.wasOn) this.want(false);
  }

  /** @private @param {boolean} on */
  want(on) {
    if (!this.runs()) on = false;
    this.on = on;
    if (!on) this.pressedAt = -1;
    this.paint();
    this.tell();
  }

  /** @private */
  tell() {
    if (this.told === this.on || !this.runs()) return;
    const on = this.on;
    this.told = on;
    this.classroom.do({ name: on ? 'speak' : 'hush' }).catch((error) => {
      this.told = !on;
      if (error.code !== 'connection-lost') this.news.refusal(error);
    });
  }

  /** @private */
  runs() {
    const exercise = this.classroom.get('exercise');
    return Boolean(exercise) && !exercise.endedAt;
  }

  /** Called when the class changed: an exercise that ended leaves nothing pressed. */
  render() {
    if (this.runs()) return this.paint();
    this.on = false;
    this.told = false;
    this.pressedAt = -1;
    return this.paint();
  }

  /** @private */
  paint() {
    el('speak').setAttribute('aria-pressed', String(this.on));
    write(el('speak-word'), say(this.words + (this.on ? 'speaking' : 'speak')));
  }
}
