// Pairing the mediator's phone: a code to photograph, good once and for two minutes.

import { errand } from '../core/errand.js';
import { say } from '../core/words.js';
import { announce, why } from './news.js';
import { el, page, show, write } from './page.js';

export class PhonePanel {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {string} token
   */
  constructor(classroom, token) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.token = token;
    /** @private when the code that is shown ends, ms by the server's clock; 0 for none */
    this.until = 0;
    /** @private phones that were there when the code was asked for */
    this.before = 0;
    el('phone-pair').addEventListener('click', () => this.pair());
  }

  /** @private */
  async pair() {
    announce(el('phone-error'), '');
    const button = /** @type {HTMLButtonElement} */ (el('phone-pair'));
    button.disabled = true;
    try {
      const { url, svg, expires } = await errand('POST', '/pair/phone', { token: this.token, lang: page.lang });
      this.before = this.phones();
      this.until = Date.parse(expires);
      /** @type {HTMLImageElement} */ (el('phone-qr')).src = 'data:image/svg+xml,' + encodeURIComponent(svg);
      write(el('phone-url'), url);
    } catch (error) {
      announce(el('phone-error'), why(error));
    }
    button.disabled = false;
    this.render();
  }

  /** @private */
  phones() {
    const presence = this.classroom.get('presence');
    return (presence && presence.phones) || 0;
  }

  render() {
    const phones = this.phones();
    if (this.until && phones > this.before) this.until = 0; // it came
    announceOnce(phones > 0 ? say('studio.phone.here') : '');
    write(el('phone-pair-word'), say(phones > 0 || this.until ? 'studio.phone.again' : 'studio.phone.pair'));
    show(el('phone-code'), this.until > 0);
    this.tick();
  }

  /** Once a second. */
  tick() {
    if (!this.until) return;
    const left = Math.ceil((this.until - this.classroom.now()) / 1000);
    if (left > 0) return write(el('phone-until'), say('studio.phone.until', { n: Math.ceil(left / 10) * 10 })); // in steps: it is read aloud
    this.until = 0;
    show(el('phone-code'), false);
    announce(el('phone-error'), say('studio.phone.expired'));
    return undefined;
  }
}

/** @param {string} text */
function announceOnce(text) {
  if (el('phone-here').hidden === (text === '')) return;
  announce(el('phone-here'), text);
}
