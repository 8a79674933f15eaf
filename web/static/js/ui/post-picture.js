// The picture on a post, for who asks for it: the cheapest one, without sound. Nothing is opened before.

import { memory } from '../core/link.js';
import { say } from '../core/words.js';
import { el, page, show, write } from './page.js';
import { showDelay, showSlate } from './slate.js';
import { Stage } from './stage.js';

const KEPT = 'post.picture.' + page.room;

export class PostPicture {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('../core/whep.js').Viewer} viewer
   * @param {string} state  the room's, as the server wrote it
   */
  constructor(classroom, viewer, state) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.viewer = viewer;
    /** @private */
    this.able = typeof RTCPeerConnection === 'function';
    /** @private */
    this.stage = new Stage(viewer, classroom, state);
    /** @private */
    this.told = '';
    this.on = false;
    this.stage.loudness.choose(1, true);
    this.stage.on('quiet', (quiet) => classroom.quiet(quiet));
    this.stage.on('slate', () => this.paint());
    classroom.on('up', () => { if (this.stage.loudness.quiet) classroom.quiet(true); });
    viewer.on('session', () => this.tellMedia());
    viewer.want('low', false);
    el('picture').addEventListener('click', () => (this.on ? this.close() : this.open()));
    if (memory('tab', KEPT) === 'on' && this.able) this.open();
  }

  /** @private */
  open() {
    this.on = true;
    memory('tab', KEPT, 'on');
    this.stage.open();
    this.viewer.start();
    this.paint();
  }

  close() {
    this.on = false;
    memory('tab', KEPT, 'off');
    this.viewer.stop();
    this.told = '';
    this.paint();
  }

  paint() {
    const room = this.classroom.get('room');
    const live = Boolean(room) && room.state !== 'ended';
    show(el('picture'), this.able && (live || this.on));
    show(el('picture-hint'), this.on);
    show(el('frame'), this.on);
    el('picture').setAttribute('aria-pressed', String(this.on));
    write(el('picture-word'), say(this.on ? 'post.picture.off' : 'post.picture'));
    if (!this.on) return;
    const { delayed, slate } = this.stage;
    if (delayed) showDelay(delayed);
    else showSlate(slate, { title: '', text: el('status').textContent || '' });
    this.tellMedia();
  }

  /** @private */
  tellMedia() {
    const media = Object.assign({ session: this.viewer.session, picture: this.viewer.picture }, this.stage.place());
    const text = JSON.stringify(media);
    if (!this.on || !media.session || text === this.told) return;
    this.told = text;
    this.classroom.media(media);
  }
}
