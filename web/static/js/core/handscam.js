// The phone's camera over the mediator's hands: opened by a tap, sent beside the face, never with a sound. What the system takes
// away (a lock, a call) is opened again when the page is back in sight.
//
//   change  state or picture changed

import { CaptureError, openRearCamera } from './capture.js';
import { Emitter } from './emitter.js';

export class HandsCamera extends Emitter {
  /** @param {import('./airline.js').AirLine} line */
  constructor(line) {
    super();
    /** @private */
    this.line = line;
    /** @type {MediaStreamTrack | null} */
    this.track = null;
    /** opened by the person, and not closed since */
    this.wanted = false;
    /** the browser is being asked */
    this.busy = false;
    /** why it is not open: '' or a key of sentences @type {'' | 'gone' | 'refused' | 'missing' | 'insecure'} */
    this.trouble = '';
    /** @private the last request wins */
    this.turn = 0;
    line.on('state', () => this.emit('change'));
    line.on('refused', (refusal) => { this.close(); this.emit('refused', refusal); });
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') this.comeBack(); });
    window.addEventListener('pageshow', (event) => { if (event.persisted) this.comeBack(); });
  }

  /** @returns {'off' | 'joining' | 'live' | 'lost' | 'gone'} */
  get state() {
    if (!this.wanted) return 'off';
    if (!this.track || this.track.readyState === 'ended') return this.busy ? 'joining' : 'gone';
    return this.line.state === 'off' ? 'joining' : this.line.state;
  }

  /** In a tap. @returns {Promise<void>} */
  async open() {
    const turn = ++this.turn;
    this.wanted = true;
    this.busy = true;
    this.trouble = '';
    this.emit('change');
    try {
      const track = await openRearCamera();
      if (turn !== this.turn) return track.stop();
      this.put(track);
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
    if (turn !== this.turn) return undefined;
    this.busy = false;
    this.emit('change');
    return undefined;
  }

  /** @private @param {MediaStreamTrack} track */
  put(track) {
    const old = this.track;
    this.track = track;
    track.onended = () => { if (this.track === track) this.lost(); };
    if (this.line.wanted) this.line.replace(track);
    else this.line.start(null, track);
    if (old) stop(old);
  }

  /** @private @param {unknown} error */
  fail(error) {
    const code = error instanceof CaptureError ? error.code : 'failed';
    this.trouble = code === 'refused' || code === 'insecure' ? code : 'missing';
    if (!this.track) this.wanted = false;
  }

  /** The system took the camera. @private */
  lost() {
    this.trouble = 'gone';
    if (document.visibilityState === 'visible') this.comeBack();
    this.emit('change');
  }

  /** @private */
  comeBack() {
    if (this.wanted && !this.busy && this.track && this.track.readyState === 'ended') this.open();
  }

  close() {
    this.turn += 1;
    this.wanted = false;
    this.busy = false;
    this.trouble = '';
    this.line.stop();
    if (this.track) stop(this.track);
    this.track = null;
    this.emit('change');
  }
}

/** @param {MediaStreamTrack} track */
function stop(track) {
  track.onended = null;
  track.stop();
}
