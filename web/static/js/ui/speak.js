// « Parler » during an exercise: the rooms' sound comes back while the button is held. A short tap keeps it on until the next
// tap, for who cannot hold a button or has no hand free. « Les salles vous entendent » is the house's word alone: what this page
// has asked for and not been answered is « Un instant… ». Once nothing is asked, the house's word is this page's too, so that a
// page that comes back, or a second one beside it, ends with one tap what was left on.

import { runs } from '../core/exercise.js';
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
    /** @private orders that were not answered */
    this.asking = 0;
    /** @private the house has said so since the press began: when it unsays it, the press is over */
    this.heard = false;
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
    classroom.on('down', () => this.paint());
    classroom.on('change', () => this.render()); // at once, finger down or not: what the button says is who hears
  }

  /** A finger or a key goes down. */
  press() {
    if (this.pressedAt >= 0) return;
    if (!this.classroom.up) return void this.want(!this.on);
    this.pressedAt = performance.now();
    this.wasOn = this.on;
    this.heard = this.speaking;
    this.want(true);
  }

  /** … and up. */
  release() {
    if (this.pressedAt < 0) return;
    const held = performance.now() - this.pressedAt > HELD;
    this.pressedAt = -1;
    if (held || this.wasOn) this.want(false);
    else this.render();
  }

  /** @private @param {boolean} on */
  want(on) {
    if (on && !this.on && !this.classroom.up) return this.news.tell(say('common.not-done')); // nobody would hear
    if (!this.running) on = false;
    this.on = on;
    if (!on) this.pressedAt = -1;
    this.tell();
    return this.paint();
  }

  /** @private */
  tell() {
    if (this.told === this.on || !this.running) return;
    const on = this.on;
    this.told = on;
    this.asking += 1;
    const order = this.classroom.do({ name: on ? 'speak' : 'hush' }).then((seq) => this.classroom.reach(seq));
    order.then(() => this.answered(), (error) => this.refused(on, error));
  }

  /** @private */
  answered() {
    this.asking -= 1;
    if (this.asking === 0) this.tell();
    this.render();
  }

  /** Nobody knows what came of an order that was lost with the line: silence is asked for once it is back. @private @param {boolean} on @param {any} error */
  refused(on, error) {
    const lost = error.code === 'connection-lost';
    this.asking -= 1;
    if (this.asking === 0) this.told = lost;
    if (on || this.asking === 0) this.on = false;
    if (!this.on) this.pressedAt = -1;
    if (!lost) this.news.refusal(error);
    this.paint();
  }

  /** @private */
  get exercise() {
    return this.classroom.get('exercise');
  }

  /** @private */
  get running() {
    return runs(this.exercise);
  }

  /** @private the rooms hear, as the house says */
  get speaking() {
    return this.running && Boolean(this.exercise.speaking);
  }

  /** Called when the class changed: an exercise that ended leaves nothing pressed. */
  render() {
    if (!this.running) this.follow(false);
    else if (this.asking === 0 && this.told === this.on) this.heed();
    this.paint();
  }

  /** Nothing is owed on either side: the house's word goes, but for a finger that it has not answered yet. @private */
  heed() {
    const speaking = this.speaking;
    if (this.pressedAt < 0 || (this.heard && !speaking)) this.follow(speaking);
    this.heard = speaking;
  }

  /** @private @param {boolean} on */
  follow(on) {
    this.on = on;
    this.told = on;
    if (!on) this.pressedAt = -1;
  }

  /** @private */
  paint() {
    const heard = this.classroom.up && this.speaking;
    el('speak').setAttribute('aria-pressed', String(this.on));
    write(el('speak-word'), say(this.words + (heard ? 'speaking' : this.on ? 'wait' : 'speak')));
  }
}
