// On air: slides, hands or face, camera, pause, incident, end. The only button that asks « sure? » is the end.
//
//   change  something to draw again

import { canShare, openSlides } from '../core/capture.js';
import { Emitter } from '../core/emitter.js';
import { say } from '../core/words.js';
import { openDialog } from './dialog.js';
import { el, show, write } from './page.js';
import { Aim } from './steady.js';

/**
 * @typedef {Object} ControlsOptions
 * @property {import('../core/classroom.js').Classroom} classroom
 * @property {import('./news.js').News} news
 * @property {import('./studio-stage.js').Stage} stage
 * @property {import('../core/airline.js').AirLine} slides
 * @property {() => boolean} handsMissing  a phone is there, and its picture does not reach this page
 * @property {() => void} onEnd
 */

export class Controls extends Emitter {
  /** @param {ControlsOptions} options */
  constructor(options) {
    super();
    /** @private */
    this.o = options;
    /** @private @type {MediaStreamTrack | null} */
    this.track = null;
    /** @private the browser's list of windows is open */
    this.choosing = false;
    /** @private « Pause » is « Reprendre » as soon as another hand has paused */
    this.aim = new Aim(el('controls'));
    el('share').addEventListener('click', () => this.toggleSlides());
    el('switch').addEventListener('click', () => this.toggleDevices());
    el('pause').addEventListener('click', () => this.togglePause());
    el('incident').addEventListener('click', () => this.do({ name: 'pause', slate: 'incident' }));
    el('hands').addEventListener('click', () => this.toggleHands());
    el('end').addEventListener('click', () => this.askEnd());
  }

  /** @private */
  paused() {
    const room = this.o.classroom.get('room');
    return Boolean(room) && room.state === 'paused';
  }

  /** @private @param {import('../core/classroom.js').Command} command */
  do(command) {
    this.o.classroom.do(command).catch((error) => this.o.news.refusal(error));
  }

  togglePause() {
    this.do(this.paused() ? { name: 'resume' } : { name: 'pause', slate: 'pause' });
  }

  /** The phone's camera in the place of the face, and back. */
  toggleHands() {
    const presence = this.o.classroom.get('presence');
    if (!this.hands() && !(presence && presence.phones)) return this.o.news.tell(say('studio.hands.none'));
    if (!this.hands() && this.o.handsMissing()) this.o.news.tell(say('studio.hands.missing')); // asked all the same: this page alone may be blind
    return this.do({ name: 'select-camera', camera: this.hands() ? 'main' : 'hands' });
  }

  /** @private */
  hands() {
    const room = this.o.classroom.get('room');
    return Boolean(room) && room.camera === 'hands';
  }

  /** @private */
  toggleDevices() {
    const open = el('switch').getAttribute('aria-expanded') !== 'true';
    el('switch').setAttribute('aria-expanded', String(open));
    this.emit('change');
    if (open) el('camera').focus();
  }

  async toggleSlides() {
    if (this.track) return this.dropSlides();
    if (this.choosing) return undefined;
    this.choosing = true;
    try {
      const track = await openSlides();
      if (track) this.shareTrack(track);
    } catch (error) {
      this.o.news.tell(say('studio.share.failed'));
    }
    this.choosing = false;
    return undefined;
  }

  /** @private @param {MediaStreamTrack} track */
  shareTrack(track) {
    this.track = track;
    track.onended = () => this.dropSlides(); // the browser's own « Arrêter le partage »
    this.o.stage.showSlides(track);
    this.o.slides.start(null, track);
    this.emit('change');
  }

  dropSlides() {
    if (!this.track) return;
    this.track.onended = null;
    this.track.stop();
    this.track = null;
    this.o.slides.stop();
    this.o.stage.showSlides(null);
    this.emit('change');
  }

  /** @private */
  askEnd() {
    openDialog({
      title: say('studio.end.title'),
      body: [say('studio.end.text')],
      choices: [
        { text: say('studio.end.yes'), act: () => this.o.onEnd() },
        { text: say('studio.end.no'), look: 'primary' },
      ],
    });
  }

  /** @param {import('../core/onair.js').Phase} at @param {import('../core/airline.js').LineState} line */
  render(at, line) {
    if (at !== 'onair') el('switch').setAttribute('aria-expanded', 'false');
    this.aim.follow(this.paused() + ' ' + this.hands());
    show(el('share'), canShare());
    write(el('share-word'), say(this.track ? 'studio.share.stop' : 'studio.share.start'));
    write(el('pause-word'), say(this.paused() ? 'studio.resume' : 'studio.pause'));
    el('pause').classList.toggle('primary', this.paused());
    show(el('incident'), !this.paused());
    el('hands').setAttribute('aria-pressed', String(this.hands()));
    /** @type {HTMLButtonElement} */ (el('share')).disabled = line === 'off' || line === 'joining';
  }
}
