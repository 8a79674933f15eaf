// The camera, a second gesture: first the frame, on this page alone; then a yes for everybody in it; then the rooms.
//
//   show   { track } the picture may be sent: the house was told, and took it. track null: no picture any more

import { CaptureError, listDevices, openDevices } from '../core/capture.js';
import { Emitter } from '../core/emitter.js';
import { say } from '../core/words.js';
import { announce, why } from './news.js';
import { el, show, write } from './page.js';

/** What a centre's line can carry upwards beside everything else. */
const SIZE = { width: 640, height: 360 };

export class GuestCamera extends Emitter {
  /** @param {(on: boolean) => Promise<unknown>} tell  says it to the house; rejects with a refusal */
  constructor(tell) {
    super();
    /** @private */
    this.tell = tell;
    /** @private @type {MediaStreamTrack | null} */
    this.track = null;
    /** @private */
    this.chosen = '';
    /** @private */
    this.round = 0;
    /** the rooms, or the studio, may see it */
    this.shown = false;
    /** @private the house has told so: its answer may come before that @type {boolean} */
    this.confirmed = false;
    /** @private */
    this.busy = false;
    el('camera-open').addEventListener('click', () => this.open(this.chosen));
    el('camera-other').addEventListener('click', () => this.other());
    el('camera-agreed').addEventListener('change', () => this.paint());
    el('camera-show').addEventListener('click', () => this.showIt());
    el('camera-off').addEventListener('click', () => this.off(true));
  }

  /** @private @param {string} id  '' for the browser's own choice */
  async open(id) {
    if (this.busy) return;
    this.busy = true;
    const round = ++this.round;
    announce(el('camera-error'), '');
    announce(el('camera-closed'), '');
    try {
      const [track] = (await openDevices({ camera: id, size: SIZE })).getVideoTracks();
      if (round === this.round) this.take(track);
      else track.stop();
    } catch (error) {
      announce(el('camera-error'), say('guest.camera.' + (error instanceof CaptureError && error.code === 'refused' ? 'refused' : 'failed')));
    }
    this.busy = false;
    if (!this.track) return this.paint();
    const { cameras } = await listDevices();
    show(el('camera-other'), cameras.length > 1);
    this.paint();
    el('camera-title').focus({ preventScroll: true });
    return el('camera-box').scrollIntoView({ block: 'end' }); // above « Couper »: see the style sheet
  }

  /** @private @param {MediaStreamTrack} track */
  take(track) {
    this.letGo();
    this.track = track;
    track.onended = () => this.close();
    this.chosen = (track.getSettings && track.getSettings().deviceId) || '';
    const frame = /** @type {HTMLVideoElement} */ (el('frame'));
    frame.srcObject = new MediaStream([track]);
    frame.play().catch(() => undefined);
    this.consent = false; // another frame: who is in it has to be asked again
  }

  /** @private */
  get consent() {
    return /** @type {HTMLInputElement} */ (el('camera-agreed')).checked;
  }

  /** @private */
  set consent(yes) {
    /** @type {HTMLInputElement} */ (el('camera-agreed')).checked = yes;
  }

  /** @private */
  async other() {
    const { cameras } = await listDevices();
    if (cameras.length < 2) return undefined;
    const at = cameras.findIndex(({ id }) => id === this.chosen);
    this.letGo(); // phones open one camera at a time
    return this.open(cameras[(at + 1) % cameras.length].id);
  }

  /** The house first: what is sent before it agrees reaches nobody, and should not be sent. @private */
  async showIt() {
    if (!this.track || !this.consent || this.busy) return;
    this.busy = true;
    this.paint();
    const { track, round } = this;
    announce(el('camera-error'), '');
    try {
      await this.tell(true);
      if (round === this.round && track === this.track) {
        this.shown = true;
        this.emit('show', { track });
      } else {
        this.tell(false).catch(() => undefined);
      }
    } catch (error) {
      announce(el('camera-error'), why(error));
    }
    this.busy = false;
    this.paint();
  }

  /** No hand closed it: the page says so, and where to open it again. @returns {boolean} it was open, or about to be */
  close() {
    const was = Boolean(this.track) || this.busy;
    if (was) this.off(true, 'guest.camera.closed');
    return was;
  }

  /**
   * In one tap; the house hears of it afterwards.
   * @param {boolean} told    whether it needs to hear of it
   * @param {string} [reason] what to say of it when no hand did so: nobody's focus is moved then
   */
  off(told, reason = '') {
    this.round += 1;
    const shown = this.shown;
    this.shown = false;
    this.confirmed = false;
    if (shown) this.emit('show', { track: null });
    this.letGo();
    if (told && shown) this.tell(false).catch(() => undefined); // the line is silent already
    this.paint();
    announce(el('camera-closed'), reason && say(reason));
    if (told && !reason) el('camera-open').focus({ preventScroll: true });
  }

  /** What the house says of it: a line that was lost takes the picture along, until the gesture is made again. @param {boolean} on */
  follow(on) {
    if (on) this.confirmed = this.shown;
    else if (this.shown && this.confirmed && !this.busy) this.off(false, 'guest.camera.line');
  }

  /** No light of the device stays on. @private */
  letGo() {
    if (this.track) {
      this.track.onended = null;
      this.track.stop();
    }
    this.track = null;
    /** @type {HTMLVideoElement} */ (el('frame')).srcObject = null;
    this.consent = false;
  }

  /** @private */
  paint() {
    show(el('camera-start'), !this.track);
    show(el('camera-box'), Boolean(this.track));
    show(el('camera-ask'), !this.shown);
    write(el('camera-title'), say(this.shown ? 'guest.camera.seen' : 'guest.camera.frame'));
    el('camera-box').dataset.shown = String(this.shown);
    /** @type {HTMLButtonElement} */ (el('camera-show')).disabled = !this.consent || this.busy;
    const word = /** @type {Node} */ (el('camera-off').lastChild);
    const text = say(this.shown ? 'guest.camera.cut' : 'guest.camera.close');
    if (word.textContent !== text) word.textContent = text;
  }
}
