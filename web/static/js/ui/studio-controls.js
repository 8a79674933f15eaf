// On air: slides, camera, pause, end. The only button that asks « sure? » is the end.
//
//   change  something to draw again

import { canShare, openSlides } from '../core/capture.js';
import { Emitter } from '../core/emitter.js';
import { say } from '../core/words.js';
import { openDialog } from './dialog.js';
import { el, show, write } from './page.js';

/**
 * @typedef {Object} ControlsOptions
 * @property {import('../core/classroom.js').Classroom} classroom
 * @property {import('./news.js').News} news
 * @property {import('./studio-stage.js').Stage} stage
 * @property {import('../core/airline.js').AirLine} slides
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
    el('share').addEventListener('click', () => this.toggleSlides());
    el('switch').addEventListener('click', () => this.toggleDevices());
    el('pause').addEventListener('click', () => this.togglePause());
    el('end').addEventListener('click', () => this.askEnd());
  }

  /** @private */
  paused() {
    const room = this.o.classroom.get('room');
    return Boolean(room) && room.state === 'paused';
  }

  togglePause() {
    const name = this.paused() ? 'resume' : 'pause';
    this.o.classroom.do({ name }).catch((error) => this.o.news.refusal(error));
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
    show(el('share'), canShare());
    write(el('share'), say(this.track ? 'studio.share.stop' : 'studio.share.start'));
    write(el('pause'), say(this.paused() ? 'studio.resume' : 'studio.pause'));
    el('pause').classList.toggle('primary', this.paused());
    /** @type {HTMLButtonElement} */ (el('share')).disabled = line === 'off' || line === 'joining';
  }
}
