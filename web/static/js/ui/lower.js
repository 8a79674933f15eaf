// Under the picture: who speaks, as the mediator wrote it; who the guest is; and whose séance it is. Data, drawn by each page
// at its own size, never burnt into the picture.

import { say } from '../core/words.js';
import { el, show, write } from './page.js';

/**
 * @param {{ get: (key: string) => any }} classroom
 * @param {{ live: boolean, guest: any }} now  live: the séance is on air; guest: the floor entity of who is on air elsewhere, or null
 */
export function paintLower(classroom, { live, guest }) {
  const strip = live ? classroom.get('strip') : null;
  const room = classroom.get('room');
  show(el('strip'), Boolean(strip));
  write(el('strip-title'), strip ? strip.title : '');
  write(el('strip-text'), (strip && strip.text) || '');
  show(el('strip-text'), Boolean(strip && strip.text));
  show(el('guest-strip'), Boolean(guest));
  el('lower').dataset.guest = String(Boolean(guest));
  write(el('guest-name'), guest ? guestName(guest) : '');
  show(el('credit'), Boolean(room && room.credit));
  write(el('credit'), (room && room.credit) || '');
}

/**
 * Who speaks: a place, never a person's name.
 * @param {any} floor
 * @returns {string}
 */
export function guestName(floor) {
  const place = [floor.siteName, floor.town].filter(Boolean).join(', ');
  if (floor.from !== 'home') return place || say('shown.guest');
  return place ? say('shown.guest.home', { site: place }) : say('shown.guest.home-alone');
}
