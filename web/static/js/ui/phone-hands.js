// « Caméra mains »: the phone's own picture, and the tap that shows it to the rooms in the place of the face.
//
//   change  something to draw again

import { Emitter } from '../core/emitter.js';
import { say } from '../core/words.js';
import { el, show, write } from './page.js';
import { Aim, showAbove } from './steady.js';

export class Hands extends Emitter {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('../core/handscam.js').HandsCamera} camera
   * @param {import('./news.js').News} news
   */
  constructor(classroom, camera, news) {
    super();
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.camera = camera;
    /** @private */
    this.news = news;
    /** @private @type {MediaStreamTrack | null} */
    this.track = null;
    /** @private */
    this.aim = new Aim(el('hands-show'));
    camera.on('change', () => this.emit('change'));
    camera.on('refused', (refusal) => news.tell(refusal.text || say('common.failed')));
    el('hands-open').addEventListener('click', () => (camera.wanted && camera.state !== 'gone' ? this.close() : camera.open()));
    el('hands-show').addEventListener('click', () => this.select(!this.shown()));
  }

  /** @returns {boolean} the person opened the camera: a reload of the page would close it */
  get wanted() {
    return this.camera.wanted;
  }

  /** @private */
  shown() {
    const room = this.classroom.get('room');
    return Boolean(room) && room.camera === 'hands';
  }

  /** @private @param {boolean} hands */
  select(hands) {
    this.classroom.do({ name: 'select-camera', camera: hands ? 'hands' : 'main' }).catch((error) => this.news.refusal(error));
  }

  /** A camera that closes leaves the face in its place. */
  close() {
    if (this.camera.wanted && this.shown() && this.classroom.up) this.select(false);
    if (this.camera.wanted) this.camera.close();
  }

  render() {
    const { camera } = this;
    const shown = this.shown();
    const open = camera.wanted && camera.state !== 'gone';
    this.picture(camera.track);
    this.aim.follow(String(shown));
    showAbove(el('hands-box'), Boolean(camera.track));
    el('hands-box').classList.toggle('shown', shown && camera.state === 'live');
    write(el('hands-open-word'), say(open ? 'phone.hands.close' : 'phone.hands.open'));
    show(el('hands-show'), shown || camera.state === 'live');
    write(el('hands-show'), say(shown ? 'phone.hands.face' : 'phone.hands.show'));
    write(el('hands-state'), this.words(shown));
  }

  /** @private @param {boolean} shown */
  words(shown) {
    const { state, trouble } = this.camera;
    if (trouble) return say('phone.hands.' + trouble);
    if (state === 'off') return '';
    if (state === 'live') return say(shown ? 'phone.hands.shown' : 'phone.hands.ready');
    return say('phone.hands.' + state);
  }

  /** @private @param {MediaStreamTrack | null} track */
  picture(track) {
    if (track === this.track) return;
    this.track = track;
    const video = /** @type {HTMLVideoElement} */ (el('hands'));
    video.srcObject = track ? new MediaStream([track]) : null;
    if (track) video.play().catch(() => undefined);
  }
}
