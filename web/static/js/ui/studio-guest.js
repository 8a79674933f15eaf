// The guest beside the mediator: who it is, picture and level, on air or not, and « Couper »: one press, one key, no question
// asked. It is done here at once, and asked of the house until the house has done it.
//
//   change  something to draw again

import { Emitter } from '../core/emitter.js';
import { Ends, endWord, floorOf } from '../core/floor.js';
import { HearingJudge, LevelMeter, meterPosition } from '../core/levels.js';
import { memory } from '../core/link.js';
import { say } from '../core/words.js';
import { isBlack } from './black.js';
import { el, show, write } from './page.js';
import { placeOf } from './question-words.js';
import { Aim, showAbove } from './steady.js';

const EARS = 'studio.ears';
const BEAT = 100; // ms between two looks at the level
const LOOKS = 20; // between two looks at the picture
const SOFT = 0.3; // of the sound, where no headphones keep it from the microphone

export class Guest extends Emitter {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('../core/backstage.js').Backstage} backstage
   * @param {import('./news.js').News} news
   */
  constructor(classroom, backstage, news) {
    super();
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.backstage = backstage;
    /** @private */
    this.news = news;
    /** @private grants that were cut here: they never show again */
    this.gone = new Set();
    /** @private the grant whose cut the house has not confirmed */
    this.cutting = '';
    /** @private how the guest is heard: '' not asked yet, 'headphones', 'soft' */
    this.ears = memory('tab', EARS);
    /** @private @type {LevelMeter | null} */
    this.meter = null;
    /** @private */
    this.judge = new HearingJudge();
    /** @private */
    this.hearing = 'unknown';
    /** @private */
    this.black = false;
    /** @private */
    this.looks = 0;
    /** @private */
    this.ends = new Ends();
    /** @private */
    this.sound = /** @type {HTMLAudioElement} */ (el('guest-sound'));
    /** @private */
    this.video = /** @type {HTMLVideoElement} */ (el('guest-video'));
    /** @private who is there and at which stage: « Remercier » comes where « Mettre à l'antenne » stood */
    this.aim = new Aim(el('guest'), { spared: '#guest-cut' });
    /** @private « Couper » waits for nothing but its own coming: a tap at that very moment was aimed at something else */
    this.cutAim = new Aim(el('guest-cut'), { alone: true });
    this.wire();
  }

  /** @private */
  wire() {
    el('guest-cut').addEventListener('click', () => this.cut());
    el('guest-onair').addEventListener('click', () => this.open());
    el('guest-thank').addEventListener('click', () => this.cut('studio.guest.thanked'));
    el('guest-headphones').addEventListener('click', () => this.listen('headphones'));
    el('guest-loudspeaker').addEventListener('click', () => this.listen('soft'));
    this.backstage.on('tracks', (tracks) => this.attach(tracks));
    this.backstage.on('refused', (refusal) => this.news.tell(refusal.text || say('common.failed')));
    this.classroom.on('up', () => this.insist());
    window.setInterval(() => this.look(), BEAT);
  }

  /** @private @returns {import('../core/floor.js').Standing} */
  standing() {
    return floorOf(this.classroom);
  }

  /** @returns {any} the floor this page shows; null for nobody */
  get floor() {
    const { floor } = this.standing();
    return floor && !this.gone.has(floor.grant) ? floor : null;
  }

  /**
   * Whoever is invited, backstage or on air is out: at once here, then at the house. « Remercier » goes the same way, in kinder words.
   * @param {string} [word]  what the studio is told of it
   */
  cut(word = 'studio.guest.ended.cut') {
    const floor = this.floor;
    if (!floor) return this.news.tell(say('studio.keys.cut.none'));
    this.gone.add(floor.grant);
    this.cutting = floor.grant;
    this.silence();
    this.insist(floor.stage === 'invited' ? 'cancel-invite' : 'cut');
    this.news.tell(say(floor.stage === 'invited' ? 'studio.guest.ended.withdrawn' : word));
    this.emit('change');
  }

  /** @private @param {string} [name] */
  insist(name = 'cut') {
    const grant = this.cutting;
    if (!grant) return;
    this.classroom.do({ name, grant }).then(() => this.settled(grant), (error) => {
      if (error.code === 'connection-lost') return; // asked again when the class is back
      this.settled(grant);
      if (name === 'cancel-invite' && this.holds(grant)) return void this.again(grant); // it was accepted a moment before
      if (this.holds(grant)) this.refused(grant, error);
    });
  }

  /** @private @param {string} grant */
  again(grant) {
    this.cutting = grant;
    this.insist();
  }

  /** @private @param {string} grant */
  settled(grant) {
    if (this.cutting === grant) this.cutting = '';
  }

  /** @private @param {string} grant */
  holds(grant) {
    const { floor } = this.standing();
    return Boolean(floor) && floor.grant === grant;
  }

  /** The house would not: the guest is still there, and must be seen. @private @param {string} grant @param {any} error */
  refused(grant, error) {
    this.gone.delete(grant);
    this.news.refusal(error);
    this.emit('change');
  }

  /** On air, from the stage that this page shows: a tap that comes late undoes nothing that another hand did. @private */
  open() {
    const floor = this.floor;
    if (floor) this.classroom.do({ name: 'put-on-air', grant: floor.grant, since: floor.since }).catch((error) => this.news.refusal(error));
  }

  /** In the tap: how the guest may be heard here. @private @param {'headphones' | 'soft'} ears */
  listen(ears) {
    this.ears = memory('tab', EARS, ears);
    if (this.meter) this.meter.wake();
    this.play();
    this.emit('change');
    el('guest-name').focus({ preventScroll: true });
  }

  /** @private */
  play() {
    this.sound.muted = this.ears === '';
    this.sound.volume = this.ears === 'soft' ? SOFT : 1;
    for (const player of [this.sound, this.video]) if (player.srcObject) player.play().catch(() => undefined);
  }

  /** @private @param {import('../core/backstage.js').GuestTracks} tracks */
  attach(tracks) {
    this.closeMeter();
    this.sound.srcObject = tracks.voice ? new MediaStream([tracks.voice]) : null;
    this.video.srcObject = tracks.camera ? new MediaStream([tracks.camera]) : null;
    this.play();
    if (!tracks.voice) return;
    try {
      this.meter = new LevelMeter(tracks.voice);
      this.judge = new HearingJudge();
    } catch (error) {
      this.meter = null; // no sound engine: the guest is heard without a level
    }
  }

  /** @private */
  silence() {
    this.backstage.close();
    for (const player of [this.sound, this.video]) if (player.srcObject) player.srcObject = null;
    this.closeMeter();
  }

  /** @private */
  closeMeter() {
    if (this.meter) this.meter.close();
    this.meter = null;
    this.hearing = 'unknown';
  }

  /** @private */
  look() {
    if (el('guest').hidden) return;
    const level = this.meter && this.meter.running ? this.meter.read() : -100;
    el('guest-fill').style.transform = 'scaleX(' + meterPosition(level).toFixed(3) + ')';
    const hearing = this.meter && this.meter.running ? this.judge.judge(level, performance.now()) : 'unknown';
    const black = ++this.looks % LOOKS === 0 ? isBlack(this.video) : this.black;
    if (hearing === this.hearing && black === this.black) return;
    this.hearing = hearing;
    this.black = black;
    this.renderCheck();
  }

  render() {
    const standing = this.standing();
    const floor = this.floor;
    if (floor) this.backstage.follow(floor);
    else this.silence();
    if (this.cutting && !this.holds(this.cutting)) this.cutting = '';
    showAbove(el('guest'), Boolean(floor));
    this.aim.follow(floor ? floor.grant + ' ' + floor.stage : '');
    this.cutAim.follow(floor ? floor.grant : '');
    if (floor) this.renderGuest(floor);
    this.tellEnd(standing);
  }

  /** @private @param {any} floor */
  renderGuest(floor) {
    const stage = String(floor.stage);
    const seated = stage === 'backstage' || stage === 'on-air';
    el('guest').dataset.stage = stage;
    write(el('guest-name'), placeOf(floor));
    write(el('guest-stage'), say('studio.guest.' + (seated && !floor.connected ? 'unconnected' : stage === 'on-air' ? 'air' : stage)));
    show(el('guest-picture'), seated && floor.camera);
    show(el('guest-track'), seated);
    show(el('guest-ears'), seated && this.ears === '');
    show(el('guest-onair'), stage === 'backstage');
    show(el('guest-thank'), stage === 'on-air');
    /** @type {HTMLButtonElement} */ (el('guest-onair')).disabled = !floor.connected;
    write(el('guest-cut-word'), say(stage === 'invited' ? 'studio.guest.cancel' : 'studio.guest.cut'));
    this.renderCheck();
  }

  /** What the mediator checks before putting somebody on air. @private */
  renderCheck() {
    const floor = this.floor;
    const seated = floor && (floor.stage === 'backstage' || floor.stage === 'on-air');
    if (!seated || !floor.connected) return write(el('guest-check'), '');
    const talk = this.classroom.get('talk');
    const speaks = talk && talk.grant === floor.grant ? (talk.on ? 'talking' : 'resting') : this.hearing === 'heard' ? 'heard' : 'quiet';
    const sees = floor.camera ? (this.black ? 'black' : 'camera') : 'voice';
    return write(el('guest-check'), say('studio.guest.check.' + sees) + ' ' + say('studio.guest.check.' + speaks));
  }

  /** Why nobody is there any more; said once, and not to the one who just cut. @private @param {import('../core/floor.js').Standing} standing */
  tellEnd(standing) {
    const ended = this.ends.news(this.classroom);
    if (ended && !standing.floor && !this.gone.has(ended.grant)) this.news.tell(say(endWord('studio.guest.ended.', ended)));
  }
}
