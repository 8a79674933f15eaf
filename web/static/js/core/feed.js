// What the mediator shows and says: one picture and one sound, each from a device or from the test card,
// each changeable while on air. The feed owns its devices: whoever drops it closes it.
//
//   change  { kind: 'video' | 'audio', track }   the track to send from now on
//   lost    { kind }                             its device was unplugged or taken away

import { hint, openDevices } from './capture.js';
import { Emitter } from './emitter.js';
import { openTestCard } from './testcard.js';

/** The choice that stands for the test card, in the place of a device id. */
export const TEST_CARD = 'test-card';

/** @typedef {{camera: string, microphone: string}} Choice  device ids, '' for the browser's own choice, or TEST_CARD */

export class Feed extends Emitter {
  /** @param {() => {title: string, name: string}} words  to write on the test card, asked for when it is opened */
  constructor(words) {
    super();
    /** @private */
    this.words = words;
    /** @type {Choice} */
    this.choice = { camera: '', microphone: '' };
    /** @type {MediaStreamTrack | null} */
    this.video = null;
    /** @type {MediaStreamTrack | null} */
    this.audio = null;
    /** @private @type {import('./testcard.js').TestCard | null} */
    this.card = null;
    /** @private the last open() wins over those still waiting for the browser */
    this.turn = 0;
  }

  /** @returns {import('./onair.js').Lost} devices that were unplugged or taken away, and not replaced yet */
  get lost() {
    const gone = (/** @type {MediaStreamTrack | null} */ track) => Boolean(track && track.readyState === 'ended');
    return { video: gone(this.video), audio: gone(this.audio) };
  }

  get open() {
    return Boolean(this.video && this.audio);
  }

  /**
   * Opens what is chosen, keeping what is already open and still wanted. When it fails the feed stays as it was.
   * @param {Choice} choice
   * @returns {Promise<void>} rejects with a CaptureError
   */
  async choose(choice) {
    const turn = ++this.turn;
    const fresh = await this.obtain(choice);
    if (turn !== this.turn) {
      fresh.forEach((track) => this.release(track));
      return;
    }
    this.choice = choice;
    for (const track of fresh) this.put(track);
    if (this.card && choice.camera !== TEST_CARD && choice.microphone !== TEST_CARD) this.closeCard();
  }

  /** @private @param {Choice} choice @returns {Promise<MediaStreamTrack[]>} the tracks that are not in use yet */
  async obtain(choice) {
    /** @type {MediaStreamTrack[]} */
    const fresh = [];
    const wantsCard = choice.camera === TEST_CARD || choice.microphone === TEST_CARD;
    if (wantsCard && !this.card) this.card = openTestCard(this.words(), () => this.cardChanged());
    const devices = await this.openWanted(choice);
    const picture = choice.camera === TEST_CARD ? this.cardTrack('video') : devices.video;
    const sound = choice.microphone === TEST_CARD ? this.cardTrack('audio') : devices.audio;
    if (picture && picture !== this.video) fresh.push(picture);
    if (sound && sound !== this.audio) fresh.push(sound);
    return fresh;
  }

  /** @private @param {Choice} choice @returns {Promise<{video: MediaStreamTrack | null, audio: MediaStreamTrack | null}>} */
  async openWanted(choice) {
    const needsCamera = choice.camera !== TEST_CARD && !(this.live(this.video) && choice.camera === this.choice.camera);
    const needsMicrophone = choice.microphone !== TEST_CARD && !(this.live(this.audio) && choice.microphone === this.choice.microphone);
    const stream = await openDevices({
      camera: needsCamera ? choice.camera : undefined,
      microphone: needsMicrophone ? choice.microphone : undefined,
    });
    return { video: stream.getVideoTracks()[0] || null, audio: stream.getAudioTracks()[0] || null };
  }

  /** @private @param {MediaStreamTrack | null} track */
  live(track) {
    return Boolean(track && track.readyState === 'live');
  }

  /** @private @param {'video' | 'audio'} kind @returns {MediaStreamTrack | null} */
  cardTrack(kind) {
    const card = this.card;
    if (!card) return null;
    return (kind === 'video' ? card.stream.getVideoTracks()[0] : card.stream.getAudioTracks()[0]) || null;
  }

  /** The card's worker died and it has other tracks: those in use change hands, on air as well. @private */
  cardChanged() {
    const picture = this.video && this.choice.camera === TEST_CARD ? this.cardTrack('video') : null;
    const sound = this.audio && this.choice.microphone === TEST_CARD ? this.cardTrack('audio') : null;
    for (const track of [picture, sound]) if (track) this.put(track);
  }

  /** @private @param {MediaStreamTrack} track */
  put(track) {
    const kind = track.kind === 'video' ? 'video' : 'audio';
    const old = this[kind];
    this[kind] = track;
    if (kind === 'video') hint(track, 'motion');
    track.onended = () => { if (this[kind] === track) this.emit('lost', { kind }); };
    this.emit('change', { kind, track });
    if (old) this.release(old);
  }

  /** Stops a device's track; the test card's own live as long as the card. @private @param {MediaStreamTrack} track */
  release(track) {
    track.onended = null;
    if (track !== this.cardTrack('video') && track !== this.cardTrack('audio')) track.stop();
  }

  /** @private */
  closeCard() {
    if (this.card) this.card.stop();
    this.card = null;
  }

  /** Lets go of every device: the camera's light goes out. */
  close() {
    this.turn++;
    for (const track of [this.video, this.audio]) if (track) this.release(track);
    this.video = null;
    this.audio = null;
    this.closeCard();
  }
}

