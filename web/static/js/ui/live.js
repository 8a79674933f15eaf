// At home: one button for picture and sound, one box for a question. It begins with the cheapest picture, says what that
// costs before anything is spent, and takes more only when a person asks for it.

import { audioContext } from '../core/audio.js';
import { stayAwake } from '../core/awake.js';
import { Classroom } from '../core/classroom.js';
import { phaseOf } from '../core/floor.js';
import { device, memory, takeToken } from '../core/link.js';
import { Outbox } from '../core/outbox.js';
import { Viewer } from '../core/whep.js';
import { say, sentenceOf, when } from '../core/words.js';
import { Ask } from './ask.js';
import { Captions } from './captions.js';
import { ExerciseBoard } from './exercise-board.js';
import { HomeFloor } from './live-floor.js';
import { paintLower } from './lower.js';
import { announce } from './news.js';
import { el, page, paintMark, show, write } from './page.js';
import { repaint } from './picto.js';
import { textOf } from './question-words.js';
import { paintReplies } from './replies.js';
import { showDelay, showSlate } from './slate.js';
import { Stage } from './stage.js';
import { offerUpgrade } from './upgrade.js';

/** @typedef {'low' | 'best' | 'sound'} Quality */

/** @type {Record<Quality, import('../core/whep.js').Picture>} */
const PICTURES = { low: 'low', best: 'auto', sound: 'none' };

const BEST_AT_LEAST = 640; // device pixels across
const COST_EVERY = 5000;
const SPENT = 'live.spent.' + page.room; // bytes this tab has received of this séance
const LOOK = 10000; // a séance becomes late without anybody saying so

class Home {
  constructor() {
    const identity = {
      token: takeToken('live/' + page.room), device: device('device'), lang: page.lang,
      room: page.room, site: page.site,
    };
    this.classroom = new Classroom(identity);
    this.viewer = new Viewer(identity);
    this.stage = new Stage(this.viewer, this.classroom, el('live').dataset.state);
    const place = 'live/' + page.room;
    this.ask = new Ask(this.classroom, new Outbox(this.classroom, place), place, el('live').dataset.state);
    this.board = new ExerciseBoard(this.classroom);
    this.captions = new Captions();
    this.floor = new HomeFloor(this.classroom, identity.device);
    this.awake = stayAwake();
    /** @type {Quality} */
    this.quality = 'low';
    /** @private */
    this.spentBefore = Number(memory('tab', SPENT)) || 0;
    /** @private */
    this.toldMedia = '';
    this.playing = false;
    /** @private the person wants no sound, for now */
    this.muted = false;
    this.locked = false;
    this.costAt = 0;
    this.goneText = '';
    /** @private why the picture stands still, as it was said last */
    this.slowText = '';
    /** what the server wrote, until the class says more */
    this.first = el('status').textContent || '';
  }

  start() {
    const { classroom, viewer, stage } = this;
    classroom.on('change', () => this.paint());
    classroom.on('up', () => this.paint());
    classroom.on('down', () => this.paint());
    classroom.on('delayed', () => this.paint());
    classroom.on('refused', (refusal) => this.turnedAway(refusal.text));
    viewer.on('session', () => this.tellMedia());
    viewer.on('refused', (refusal) => { if (refusal.code !== 'room-ended') this.turnedAway(refusal.text); });
    stage.on('slate', () => this.paint());
    stage.on('slow', () => this.paintSlow());
    stage.on('loud', () => this.paint());
    stage.on('locked', (locked) => { this.locked = locked; this.paintOffers(); });
    stage.on('health', () => { this.paintSpent(); if (stage.delayed) this.paintSlate(classroom.get('room')); });
    el('play').addEventListener('click', () => this.play());
    el('mute').addEventListener('click', () => this.mute(!this.muted));
    el('unlock').addEventListener('click', () => stage.playAll());
    window.addEventListener('resize', () => this.paint());
    this.chooseQuality(this.firstQuality());
    el('quality').addEventListener('change', (event) => {
      this.chooseQuality(/** @type {Quality} */ (/** @type {HTMLInputElement} */ (event.target).value));
    });
    window.setInterval(() => this.paint(), LOOK);
    offerUpgrade(classroom);
    classroom.start();
    this.paint();
  }

  /** The tap. Before the hour it arms the players: they start by themselves. */
  play() {
    this.playing = true;
    this.stage.open();
    this.stage.unlock(audioContext());
    this.viewer.start();
    this.awake.on();
    const frame = document.querySelector('.frame');
    if (frame) frame.scrollIntoView({ block: 'nearest' });
    this.paint();
  }

  /** The sound goes on being received: it comes back at once. @param {boolean} muted */
  mute(muted) {
    this.muted = muted;
    this.stage.loudness.choose(1, muted);
    if (!muted) this.stage.playAll(); // in the gesture
    repaint(/** @type {Element} */ (el('mute').firstElementChild), muted ? 'sound' : 'no-sound');
    write(el('mute-word'), say(muted ? 'live.resume' : 'live.mute'));
    this.paintOffers();
  }

  /**
   * The tab goes on as it was; another day begins cheap again, for a line that may be another one.
   * @returns {Quality}
   */
  firstQuality() {
    const kept = memory('tab', 'live.quality') || memory('device', 'live.quality');
    return kept === 'sound' || kept === 'best' ? kept : 'low';
  }

  /** @param {Quality} quality */
  chooseQuality(quality) {
    this.quality = quality;
    memory('tab', 'live.quality', quality);
    memory('device', 'live.quality', quality === 'sound' ? 'sound' : 'low');
    const radio = document.querySelector('input[name="quality"][value="' + quality + '"]');
    if (radio) /** @type {HTMLInputElement} */ (radio).checked = true;
    write(el('cost-before'), el('cost-' + quality).textContent || '');
    this.viewer.want(PICTURES[quality], this.classroom.up && this.viewer.session !== '');
    this.tellMedia();
    this.paint();
  }

  /** What this page can use, when that is news. */
  tellMedia() {
    const { width, height } = this.stage.place();
    const least = this.quality === 'best' ? BEST_AT_LEAST : 0; // who asks for more must see that it is more
    const media = {
      session: this.viewer.session, picture: this.viewer.picture,
      width: Math.max(width, least), height: Math.max(height, Math.round(least * 9 / 16)),
    };
    const text = JSON.stringify(media);
    if (!media.session || text === this.toldMedia) return;
    this.toldMedia = text;
    this.classroom.media(media);
  }

  /** @param {string} text */
  turnedAway(text) {
    this.goneText = text;
    this.paint();
  }

  // ---- what the class says ----

  paint() {
    const room = this.classroom.get('room');
    if (room) this.paintRoom(room);
    this.paintSlate(room);
    this.paintCard(this.classroom.get('card'));
    this.paintUnder();
    this.board.paint();
    this.floor.paint();
    paintReplies(this.classroom);
    const sentence = this.sentence(room);
    write(el('status'), sentence);
    el('status').classList.toggle('sr', !el('slate').hidden && el('slate-text').textContent === sentence); // heard, not read twice
    this.paintOffers();
    this.paintSlow();
    this.tellMedia(); // what is shown has another size beside slides
    this.ask.paint();
  }

  /** A still picture is not hidden by words: they stand under it, without alarm. */
  paintSlow() {
    const slow = this.playing && !this.goneText && this.stage.slow;
    const text = slow ? this.slowSentence() : '';
    if (text !== this.slowText) announce(el('slow'), text);
    this.slowText = text;
  }

  /** A tap helps where the séance has only a large picture and a small one was asked for. Of another small still one nobody knows whose fault it is. */
  slowSentence() {
    if (this.quality !== 'low') return say('live.slow');
    if (!this.stage.large) return say('live.slow.low');
    const cost = el('cost-best').textContent || '';
    return say('live.slow.large', { cost: cost.charAt(0).toLowerCase() + cost.slice(1) });
  }

  /** What there is to press: nothing to watch when the séance is over, though it may be taken up again. */
  paintOffers() {
    const state = this.stage.state();
    const over = state === 'ended';
    show(el('start'), !this.playing && !over && !this.goneText);
    show(el('playing'), this.playing && !over);
    show(el('before'), state !== 'on-air');
    show(el('quality'), !over);
    show(el('unlock'), this.locked && this.playing && !over && !this.muted);
  }

  /** @param {any} room */
  paintRoom(room) {
    paintMark(el('mark'), room);
    write(el('title'), room.title);
    write(el('when'), when(room.at));
    write(el('with'), room.mediator ? say('common.with', { name: room.mediator }) : '');
    show(el('with'), Boolean(room.mediator));
    write(el('needs-text'), room.needs || '');
    show(el('needs'), Boolean(room.needs));
    document.title = room.title;
  }

  /**
   * One line that says where we are; a screen reader hears it when it changes.
   * @param {any} room
   */
  sentence(room) {
    if (this.goneText) return this.goneText;
    const delayed = (this.playing && this.stage.delayed) || this.classroom.delayed;
    if (delayed) return delayed.text;
    if (this.classroom.late) return say('common.no-class');
    if (this.classroom.known && !this.classroom.up) return say('common.connection-lost');
    if (this.playing && this.stage.loud.why === 'elsewhere') return say('live.floor.elsewhere');
    return room ? sentenceOf(room, this.classroom.now()) : this.first;
  }

  /** @param {any} room */
  paintSlate(room) {
    const delayed = this.playing ? this.stage.delayed : null;
    if (this.goneText) return showSlate('gone', { title: say('live.gone'), text: this.goneText });
    return delayed ? showDelay(delayed) : this.paintUsual(room);
  }

  /** @private @param {any} room */
  paintUsual(room) {
    const slate = this.stage.slate;
    const next = this.playing && this.stage.stuck ? say('live.stuck') : '';
    if (!this.playing && this.stage.state() === 'on-air') return showSlate('poster', { title: room ? room.title : '', text: say('state.say.on-air') });
    if (slate === 'poster' && this.playing) return showSlate(slate, next ? { title: '', text: next } : { title: say('live.armed.title'), text: say('live.armed') });
    if (slate === 'poster') return showSlate(slate, { title: '', text: this.sentence(room) });
    if (slate === 'sound' && this.viewer.soundOnly) return showSlate('gone', { title: room ? room.title : say('slate.sound.title'), text: say('live.sound-only') });
    return showSlate(slate, undefined, next);
  }

  /** Under the picture: who speaks, the words of the class, whose séance it is. */
  paintUnder() {
    const get = (/** @type {string} */ key) => this.classroom.get(key);
    const live = this.stage.state() === 'on-air' && !this.goneText;
    const { phase, ours, floor } = phaseOf(get('floor'), null, get('you'), get('shut'));
    paintLower(this.classroom, { live, guest: live && phase === 'on-air' && !ours ? floor : null });
    this.captions.paint(get('caption'), live);
  }

  /** @param {any} card */
  paintCard(card) {
    show(el('card'), Boolean(card));
    if (!card) return;
    el('card').classList.toggle('wordless', Boolean(card.wordless));
    write(el('card-text'), textOf(card));
    write(el('card-from'), [card.siteName, card.town].filter(Boolean).join(', '));
  }

  /** The honest figure: what really came, all around included, and not what we meant to send. */
  paintSpent() {
    const sample = this.stage.sample;
    const now = performance.now();
    if (!sample || !sample.total || now - this.costAt < COST_EVERY) return;
    this.costAt = now;
    const spent = this.spentBefore + sample.total;
    memory('tab', SPENT, String(spent));
    const n = Math.round(spent / 1e6);
    write(el('cost-now'), n ? say('live.cost.so-far', { n }) : say('live.cost.little'));
  }
}

if (page.able) new Home().start();
else show(el('start'), false);
