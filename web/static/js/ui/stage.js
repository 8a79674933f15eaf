// The picture and the sound of the séance in a page: puts the viewer's lines into
// the page's players, says which slate should cover them, and how we receive.
//
//   slate    what to show instead of the picture: see core/slates.js; also when it is stuck or delayed, or not any more
//   health   a report for the class (at most twice a second)
//   locked   the browser wants a gesture before sound (true), or not any more
//   slow     the line holds only a still picture now and then (see slow, large), or more again

import { Emitter } from '../core/emitter.js';
import { Health, plays } from '../core/health.js';
import { isPicture, slateOf, Trouble } from '../core/slates.js';
import { Slowness } from '../core/slow.js';
import { el } from './page.js';

const MOST = 16384; // device pixels that can be told

/** A new trouble must last before its words take the place of others. */
const SETTLE = 2000;

/** Slots by the line that shows them. @type {Record<string, string>} */
const SLOTS = { camera: 'camera', slides: 'slides', guestCamera: 'guest-camera' };

/** @typedef {import('../core/slates.js').Slate} Slate */

/** @type {Slate[]} */
const TROUBLES = ['line', 'source', 'frozen'];

/** @type {('camera' | 'guestCamera')[]} */
const FACES = ['camera', 'guestCamera'];

const STEP = 5000; // of the wait that is shown: seconds that run down make people nervous
const LOW_LAYER = 122400; // pixels: twice those of the low layer (core/encodings.js)

export class Stage extends Emitter {
  /**
   * @param {import('../core/whep.js').Viewer} viewer
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {string} [state] the room's state as the server wrote it
   */
  constructor(viewer, classroom, state) {
    super();
    /** @private */
    this.viewer = viewer;
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.initial = state || 'scheduled';
    /** @private */
    this.box = el('stage');
    /** @private */
    this.pictures = { camera: /** @type {HTMLVideoElement} */ (el('camera')), slides: /** @type {HTMLVideoElement} */ (el('slides')), guestCamera: /** @type {HTMLVideoElement} */ (el('guest')) };
    /** the elements that speak */
    this.voices = { voice: /** @type {HTMLAudioElement} */ (el('voice')), guestVoice: /** @type {HTMLAudioElement} */ (el('guest-voice')) };
    /** @private */
    this.health = new Health();
    /** @private @type {Record<string, boolean>} lines that have shown a frame in this session */
    this.seen = {};
    /** @private */
    this.everPlayed = false;
    /** @private the door or the class said no for good */
    this.refused = false;
    /** @private the door is shut because the séance is over */
    this.shut = false;
    /** @type {Slate} */
    this.slate = 'poster';
    /** broken for so long that somebody should try something else */
    this.stuck = false;
    /** @private */
    this.slowness = new Slowness();
    /** @private pixels of the still picture that a line shows now @type {Record<string, number>} */
    this.stills = {};
    /** @private what the page was last told of it */
    this.toldSlow = '';
    /** @private */
    this.trouble = new Trouble();
    /** @private @type {Slate} */
    this.coming = 'poster';
    /** @private */
    this.comingAt = 0;
    /** @type {import('../core/whep.js').Sample | null} */
    this.sample = null;
    for (const player of Object.values(this.pictures)) player.addEventListener('loadeddata', () => viewer.glance());
    viewer.on('streams', (tracks) => this.attach(tracks));
    viewer.on('sample', (sample) => this.look(sample));
    viewer.on('refused', (refusal) => this.turnedAway(refusal));
    viewer.on('delayed', () => this.emit('slate', this.slate));
    classroom.on('change', () => this.follow());
    classroom.on('up', ({ restarted }) => { viewer.classBack(restarted); this.follow(); });
    classroom.on('down', () => { if (classroom.known) viewer.classLost(); this.decide(); });
    classroom.on('refused', () => { this.refused = true; this.decide(); });
    document.addEventListener('visibilitychange', () => this.wake());
  }

  /** @returns {string} the room's state, as far as we know: where the class cannot be reached, what arrives tells */
  state() {
    const room = this.classroom.get('room');
    return (room && room.state) || (this.arrives() ? 'on-air' : this.initial);
  }

  /** @returns {string[]} slots that are fed */
  fed() {
    const air = this.classroom.get('air');
    if (air) return air.up || [];
    return this.arrives() ? ['voice'].concat(Object.keys(SLOTS).filter((line) => this.seen[line]).map((line) => SLOTS[line])) : [];
  }

  /** Only a still picture now and then, and the sound. A face that rests beside slides, for who asked for little, needs no words. */
  get slow() {
    const rests = this.viewer.picture === 'low' && this.fed().indexOf('slides') >= 0;
    return this.slowness.slow && this.slate === 'none' && !rests;
  }

  /** The still picture is larger than the smallest that a studio in layers sends: it is not the line that is too slow for it. */
  get large() {
    return Math.max(0, ...Object.values(this.stills)) > LOW_LAYER;
  }

  /** The server has no room for this page now. @private */
  get full() {
    const { delayed } = this.viewer;
    return delayed !== null && /-full$/.test(delayed.code);
  }

  /**
   * Why there is no picture, when the door says that it lets us in later; null when what is shown needs no such words.
   * @returns {{ text: string, seconds: number } | null} seconds until the next try, in steps of five
   */
  get delayed() {
    const { delayed } = this.viewer;
    const apart = this.slate === 'opening' || this.slate === 'line';
    const waits = (this.slate === 'poster' || this.slate === 'paused') && !(this.sample && this.sample.connected);
    if (!delayed || !(apart || waits)) return null;
    return { text: delayed.text, seconds: Math.max(0, Math.ceil((delayed.until - performance.now()) / STEP)) * STEP / 1000 };
  }

  /**
   * Device pixels of the largest place for a picture on this page.
   * @returns {{ width: number, height: number }}
   */
  place() {
    const scale = window.devicePixelRatio || 1;
    const boxes = [/** @type {HTMLElement} */ (this.box)].concat(Object.values(this.pictures)).map((place) => place.getBoundingClientRect());
    const { width, height } = boxes.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));
    return { width: Math.min(MOST, Math.round(width * scale)), height: Math.min(MOST, Math.round(height * scale)) };
  }

  /** @private */
  arrives() {
    return !this.classroom.known && Boolean(this.sample && this.sample.arrived);
  }

  /** The page was opened, now or before it was loaded again: from here on it means to play. */
  open() {
    this.health.opened = true;
  }

  /**
   * In a gesture, before there is anything to play: lets the browser know that
   * these players speak with the person's consent. Silence keeps them going.
   * @param {AudioContext | null} context
   */
  unlock(context) {
    if (context && context.state === 'suspended') context.resume();
    const silence = context ? context.createMediaStreamDestination().stream : null;
    for (const player of Object.values(this.voices)) {
      if (silence && !player.srcObject) player.srcObject = silence;
    }
    this.playAll();
  }

  /** Plays everything; tells when the browser wants a gesture for the sound. */
  playAll() {
    for (const player of Object.values(this.pictures)) if (player.srcObject) plays(player);
    const speaking = Object.values(this.voices).filter((player) => player.srcObject);
    Promise.all(speaking.map(plays)).then((allowed) => {
      if (speaking.length) this.lock(allowed.some((ok) => !ok));
    });
  }

  /**
   * @private
   * @param {boolean} locked
   */
  lock(locked) {
    if (this.health.locked === locked) return;
    this.health.locked = locked;
    this.emit('locked', locked);
  }

  /**
   * @private
   * @param {import('../core/whep.js').Tracks} tracks
   */
  attach(tracks) {
    this.seen = {};
    this.stills = {};
    for (const [line, player] of Object.entries(Object.assign({}, this.pictures, this.voices))) {
      const track = tracks[/** @type {import('../core/whep.js').Line} */ (line)];
      player.srcObject = track ? new MediaStream([track]) : null;
    }
    this.playAll();
  }

  /** @private */
  follow() {
    this.viewer.expect(this.state() === 'on-air' && this.fed().length > 0);
    if (this.state() !== 'on-air') this.everPlayed = false;
    if (this.state() === 'on-air' && this.shut && this.classroom.up) this.admitAgain();
    this.decide();
  }

  /**
   * An ended séance shut the door; it was taken up again.
   * @private
   */
  admitAgain() {
    this.shut = false;
    this.viewer.rebuild('room-back');
  }

  /**
   * @private
   * @param {{ code: string }} refusal
   */
  turnedAway(refusal) {
    this.shut = refusal.code === 'room-ended';
    this.refused = !this.shut;
    this.decide();
  }

  /**
   * @private
   * @param {import('../core/whep.js').Sample} sample
   */
  look(sample) {
    this.sample = sample;
    for (const [line, frames] of Object.entries(sample.frames)) if (frames > 0) this.seen[line] = true;
    const pictures = this.viewer.soundOnly || this.state() !== 'on-air' ? [] : this.fed().filter(isPicture);
    const report = this.health.look(sample, pictures, Object.values(this.voices));
    this.measureStills(sample);
    this.slowness.look(sample, pictures, performance.now(), this.viewer.picture === 'low');
    if (this.state() === 'on-air' && (sample.decoded > 0 || (sample.packets.voice || 0) > 0)) this.everPlayed = true;
    this.decide();
    this.tellSlow();
    this.emit('health', report);
    this.classroom.health(Object.assign({ full: this.full && !report.connected }, report, this.slowness.slow ? { picture: 'still' } : null));
  }

  /**
   * @private
   * @param {import('../core/whep.js').Sample} sample
   */
  measureStills(sample) {
    for (const line of FACES) {
      const video = this.pictures[line];
      if (sample.moves[line] > 0) this.stills[line] = 0;
      else if (sample.keys[line] > 0) this.stills[line] = video.videoWidth * video.videoHeight;
    }
  }

  /**
   * Also when the séance's own state put an end to it, between two looks.
   * @private
   */
  tellSlow() {
    const told = this.slow ? (this.large ? 'large' : 'slow') : '';
    if (told === this.toldSlow) return;
    this.toldSlow = told;
    this.emit('slow', told !== '');
  }

  /** @private */
  decide() {
    this.arrange();
    const slate = slateOf({
      state: this.state(), fed: this.fed(), classUp: this.classroom.up, known: this.classroom.known,
      silent: this.sample ? this.sample.silent : 0, arrived: Boolean(this.sample && this.sample.arrived), everPlayed: this.everPlayed,
      picture: this.health.last.picture, slow: this.slowness.slow, soundOnly: this.viewer.soundOnly, refused: this.refused,
    });
    const sample = this.viewer.stopped ? null : this.sample;
    const stuck = this.trouble.lasts(sample ? slate : 'none', sample ? sample.apart : 0, performance.now());
    const news = stuck !== this.stuck;
    this.stuck = stuck;
    if (slate === this.slate) this.coming = slate;
    if (slate !== this.slate && this.settled(slate)) this.slate = slate;
    else if (!news) return;
    this.emit('slate', this.slate);
  }

  /**
   * One trouble passes into another in a blink while things come back; people read
   * one sentence. Good news and the séance's own states are shown at once.
   * @private
   * @param {Slate} slate
   */
  settled(slate) {
    const now = performance.now();
    if (TROUBLES.indexOf(this.slate) < 0 || !(TROUBLES.indexOf(slate) >= 0 || slate === 'opening' || slate === 'sound')) return true;
    if (slate !== this.coming) this.comingAt = now;
    this.coming = slate;
    return now - this.comingAt > SETTLE;
  }

  /**
   * Which pictures have a place: those that are fed and have shown a frame.
   * @private
   */
  arrange() {
    const fed = this.fed();
    const on = (/** @type {string} */ slot, /** @type {string} */ line) => (fed.indexOf(slot) >= 0 && this.seen[line] ? 'on' : 'off');
    const data = this.box.dataset;
    data.slides = on('slides', 'slides');
    data.camera = on('camera', 'camera');
    data.guest = on('guest-camera', 'guestCamera');
  }

  /** @private */
  wake() {
    if (document.visibilityState === 'hidden' || this.viewer.stopped) return;
    this.playAll();
    this.viewer.wake();
  }
}
