// What the studio or the régie tells all animators: shown until this one has read it.

import { memory } from '../core/link.js';
import { say } from '../core/words.js';
import { announce } from './news.js';
import { el, page, show, write } from './page.js';
import { shifted } from './steady.js';

export class Announcement {
  /** @param {import('../core/classroom.js').Classroom} classroom */
  constructor(classroom) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.key = 'announced.' + page.room;
    /** @private the number read aloud last */
    this.told = '';
    el('announcement-done').addEventListener('click', () => this.close());
  }

  /** @private */
  close() {
    const announcement = this.classroom.get('announcement');
    if (announcement) memory('tab', this.key, String(announcement.number));
    this.render();
    el('pace-title').focus({ preventScroll: true });
  }

  render() {
    const announcement = this.classroom.get('announcement');
    const fresh = Boolean(announcement) && String(announcement.number) !== memory('tab', this.key);
    if (el('announcement').hidden === fresh) shifted();
    show(el('announcement'), fresh);
    if (!fresh) return;
    write(el('announcement-from'), say((announcement.by || {}).role === 'moderator' ? 'desk.announce.moderator' : 'desk.announce.mediator'));
    write(el('announcement-text'), announcement.text);
    if (String(announcement.number) === this.told) return;
    this.told = String(announcement.number);
    announce(el('announcement-said'), el('announcement-from').textContent + ' : ' + announcement.text);
  }
}
