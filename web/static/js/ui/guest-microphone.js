// The guest's microphone: opened once, sent only while the talk button is down, measured all the time.
//
//   lost    the device went away
//   taken   the system took it for something else (a phone call)
//
// Two tracks of one device: what the meter listens to always runs and stays here; what is sent is off until it may be on.

import { CaptureError, openDevices } from '../core/capture.js';
import { Emitter } from '../core/emitter.js';
import { LevelMeter } from '../core/levels.js';

export class Microphone extends Emitter {
  constructor() {
    super();
    /** what the device hears, always @type {MediaStreamTrack | null} */
    this.heard = null;
    /** what is sent @type {MediaStreamTrack | null} */
    this.sent = null;
    /** @private @type {LevelMeter | null} */
    this.meter = null;
    /** @private which opening is meant: an answer that comes after a closing opens nothing */
    this.round = 0;
  }

  /** @returns {boolean} */
  get ready() {
    return this.sent !== null && this.sent.readyState === 'live';
  }

  /**
   * Asks the browser for the microphone.
   * @returns {Promise<import('../core/capture.js').CaptureCode | ''>} '' when it is there
   */
  async open() {
    this.close();
    const round = ++this.round;
    try {
      const [track] = (await openDevices({ microphone: '' })).getAudioTracks();
      if (round !== this.round) track.stop();
      else this.take(track);
      return round === this.round ? '' : 'failed';
    } catch (error) {
      return error instanceof CaptureError ? error.code : 'failed';
    }
  }

  /** @private @param {MediaStreamTrack} track */
  take(track) {
    this.heard = track;
    this.sent = track.clone();
    this.sent.enabled = false;
    track.onended = () => { this.close(); this.emit('lost'); };
    track.onmute = () => this.emit('taken');
    try {
      this.meter = new LevelMeter(track);
    } catch (error) {
      this.meter = null; // no sound engine: there is a voice without a level
    }
  }

  /** Opens or closes what is sent, at once. @param {boolean} open */
  let(open) {
    if (this.sent) this.sent.enabled = open;
  }

  /** In a gesture: sound engines that waited for one may run. */
  wake() {
    if (this.meter && !this.meter.running) this.meter.wake();
  }

  /** @returns {number | null} dBFS, null where nothing is known */
  level() {
    return this.meter && this.meter.running ? this.meter.read() : null;
  }

  /** No light of the device stays on. */
  close() {
    this.round += 1;
    if (this.meter) this.meter.close();
    this.meter = null;
    for (const track of [this.sent, this.heard]) {
      if (!track) continue;
      track.onended = null;
      track.onmute = null;
      track.stop();
    }
    this.sent = null;
    this.heard = null;
  }
}
