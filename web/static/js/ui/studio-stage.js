// The left side of the studio: the picture as rooms see it, the choice of camera and microphone, the level.
//
//   change  something to draw again
//   told    a sentence to say

import { CaptureError, canCapture, listDevices, permission } from '../core/capture.js';
import { Emitter } from '../core/emitter.js';
import { TEST_CARD } from '../core/feed.js';
import { HearingJudge, LevelMeter, meterPosition } from '../core/levels.js';
import { memory } from '../core/link.js';
import { whatRoomsSee } from '../core/onair.js';
import { say } from '../core/words.js';
import { isBlack } from './black.js';
import { announce } from './news.js';
import { el, make, show, write } from './page.js';
import { showAbove } from './steady.js';

const CHOICE = 'studio.devices';
const BEAT = 100; // ms between two looks at the level
const BLACK_EVERY = 30; // looks between two looks at the picture
const SLATES = ['pause', 'incident', 'cut', 'hands']; // what lies over the mediator's own picture, because the rooms do not see it
const WAYS = { refused: true, insecure: false, missing: false, busy: false, changed: false, failed: false };

export class Stage extends Emitter {
  /** @param {import('../core/feed.js').Feed} feed */
  constructor(feed) {
    super();
    /** @private */
    this.feed = feed;
    /** @private @type {LevelMeter | null} */
    this.meter = null;
    /** @private a track whose meter waits for a gesture @type {MediaStreamTrack | null} */
    this.unmetered = null;
    /** @private */
    this.judge = new HearingJudge();
    /** what the microphone hears @type {import('../core/levels.js').Hearing} */
    this.hearing = 'unknown';
    /** @private */
    this.looks = 0;
    /** @private the sentence about unplugged devices that is shown */
    this.gone = '';
    /** the camera shows nothing but black */
    this.black = false;
    /** @private */
    this.invited = false;
    /** the browser is being asked */
    this.busy = false;
    /** why devices were last refused, in words */
    this.refusal = '';
    /** slides are shown in place of the face */
    this.hasSlides = false;
    this.wire();
  }

  /** @private */
  wire() {
    el('ask-devices').addEventListener('click', () => this.open(this.lastChoice()));
    el('refused-again').addEventListener('click', () => this.open(this.lastChoice()));
    for (const id of ['ask-card', 'refused-card']) {
      el(id).addEventListener('click', () => this.open({ camera: TEST_CARD, microphone: TEST_CARD }));
    }
    for (const id of ['camera', 'microphone']) el(id).addEventListener('change', () => this.open(this.selected()));
    this.feed.on('change', (change) => (change.kind === 'video' ? this.showPicture() : this.meterTrack(change.track)));
    this.feed.on('lost', () => this.emit('change'));
    el('gone-other').addEventListener('click', () => this.replaceLost(''));
    el('gone-card').addEventListener('click', () => this.replaceLost(TEST_CARD));
    for (const gesture of ['pointerdown', 'keydown']) document.addEventListener(gesture, () => this.touched());
    if (canCapture() && navigator.mediaDevices.addEventListener) {
      navigator.mediaDevices.addEventListener('devicechange', () => this.fillSelects());
    }
    setInterval(() => this.look(), BEAT);
  }

  /** The camera was allowed before: show the picture without a word. Else explain first. */
  async invite() {
    if (this.invited || this.feed.open || this.busy) return;
    this.invited = true;
    if ((await permission()) === 'granted' && !this.feed.open && !this.busy) this.open(this.lastChoice()); // a reload may have opened them meanwhile, for the air
  }

  /** @returns {import('../core/feed.js').Choice} */
  lastChoice() {
    try {
      const kept = JSON.parse(memory('device', CHOICE) || '{}');
      return { camera: String(kept.camera || ''), microphone: String(kept.microphone || '') };
    } catch (error) {
      return { camera: '', microphone: '' };
    }
  }

  /** One tap for what was unplugged. @private @param {string} by  '' for the browser's own choice, or TEST_CARD */
  replaceLost(by) {
    const { camera, microphone } = this.feed.choice;
    const { video, audio } = this.feed.lost;
    this.open({ camera: video ? by : camera, microphone: audio ? by : microphone });
  }

  /** @private @returns {import('../core/feed.js').Choice} */
  selected() {
    const value = (/** @type {string} */ id) => /** @type {HTMLSelectElement} */ (el(id)).value;
    return { camera: value('camera'), microphone: value('microphone') };
  }

  /**
   * Opens devices; says in words why not.
   * @param {import('../core/feed.js').Choice} choice
   * @returns {Promise<boolean>}
   */
  async open(choice) {
    this.busy = true;
    this.emit('change');
    try {
      await this.choose(choice);
      memory('device', CHOICE, JSON.stringify(this.feed.choice));
      this.cover('none');
      await this.fillSelects();
      return true;
    } catch (error) {
      this.explain(error instanceof CaptureError ? error.code : 'failed');
      return false;
    } finally {
      this.busy = false;
      this.emit('change');
    }
  }

  /** A chosen device that is gone gives way to the browser's own choice. @private @param {import('../core/feed.js').Choice} choice */
  async choose(choice) {
    try {
      await this.feed.choose(choice);
    } catch (error) {
      const gone = error instanceof CaptureError && error.code === 'changed';
      if (!gone) throw error;
      await this.feed.choose({ camera: choice.camera === TEST_CARD ? TEST_CARD : '', microphone: choice.microphone === TEST_CARD ? TEST_CARD : '' });
      this.emit('told', say('studio.lost.changed'));
    }
  }

  /** @private @param {import('../core/capture.js').CaptureCode} code */
  explain(code) {
    this.refusal = say('studio.refused.' + code);
    if (this.feed.open) {
      this.emit('told', this.refusal);
      this.fillSelects();
      return;
    }
    write(el('refused-title'), this.refusal);
    write(el('refused-text'), say('studio.refused.' + code + '-text'));
    show(el('refused-ways'), WAYS[code]);
    this.cover('refused');
    el('refused-title').focus({ preventScroll: true });
  }

  /** @private @param {'ask' | 'refused' | 'none'} which */
  cover(which) {
    show(el('cover'), which !== 'none');
    el('monitor').classList.toggle('covered', which !== 'none');
    show(el('ask'), which === 'ask');
    show(el('refused'), which === 'refused');
  }

  /** Devices were let go of: back to the explanation. */
  clear() {
    /** @type {HTMLVideoElement} */ (el('picture')).srcObject = null;
    this.closeMeter();
    this.cover('ask');
  }

  /** @private */
  showPicture() {
    const video = /** @type {HTMLVideoElement} */ (el('picture'));
    video.srcObject = this.feed.video ? new MediaStream([this.feed.video]) : null;
    video.play().catch(() => undefined);
  }

  /** @param {MediaStreamTrack | null} track */
  showSlides(track) {
    const video = /** @type {HTMLVideoElement} */ (el('slides'));
    this.hasSlides = Boolean(track);
    video.srcObject = track ? new MediaStream([track]) : null;
    if (track) video.play().catch(() => undefined);
    show(video, this.hasSlides);
    el('monitor').classList.toggle('with-slides', this.hasSlides);
    this.emit('change');
  }

  /** A gesture: sound engines that waited for one may run. @private */
  touched() {
    if (this.unmetered) this.meterTrack(this.unmetered);
    else if (this.meter && !this.meter.running) this.meter.wake();
  }

  /** @private @param {MediaStreamTrack} track */
  meterTrack(track) {
    this.closeMeter();
    this.unmetered = mayMeter(this.feed.choice.microphone) ? null : track;
    if (this.unmetered) return;
    this.judge = new HearingJudge();
    try {
      this.meter = new LevelMeter(track);
    } catch (error) {
      this.meter = null; // no sound engine: the séance goes on without a level
    }
  }

  /** @private */
  closeMeter() {
    if (this.meter) this.meter.close();
    this.meter = null;
    this.paintLevel(-100, 'unknown');
  }

  /** @private */
  look() {
    if (!this.meter || !this.meter.running) return;
    const level = this.meter.read();
    this.paintLevel(level, this.judge.judge(level, performance.now()));
    if (++this.looks % BLACK_EVERY === 0) this.sayBlack(isBlack(/** @type {HTMLVideoElement} */ (el('picture'))));
  }

  /** @private @param {boolean} black */
  sayBlack(black) {
    if (black === this.black) return;
    this.black = black;
    this.emit('change');
  }

  /** @private @param {number} level @param {import('../core/levels.js').Hearing} hearing */
  paintLevel(level, hearing) {
    el('meter-fill').style.transform = 'scaleX(' + meterPosition(level).toFixed(3) + ')';
    if (hearing === this.hearing) return;
    this.hearing = hearing;
    write(el('meter-word'), hearing === 'unknown' ? '' : say('studio.level.' + hearing));
    el('meter').dataset.hearing = hearing;
    this.emit('change');
  }

  /** @private */
  async fillSelects() {
    const devices = await listDevices();
    this.fill('camera', devices.cameras, this.feed.choice.camera, this.feed.video, say('studio.card.picture'));
    this.fill('microphone', devices.microphones, this.feed.choice.microphone, this.feed.audio, say('studio.card.tone'));
  }

  /** @private @param {string} id @param {import('../core/capture.js').Device[]} devices @param {string} chosen @param {MediaStreamTrack | null} track @param {string} cardName */
  fill(id, devices, chosen, track, cardName) {
    const select = /** @type {HTMLSelectElement} */ (el(id));
    const used = chosen === TEST_CARD ? TEST_CARD : (track && track.getSettings().deviceId) || chosen;
    const options = devices.filter((d) => d.id !== '').map((d, i) => option(d.id, d.name || say('studio.devices.' + id + '-n', { n: i + 1 })));
    if (used !== TEST_CARD && !devices.some((d) => d.id === used)) options.unshift(option(used, say('studio.devices.default')));
    options.push(option(TEST_CARD, cardName));
    select.textContent = '';
    select.append(...options);
    select.value = used;
  }

  /**
   * @param {import('../core/onair.js').Phase} at
   * @param {any} room
   * @param {import('../core/airline.js').LineState} line
   * @param {boolean} hands  the phone's picture is on this page
   */
  render(at, room, line, hands) {
    const lost = this.feed.lost;
    const open = el('switch').getAttribute('aria-expanded') === 'true' || lost.video || lost.audio;
    show(el('devices'), this.feed.open && (at !== 'onair' || open));
    this.renderGone(lost);
    show(el('meter'), this.feed.open);
    const sees = at === 'onair' && room ? whatRoomsSee({ state: room.state, slate: room.slate, sending: line === 'live', slides: this.hasSlides, hands: room.camera === 'hands', lost }) : 'nothing';
    write(el('rooms-see'), say('studio.see.' + sees));
    el('rooms-see').dataset.see = sees;
    const slate = SLATES.indexOf(sees) >= 0 && !(sees === 'hands' && hands); // what the rooms see is on the monitor then
    write(el('slate'), slate ? say('studio.slate.' + sees) : '');
    show(el('slate'), slate);
  }

  /** @private @param {import('../core/onair.js').Lost} lost */
  renderGone(lost) {
    const text = [lost.video ? say('studio.lost.video') : '', lost.audio ? say('studio.lost.audio') : ''].filter(Boolean).join(' ');
    showAbove(el('gone'), text !== '');
    if (text === this.gone) return;
    this.gone = text;
    announce(el('gone-word'), text);
  }
}

/** @param {string} value @param {string} text */
function option(value, text) {
  return make('option', { value }, [text]);
}

/** Without a gesture the browser lets a page measure sound only while it holds a microphone. @param {string} microphone @returns {boolean} */
function mayMeter(microphone) {
  const activation = /** @type {any} */ (navigator)['userActivation'];
  return microphone !== TEST_CARD || !activation || activation.hasBeenActive;
}
