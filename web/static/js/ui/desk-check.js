// Before the class: what is ready in this room, and what is still to do. What the house can see it ticks by itself; that
// the sound is good only a person can say.

import { say } from '../core/words.js';
import { el, show, write } from './page.js';

/** States in which a room gets ready. */
export const BEFORE = ['scheduled', 'doors-open'];

export class CheckList {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./news.js').News} news */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    el('check-heard').addEventListener('click', () => {
      classroom.do({ name: 'check-sound' }).catch((error) => news.refusal(error));
    });
  }

  render() {
    const room = this.classroom.get('room');
    const you = this.classroom.get('you');
    const site = (you && this.classroom.get('site/' + you.site)) || {};
    const shown = Boolean(room) && BEFORE.indexOf(room.state) >= 0;
    show(el('check'), shown);
    if (!shown) return;
    const screens = this.classroom.all('screen/');
    const open = screens.some((screen) => screen.opened !== false);
    const mute = screens.some((screen) => screen.sound === 'locked' && screen.opened !== false);
    write(el('check-hint'), say(mute ? 'desk.check.touch' : 'desk.check.bell'));
    tick('check-screen', open, say(open ? 'desk.check.screen.done' : 'desk.check.screen'));
    tick('check-sound', Boolean(site.sound), say(site.sound ? 'desk.check.sound.done' : 'desk.check.sound'));
    show(el('check-hint'), !site.sound);
    show(el('check-heard'), !site.sound);
  }
}

/** @param {string} id @param {boolean} done @param {string} words */
function tick(id, done, words) {
  el(id).dataset.done = done ? 'yes' : 'no';
  write(/** @type {Element} */ (el(id).querySelector('.check-words')), words);
}
