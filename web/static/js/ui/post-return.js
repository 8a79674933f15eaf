// A post that joined by a code leaves its séance by itself: when it is over, or when the house does not know it any more. It
// forgets everything, and the page with the code comes back.

import { memory } from '../core/link.js';
import { keepPost, keptPost } from '../core/paired.js';
import { page } from './page.js';

/** How long the last words of a séance stay, ms. */
const STAYS = 120000;

/** Refusals after which only another code helps. */
const AWAY = ['link-revoked', 'link-unknown', 'link-expired', 'link-foreign-room', 'room-unknown', 'room-ended'];

export class PostReturn {
  /** @param {import('../core/classroom.js').Classroom} classroom  not started yet: this hears its refusals first */
  constructor(classroom) {
    const kept = keptPost();
    memory('tab', 'post.tried', ''); // the page is there
    /** @private */
    this.classroom = classroom;
    /** This post came by a code, not by a link of its own. */
    this.paired = Boolean(kept && kept.room === page.room);
    if (!this.paired) return;
    window.setInterval(() => this.heed(), 1000);
    classroom.on('refused', (refusal) => { if (AWAY.includes(refusal.code)) this.leave(refusal.code === 'link-revoked' ? 'closed' : 'sent-away'); });
  }

  /** @private */
  heed() {
    const room = this.classroom.get('room');
    if (room && room.state === 'ended' && this.classroom.now() - Date.parse(room.endedAt) >= STAYS) this.leave('ended');
  }

  /** @private @param {string} reason */
  leave(reason) {
    keepPost(null);
    memory('tab', 'token.post/' + page.room, '');
    memory('device', 'token.post/' + page.room, '');
    memory('tab', 'post.left', reason);
    const lang = new URLSearchParams(window.location.search).get('lang');
    window.location.replace('/post' + (lang ? '?lang=' + encodeURIComponent(lang) : ''));
  }
}
