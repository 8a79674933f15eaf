// The guest on the phone: who, where they stand, and « Couper ». Done at once here, asked of the house until it is done.

import { Ends, endWord, floorOf } from '../core/floor.js';
import { knows, say } from '../core/words.js';
import { el, write } from './page.js';
import { placeOf } from './question-words.js';
import { Aim, showAbove } from './steady.js';

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
    /** @private grants that were cut here: they never show again */
    this.gone = new Set();
    /** @private the grant whose cut was asked for and not answered */
    this.cutting = '';
    /** @private */
    this.ends = new Ends();
    /** @private « Couper » waits for nothing but its own coming: a tap at that very moment was aimed at something else */
    this.aim = new Aim(el('guest-cut'), { alone: true });
    el('guest-cut').addEventListener('click', () => this.cut());
    classroom.on('up', () => this.insist());
  }

  /** @private @returns {any} */
  get floor() {
    const { floor } = floorOf(this.classroom);
    return floor && !this.gone.has(floor.grant) ? floor : null;
  }

  /** @private */
  cut() {
    const floor = this.floor;
    if (!floor) return;
    this.gone.add(floor.grant);
    this.cutting = floor.grant;
    this.insist();
    this.render();
  }

  /** @private */
  insist() {
    const grant = this.cutting;
    if (!grant) return;
    this.classroom.do({ name: 'cut', grant }).then(() => this.done(grant), (error) => {
      if (error.code === 'connection-lost') return; // asked again when the class is back
      this.settle(grant);
      this.gone.delete(grant);
      this.news.refusal(error);
      this.render();
    });
  }

  /** @private @param {string} grant */
  settle(grant) {
    if (this.cutting === grant) this.cutting = '';
  }

  /** Said of the guest who was cut, never of the one who came after. @private @param {string} grant */
  done(grant) {
    this.settle(grant);
    if (!this.floor) this.news.tell(say('phone.cut.done'));
  }

  /** By another hand, or by none. @private */
  tellEnd() {
    const ended = this.ends.news(this.classroom);
    const word = ended && endWord('phone.guest.ended.', ended);
    if (word && knows(word) && !this.floor && !this.gone.has(ended.grant)) this.news.tell(say(word));
  }

  render() {
    const floor = this.floor;
    this.tellEnd();
    const here = Boolean(floor) && floor.stage !== 'invited';
    this.aim.follow(String(here));
    showAbove(el('guest'), here);
    if (!floor) return;
    write(el('guest-name'), placeOf(floor));
    write(el('guest-stage'), say('phone.guest.' + floor.stage));
  }
}
