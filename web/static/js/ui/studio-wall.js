// The rooms under the picture: the worst five and the totals; a tap says « vu » to a room, or to all that are as slow. And a soft
// chime, if the mediator wants one, for who looks elsewhere while presenting.

import { audioContext, bell } from '../core/audio.js';
import { isThere } from '../core/exercise.js';
import { memory } from '../core/link.js';
import { behind, Threshold } from '../core/threshold.js';
import { say } from '../core/words.js';
import { el } from './page.js';
import { Wall } from './wall.js';

const CHIME = 'studio.chime';
const SOFT = 0.12; // of a bell: heard beside the computer, not on the air

export class WallStrip {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('./news.js').News} news
   */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private */
    this.threshold = new Threshold();
    /** @private @type {AudioContext | null} */
    this.context = null;
    /** @private */
    this.wall = new Wall(el('wall'), { compact: true, onSee: (what) => this.see(what) });
    /** @private */
    this.choice = /** @type {HTMLSelectElement} */ (el('chime'));
    this.choice.value = memory('device', CHIME) || '0';
    if (this.choice.selectedIndex < 0) this.choice.value = '0';
    this.choice.addEventListener('change', () => this.chosen());
  }

  /** @private @param {import('./wall.js').See} what */
  see(what) {
    this.classroom.do(Object.assign({ name: 'see-pace' }, what)).catch((error) => this.news.refusal(error));
  }

  /** In the gesture: the bell is heard once, so that its loudness is known. @private */
  chosen() {
    memory('device', CHIME, this.choice.value);
    if (Number(this.choice.value) > 0) this.ring();
  }

  /** @private */
  ring() {
    this.context = this.context || audioContext();
    if (!this.context) return;
    this.context.resume().catch(() => undefined);
    bell(this.context, SOFT);
  }

  /** @param {boolean} onair */
  render(onair) {
    this.wall.show(this.classroom);
    const { slow, share } = behind(this.classroom.all('site/'), (site) => isThere(this.classroom.get('there/' + site)));
    if (!this.threshold.crossed(onair ? share : 0, Number(this.choice.value))) return;
    this.ring();
    this.news.tell(say('studio.chime.now', { n: slow }));
  }
}
