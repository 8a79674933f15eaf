// « Caméra mains » in the studio: a small silent picture before the rooms see it, so that who stands at a stove knows what will be
// shown, and all of the monitor once they do.
//
//   change  something to draw again

import { Emitter } from '../core/emitter.js';
import { floorOf } from '../core/floor.js';
import { say } from '../core/words.js';
import { el, show, write } from './page.js';

const SEATED = ['backstage', 'on-air'];

export class HandsPreview extends Emitter {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('../core/cue.js').Cue} cue
   */
  constructor(classroom, cue) {
    super();
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.cue = cue;
    /** a phone is there, and its picture is not */
    this.missing = false;
    cue.on('track', (track) => this.attach(track));
    cue.on('change', () => this.emit('change'));
  }

  /** the phone's picture is on this page */
  get seen() {
    return this.cue.arriving;
  }

  /** @private @param {MediaStreamTrack | null} track */
  attach(track) {
    const video = /** @type {HTMLVideoElement} */ (el('hands-video'));
    video.srcObject = track ? new MediaStream([track]) : null;
    if (track) video.play().catch(() => undefined);
  }

  /** @private */
  phones() {
    const presence = this.classroom.get('presence');
    return (presence && presence.phones) || 0;
  }

  /** @param {boolean} onair  this page feeds the séance */
  render(onair) {
    const { floor } = floorOf(this.classroom);
    const taken = Boolean(floor && floor.camera) && SEATED.indexOf(floor.stage) >= 0;
    this.cue.follow(onair && (this.phones() > 0 || this.cue.arriving), taken);
    const room = this.classroom.get('room');
    const shown = Boolean(room) && room.camera === 'hands';
    show(el('hands-cue'), this.seen);
    el('hands-cue').classList.toggle('shown', shown);
    write(el('hands-cue-word'), say('studio.hands.' + (shown ? 'shown' : 'ready')));
    this.missing = onair && this.phones() > 0 && !this.seen && !taken;
    write(el('phone-camera'), this.missing ? say(shown ? 'studio.hands.missing' : 'studio.hands.closed') : this.seen ? say('studio.hands.' + (shown ? 'shown' : 'ready')) : '');
  }
}
