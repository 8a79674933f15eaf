// Taking up an invitation to speak, from « Ma salle » or from home. The page makes the guest's secret and keeps it before it asks, so
// that an answer which is lost on the way costs nothing: the same is asked again, by itself, as long as the invitation stands, and
// after a reload by the person's next tap. No DOM.

import { errand } from './errand.js';
import { floorOf } from './floor.js';
import { memory } from './link.js';
import { delay } from './retry.js';

const ANSWER_WITHIN = 120000; // ms an invitation waits, as the house counts
const SECRET_BYTES = 16; // the house takes no fewer

export class Acceptance {
  /**
   * @param {import('./classroom.js').Classroom} classroom
   * @param {{ room: string, lang: string, token?: string, device?: string }} who  a link, or the secret by which the house knows this browser
   */
  constructor(classroom, who) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.who = who;
    /** @private the grant and the secret that were made here, where the browser keeps nothing either */
    this.made = '';
    /** @private */
    this.asking = false;
  }

  /** @returns {number | null} seconds that an invitation of this page's own room or home still waits; null for none */
  left() {
    const { phase, ours, floor } = floorOf(this.classroom);
    if (phase !== 'invited' || !ours || !floor || !floor.since) return null;
    return Math.ceil(Math.max(0, Date.parse(floor.since) + ANSWER_WITHIN - this.classroom.now()) / 1000);
  }

  /** @param {string} grant @returns {boolean} this tab has taken the invitation up, or was about to: it may go on */
  began(grant) {
    return grant !== '' && this.kept().split(' ')[0] === grant;
  }

  /**
   * Asks until it is answered, or the invitation is over. A tap while it asks is none.
   * @param {string} grant
   * @param {() => void} lost  nobody answered, and it is asked again
   * @returns {Promise<string>} where this tab goes on as the guest's page; '' while another tap is being answered; rejects with a Refusal
   */
  async accept(grant, lost) {
    if (this.asking) return '';
    this.asking = true;
    try {
      const secret = this.secret(grant);
      return await this.ask(grant, secret, lost);
    } finally {
      this.asking = false;
    }
  }

  /** @private @param {string} grant @param {string} secret @param {() => void} lost @returns {Promise<string>} */
  async ask(grant, secret, lost) {
    for (let attempt = 0; ; attempt++) {
      try {
        const { url } = await this.post({ grant, secret });
        return url + '#' + secret;
      } catch (error) {
        if (!(/** @type {any} */ (error).retry) || !this.stands(grant)) throw error;
        if (attempt === 0) lost();
      }
      await new Promise((resolve) => setTimeout(resolve, delay(attempt)));
    }
  }

  /** @private @param {{ grant: string, secret: string }} body @returns {Promise<{ url: string }>} */
  async post(body) {
    const { room, lang, token, device } = this.who;
    const given = await errand('POST', '/floor/' + encodeURIComponent(room), { token, device, lang, body });
    return { url: given && typeof given.url === 'string' ? given.url : '/guest/' + encodeURIComponent(room) };
  }

  /** Whether the invitation is still this page's, as far as it was told. @private @param {string} grant @returns {boolean} */
  stands(grant) {
    const at = floorOf(this.classroom);
    if (!at.ours || !at.floor || at.grant !== grant) return false;
    return !at.floor.until || Date.parse(at.floor.until) > this.classroom.now();
  }

  /** @private @param {string} grant @returns {string} made once for a grant, and kept by the tab before anybody is asked */
  secret(grant) {
    if (!this.began(grant)) {
      const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
      this.made = grant + ' ' + btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
      memory('tab', 'accept.' + this.who.room, this.made);
    }
    return this.kept().split(' ')[1];
  }

  /** @private @returns {string} */
  kept() {
    return this.made || memory('tab', 'accept.' + this.who.room);
  }
}
