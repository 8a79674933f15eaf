// A paired screen leaves a séance by itself: when it has been over for two minutes, when another one of its place is open
// and this one does not run, or when the house does not let it in any more. The poster knows what comes next.

import { errand } from '../core/errand.js';
import { memory } from '../core/link.js';
import { screenToken } from '../core/paired.js';
import { page } from './page.js';
import { tellPoster } from './window.js';

/** How long the last words of a séance stay, ms. */
const STAYS = 120000;
/** Between two looks at what the place shows, ms. */
const LOOK = 30000;

/** Refusals after which the poster says more than this page can. */
const AWAY = ['device-room', 'link-revoked', 'link-unknown', 'link-expired', 'room-unknown'];

export class WayBack {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {string} token  the one this page came in by
   */
  constructor(classroom, token) {
    this.classroom = classroom;
    this.token = token;
    /** This page came in as a screen that keeps its place. */
    this.paired = token !== '' && token === screenToken();
  }

  start() {
    window.setInterval(() => this.heed(), 1000);
    if (!this.paired) return;
    window.setInterval(() => this.look(), LOOK * (0.8 + 0.4 * Math.random()));
  }

  /** Leaves a séance that has been over for long enough. A screen with a link for this séance alone stays, and will not come back. */
  heed() {
    const room = this.classroom.get('room');
    if (!room || room.state !== 'ended') return;
    memory('device', 'screen.room', '');
    if (this.paired && this.classroom.now() - Date.parse(room.endedAt) >= STAYS) this.leave();
  }

  /** @private Leaves for another séance of the same place, once that is the one to show. */
  async look() {
    try {
      const view = await errand('GET', '/pair/room', { token: this.token, lang: page.lang });
      if (view.open && view.room && view.room.id !== page.room && leaves(this.classroom.get('room'), view.room)) this.leave();
    } catch (refusal) {
      this.refused(/** @type {any} */ (refusal).code);
    }
  }

  /**
   * @param {string} code
   * @returns {boolean} the page is leaving
   */
  refused(code) {
    if (!this.paired || !AWAY.includes(code)) return false;
    this.leave();
    return true;
  }

  /** @private */
  leave() {
    memory('tab', 'screen.left', page.room + ' ' + Date.now());
    if (tellPoster('left')) return;
    const lang = new URLSearchParams(window.location.search).get('lang');
    window.location.replace('/screen' + (lang ? '?lang=' + encodeURIComponent(lang) : ''));
  }
}

/**
 * @param {any} here   the séance of this page
 * @param {any} other  the one that the house would show now
 * @returns {boolean} a séance that stands still goes on: the open doors of the next one do not end it
 */
function leaves(here, other) {
  if (!here || here.state === 'ended') return true;
  return here.state !== 'on-air' && (here.state !== 'paused' || other.state === 'on-air');
}
