// The picture and the sound of the séance in a page: puts the viewer's lines into
// the page's players, says which slate should cover them, and how we receive.
//
//   slate    what to show instead of the picture: see core/slates.js; also when it is stuck or delayed, or not any more
//   health   a report for the class (at most twice a second)
//   locked   the browser wants a gesture before sound (true), or not any more
//   loud     how loud the studio may be here, and why (see core/roomsound.js)
//   quiet    the loudspeakers are at nothing because this very place speaks (true), or about to be heard again
//   slow     the line holds only a still picture now and then (see slow, large), or more again

import { delayOf } from '../core/delay.js';
import { Emitter } from '../core/emitter.js';
import { phaseOf } from '../core/floor.js';
import { Health, plays } from '../core/health.js';
import { Loudness } from '../core/loudness.js';
import { loudnessOf } from '../core/roomsound.js';
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

const TELLING = 400; // ms after the class is back, in which who speaks is told
const CLEAR = 1500; // ms in which what was sent to a guest's slot before may still arrive
const LATEST = ['voice', 'camera', 'slides', 'guestVoice', 'guestCamera']; // whose delay is that of the room: the first that comes

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
    /** what the loudspeakers do: the person's own volume goes through it */
    this.loudness = new Loudness([this.voices.voice], [this.voices.guestVoice]);
    /** @type {import('../core/roomsound.js').Loud} */
    this.loud = { share: 1, why: '', guest: true };
    /** @private who speaks has been told since the class is up */
    this.settledTalk = false;
    /** @private */
    this.talkTimer = 0;
    /** @private since when the guest is of this very place, 0 while it is not */
    this.oursAt = 0;
    /** @private a guest's camera was fed at the last look already */
    this.guestBefore = false;
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
    this.loudness.on('quiet', (quiet) => this.emit('quiet', quiet));
    classroom.on('change', (keys) => { if (keys && keys.has('talk')) this.settledTalk = true; this.follow(); });
    classroom.on('up', ({ restarted }) => { this.settle(); viewer.classBack(restarted); this.follow(); });
    classroom.on('down', () => { this.settledTalk = false; this.balance(); if (classroom.known) viewer.classLost(); this.decide(); });
    classroom.on('refused', () => { this.refused = true; this.decide(); });
    document.addEventListener('visibilitychange', () => this.wake());
  }

  /** @returns {string} the room's state, as far as we know: where the class cannot be reached, what arrives tells */
  state() {
    const room = this.classroom.get('room');
    return (room && room.state) || (this.arrives() ? 'on-air' : this.initial);
  }

  /** @private @returns {string} what the mediator said of the pause */
  pauseSlate() {
    const room = this.classroom.get('room');
    return (room && room.slate) || '';
  }

  /** @returns {string[]} slots that are fed, and that this page may show */
  fed() {
    const air = this.classroom.get('air');
    if (air) {
      const up = new Set((air.up || []).concat(this.fedByGuest()));
      return Array.from(up).filter((slot) => this.loud.guest || slot.indexOf('guest-') !== 0);
    }
    return this.arrives() ? ['voice'].concat(Object.keys(SLOTS).filter((line) => this.seen[line]).map((line) => SLOTS[line])) : [];
  }

  /** @private @returns {string[]} what a guest on air may send: the floor says so, not the air */
  fedByGuest() {
    const floor = this.classroom.get('floor');
    const { phase } = phaseOf(floor, null, this.classroom.get('you'), this.classroom.get('shut'));
    if (phase !== 'on-air') return [];
    return floor.camera ? ['guest-voice', 'guest-camera'] : ['guest-voice'];
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

  /** @param {boolean} locked  nothing can be heard before somebody touches this page */
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

  /**
   * Who speaks is told apart from the view, in the first moments.
   * @private
   */
  settle() {
    clearTimeout(this.talkTimer);
    this.talkTimer = window.setTimeout(() => { this.settledTalk = true; this.balance(); }, TELLING);
  }

  /**
   * The loudspeakers follow the class: before anything is painted.
   * @private
   */
  balance() {
    const get = (/** @type {string} */ key) => this.classroom.get(key);
    const loud = loudnessOf({
      you: get('you'), floor: get('floor'), talk: get('talk'), shut: get('shut'), exercise: get('exercise'),
      classUp: this.classroom.up, settled: this.settledTalk,
    });
    const was = this.loud;
    this.loud = loud;
    this.oursAt = loud.guest ? 0 : this.oursAt || performance.now();
    this.loudness.follow(loud);
    if (was.why !== loud.why || was.guest !== loud.guest) this.emit('loud', loud);
  }

  /** @private */
  follow() {
    this.balance();
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
    this.notePictures(sample);
    this.assertAlone(sample);
    const pictures = this.viewer.soundOnly || this.state() !== 'on-air' ? [] : this.fed().filter(isPicture);
    const report = this.health.look(sample, pictures, this.loudness.meant());
    this.measureStills(sample);
    this.slowness.look(sample, pictures, performance.now(), this.viewer.picture === 'low');
    if (this.state() === 'on-air' && (sample.decoded > 0 || (sample.packets.voice || 0) > 0)) this.everPlayed = true;
    this.decide();
    this.tellSlow();
    this.emit('health', report);
    this.classroom.health(Object.assign({ full: this.full && !report.connected }, report, this.way(sample), this.slowness.slow ? { picture: 'still' } : null));
  }

  /**
   * By which way the class comes, and how late.
   * @private
   * @param {import('../core/whep.js').Sample} sample
   * @returns {{ path?: string, delay?: number }}
   */
  way({ path, rtt, late }) {
    const line = LATEST.filter((name) => late[name])[0];
    const delay = line ? delayOf(late[line], rtt, this.classroom.now()) : null;
    return Object.assign({}, path ? { path } : null, delay !== null ? { delay } : null);
  }

  /**
   * The face of the last guest must not stand for the next one: its line counts from the first look at which it was fed before.
   * @private
   * @param {import('../core/whep.js').Sample} sample
   */
  notePictures(sample) {
    const guest = !this.classroom.known || this.fed().indexOf('guest-camera') >= 0;
    if (!guest) this.seen.guestCamera = false;
    for (const [line, frames] of Object.entries(sample.frames)) {
      if (frames > 0 && (line !== 'guestCamera' || (guest && this.guestBefore))) this.seen[line] = true;
    }
    this.guestBefore = guest;
  }

  /**
   * The house sends no guest's slot to the guest's own place. Should one ever come it is not played, and it is a fault.
   * @private
   * @param {import('../core/whep.js').Sample} sample
   */
  assertAlone({ packets }) {
    if (!this.oursAt || performance.now() - this.oursAt < CLEAR) return;
    if ((packets.guestVoice || 0) + (packets.guestCamera || 0) > 0) console.error('a guest slot came back to its own place');
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
      state: this.state(), slate: this.pauseSlate(), fed: this.fed(), classUp: this.classroom.up, known: this.classroom.known,
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
