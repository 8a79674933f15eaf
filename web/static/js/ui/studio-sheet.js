// The sheet to print: chosen from this computer, sent with its progress in sight, seen by every room. Errors in words.

import { errand, upload } from '../core/errand.js';
import { mistakeOf, sizeOf, titleOf } from '../core/sheetfile.js';
import { say } from '../core/words.js';
import { announce, why } from './news.js';
import { el, make, page, show, write } from './page.js';

export class Sheet {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('./news.js').News} news
   * @param {string} token
   */
  constructor(classroom, news, token) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private */
    this.token = token;
    /** @private */
    this.sending = false;
    const file = /** @type {HTMLInputElement} */ (el('sheet-file'));
    el('sheet-choose').addEventListener('click', () => file.click());
    file.addEventListener('change', () => {
      const chosen = file.files && file.files[0];
      file.value = ''; // the same file may be chosen again, mended
      if (chosen) this.send(chosen);
    });
    el('sheet-drop').addEventListener('click', () => this.drop());
  }

  /** @private */
  door() {
    return '/sheet/' + encodeURIComponent(page.room);
  }

  /** @private @param {File} file */
  async send(file) {
    const wrong = mistakeOf(file);
    announce(el('sheet-error'), wrong ? say('studio.sheet.' + wrong) : '');
    if (wrong || this.sending) return;
    this.sending = true;
    this.progress(0);
    this.render();
    try {
      await upload(this.door() + '?title=' + encodeURIComponent(titleOf(file.name)), file, { token: this.token, lang: page.lang, progress: (share) => this.progress(share) }).done;
      this.news.tell(say('studio.sheet.sent'));
    } catch (error) {
      announce(el('sheet-error'), why(error));
    }
    this.sending = false;
    this.render();
  }

  /** @private */
  async drop() {
    announce(el('sheet-error'), '');
    try {
      await errand('DELETE', this.door(), { token: this.token, lang: page.lang });
      this.news.tell(say('studio.sheet.dropped'));
      el('sheet-choose').focus({ preventScroll: true });
    } catch (error) {
      announce(el('sheet-error'), why(error));
    }
  }

  /** @private @param {number} share */
  progress(share) {
    const percent = Math.round(share * 100);
    el('sheet-fill').style.transform = 'scaleX(' + share.toFixed(3) + ')';
    el('sheet-progress').setAttribute('aria-valuenow', String(percent));
    write(el('sheet-state'), say('studio.sheet.progress', { n: percent }));
  }

  render() {
    const rundown = this.classroom.get('rundown');
    const sheet = rundown && rundown.sheet;
    show(el('sheet-progress'), this.sending);
    show(el('sheet-drop'), Boolean(sheet) && !this.sending);
    /** @type {HTMLButtonElement} */ (el('sheet-choose')).disabled = this.sending;
    write(el('sheet-choose'), say(sheet ? 'studio.sheet.replace' : 'studio.sheet.choose'));
    if (!this.sending) write(el('sheet-state'), sheet ? this.describe(sheet) : say('studio.sheet.none'));
    this.link(sheet);
  }

  /** @private @param {any} sheet */
  describe(sheet) {
    const size = sizeOf(Number(sheet.size) || 0);
    const kind = say('studio.sheet.kind.' + (sheet.type === 'application/pdf' ? 'pdf' : 'image'));
    return say('studio.sheet.here', { title: sheet.title, kind, size: say('studio.sheet.size.' + size.unit, { n: size.n.toLocaleString(page.lang) }) });
  }

  /** @private @param {any} sheet */
  link(sheet) {
    const line = el('sheet-link');
    show(line, Boolean(sheet));
    const url = (sheet && sheet.url) || '';
    if (line.dataset.url === url) return;
    line.dataset.url = url;
    line.textContent = '';
    if (url) line.append(make('a.alone', { href: url, target: '_blank', rel: 'noopener' }, [say('studio.sheet.open')]));
  }
}
