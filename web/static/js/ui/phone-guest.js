// The guest on the phone: who, where they stand, and « Couper ». Done at once here, asked of the house until it is done.

import { floorOf } from '../core/floor.js';
import { say } from '../core/words.js';
import { el, show, write } from './page.js';
import { placeOf } from './question-words.js';

export class PhoneGuest {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('./news.js').News} news
   */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private the grant whose cut was asked for and not answered */
    this.cutting = '';
    el('guest-cut').addEventListener('click', () => this.cut());
    classroom.on('up', () => this.insist());
  }

  /** @private @returns {any} */
  get floor() {
    const { floor } = floorOf(this.classroom);
    return floor && floor.grant !== this.cutting ? floor : null;
  }

  /** @private */
  cut() {
    const floor = this.floor;
    if (!floor) return;
    this.cutting = floor.grant;
    this.insist();
    this.render();
  }

  /** @private */
  insist() {
    const grant = this.cutting;
    if (!grant) return;
    this.classroom.do({ name: 'cut', grant }).then(() => this.news.tell(say('phone.cut.done')), (error) => {
      if (error.code === 'connection-lost') return; // asked again when the class is back
      this.cutting = '';
      this.news.refusal(error);
      this.render();
    });
  }

  render() {
    const floor = this.floor;
    show(el('guest'), Boolean(floor) && floor.stage !== 'invited');
    if (!floor) return;
    write(el('guest-name'), placeOf(floor));
    write(el('guest-stage'), say('phone.guest.' + floor.stage));
  }
}
