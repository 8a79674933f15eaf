// The wall of the room. Nobody touches it after « Ouvrir la salle ».

import { audioContext, bell } from '../core/audio.js';
import { stayAwake } from '../core/awake.js';
import { Classroom } from '../core/classroom.js';
import { device, memory, takeToken } from '../core/link.js';
import { screenToken } from '../core/paired.js';
import { Viewer } from '../core/whep.js';
import { isLate, say, sentenceOf, when } from '../core/words.js';
import { Captions } from './captions.js';
import { ExerciseBoard } from './exercise-board.js';
import { paintLower } from './lower.js';
import { el, page, paintMark, show, write } from './page.js';
import { Fit } from './screen-fit.js';
import { FloorSigns } from './screen-floor.js';
import { textOf } from './question-words.js';
import { WayBack } from './screen-return.js';
import { showDelay, showSlate } from './slate.js';
import { Stage } from './stage.js';
import { isOld } from './upgrade.js';
import { fillScreen, tellPoster, toggleScreen } from './window.js';

const CURSOR = 3000;
const OSD = 2500;
const CHIME = 1500; // ms that the browser takes at most to let a bell be heard, where it does

class Wall {
  constructor() {
    memory('device', 'screen.room', page.room);
    const identity = { token: takeToken('screen/' + page.room, 'device') || screenToken(), device: device('tab'), lang: page.lang, room: page.room };
    this.classroom = new Classroom(identity);
    this.viewer = new Viewer(identity);
    this.stage = new Stage(this.viewer, this.classroom, el('wall').dataset.state);
    this.board = new ExerciseBoard(this.classroom, () => { this.arrange(); this.refit(); });
    /** @private */
    this.fit = new Fit(el('wall'));
    this.captions = new Captions(() => { this.refit(); this.tellMedia(); });
    this.floor = new FloorSigns(this.classroom, this.stage);
    this.awake = stayAwake();
    /** @type {AudioContext | null} */
    this.context = null;
    this.opened = false;
    this.silenced = memory('device', 'screen.silenced') === page.room;
    /** @private the bell was heard: « l'entendez-vous au fond ? » */
    this.rung = false;
    this.volume = Number(memory('device', 'screen.volume') || 10);
    this.osdTimer = 0;
    this.toldMedia = '';
    this.goneText = '';
    this.goneTitle = '';
    this.linked = identity.token !== '';
    this.wayBack = new WayBack(this.classroom, identity.token);
  }

  start() {
    if (!this.linked) return showNoLink(say('screen.no-link'));
    return this.join();
  }

  /** @private */
  join() {
    const { classroom, viewer, stage } = this;
    classroom.on('change', () => this.paint());
    classroom.on('up', () => { if (stage.loudness.quiet) classroom.quiet(true); this.paint(); });
    classroom.on('down', () => this.paint());
    classroom.on('delayed', () => this.paint());
    classroom.on('refused', (refusal) => this.turnedAway(refusal));
    viewer.on('session', () => this.tellMedia());
    viewer.on('refused', (refusal) => { if (refusal.code !== 'room-ended') this.turnedAway(refusal); });
    stage.on('slate', () => { this.arrange(); this.paintSlate(); this.tellMedia(); });
    classroom.on('build', () => this.renew());
    stage.on('loud', () => this.floor.paint());
    stage.on('quiet', (on) => classroom.quiet(on));
    stage.on('slow', (slow) => this.paintSlow(slow));
    stage.on('health', () => { if (stage.delayed) this.paintSlate(); });
    stage.on('locked', (locked) => show(el('unlock'), locked));
    window.addEventListener('resize', () => this.paint());
    window.setInterval(() => this.paint(), 5000);
    el('open').addEventListener('click', () => this.openRoom());
    el('wall').addEventListener('click', () => this.gesture());
    document.addEventListener('keydown', (event) => this.key(event));
    hideCursor(el('wall'));
    this.applyVolume();
    classroom.health({ picture: 'none', frames: 0, sound: 'locked', opened: false, connected: false }); // until somebody opens the room
    classroom.start();
    this.wayBack.start();
    // A reload, a crash, a reboot: the room was open, it opens again by itself. So does a screen that keeps its place.
    if (this.wayBack.paired || memory('device', 'screen.opened') === page.room) {
      this.raise();
      this.chime();
    }
  }

  /** A screen that opens by itself before the hour rings as one that was opened, where the browser lets it; else it asks for a touch. */
  chime() {
    this.context = this.context || audioContext();
    if (!this.context || !this.early()) return;
    this.ring();
    window.setTimeout(() => { if (!this.rung && this.early()) this.stage.lock(true); }, CHIME);
  }

  /** @private */
  early() {
    return ['scheduled', 'doors-open'].indexOf(this.stage.state()) >= 0;
  }

  /** Once, as soon as the sound engine runs. @private */
  ring() {
    const { context } = this;
    if (!context || this.rung) return;
    context.resume().then(() => {
      if (this.rung || !this.early()) return;
      this.rung = true;
      bell(context, this.volume / 20);
    }, () => undefined);
  }

  /** One gesture of a person: sound, full screen, the screen stays lit. */
  gesture() {
    this.context = this.context || audioContext();
    this.stage.unlock(this.context);
    if (this.opened) this.ring(); // the first touch of one that opened by itself
    fillScreen();
    this.awake.on();
  }

  openRoom() {
    this.gesture();
    if (this.context) bell(this.context, this.volume / 20);
    this.rung = true;
    memory('device', 'screen.opened', page.room);
    this.raise();
  }

  raise() {
    if (this.opened) return;
    this.opened = true;
    this.stage.open();
    show(el('opening'), false);
    show(el('wall'), true);
    this.awake.on();
    this.viewer.start();
    this.osd('');
    this.paint();
    this.paintSlate();
  }

  /**
   * For good: the words say why, and what to do. A wall that nobody opened says it where one would open it.
   * @param {{ code: string, text: string }} refusal
   */
  turnedAway(refusal) {
    if (this.wayBack.refused(refusal.code)) return;
    const link = refusal.code.indexOf('link-') === 0;
    this.goneTitle = say(link ? 'screen.gone' : 'screen.refused');
    this.goneText = refusal.text + (link ? ' ' + say('screen.no-link') : '');
    if (!this.opened) showNoLink(this.goneText);
    else this.paintSlate();
  }

  // ---- sound ----

  /** @param {number} level 0..10 */
  setVolume(level) {
    this.volume = Math.max(0, Math.min(10, level));
    memory('device', 'screen.volume', String(this.volume));
    this.applyVolume();
    this.osd(this.volume ? say('screen.volume', { n: this.volume }) : say('screen.muted'));
  }

  applyVolume() {
    this.stage.loudness.choose(this.volume / 10, this.silenced);
  }

  toggleSound() {
    this.silenced = !this.silenced;
    memory('device', 'screen.silenced', this.silenced ? page.room : ''); // over a reload, and not to another séance
    this.applyVolume();
    this.osd(say('screen.volume', { n: this.volume }));
  }

  /**
   * A word on the wall for a moment; « son coupé » stays as long as it is true.
   * @param {string} text
   */
  osd(text) {
    const lasting = this.silenced ? say('screen.muted') : '';
    clearTimeout(this.osdTimer);
    write(el('osd'), lasting || text);
    this.osdTimer = window.setTimeout(() => write(el('osd'), lasting), OSD);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.opened || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!el('unlock').hidden) {
      this.gesture();
      return;
    }
    /** @type {Record<string, () => void>} */
    const keys = {
      ' ': () => this.toggleSound(),
      f: toggleScreen,
      '+': () => this.setVolume(this.volume + 1),
      '=': () => this.setVolume(this.volume + 1),
      '-': () => this.setVolume(this.volume - 1),
    };
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  // ---- what the class says ----

  paint() {
    const room = this.classroom.get('room');
    const you = this.classroom.get('you');
    const name = (you && you.siteName) || '';
    write(el('bug-site'), name);
    write(el('opening-site'), name || 'Antenne');
    if (room) this.paintRoom(room, you);
    write(el('opening-sentence'), this.sentence(room));
    this.paintCard(this.classroom.get('card'));
    this.board.paint();
    this.renew();
    this.arrange();
    this.paintUnder();
    this.floor.paint();
    this.paintCountdown();
    this.refit();
    this.tellMedia(); // what is shown has another size beside slides and under a question
  }

  /** @param {any} room @returns {string} */
  sentence(room) {
    if (this.classroom.delayed) return this.classroom.delayed.text;
    if (this.classroom.late) return say('common.no-class');
    if (this.classroom.known && !this.classroom.up) return say('common.connection-lost');
    return room ? sentenceOf(room, this.classroom.now()) : el('opening-sentence').textContent || '';
  }

  /**
   * @param {any} room
   * @param {any} you
   */
  paintRoom(room, you) {
    for (const mark of ['bug-mark', 'slate-mark', 'opening-mark']) paintMark(el(mark), room);
    write(el('opening-title'), room.title);
    write(el('opening-when'), when(room.at));
    for (const id of ['opening-needs', 'poster-needs']) {
      show(el(id), Boolean(room.needs));
      write(el(id + '-text'), room.needs || '');
    }
    document.title = room.title;
    paintFollow(room, you);
    this.paintSlate();
  }

  /** The house has newer pages: taken up at once where nobody has given this page its sound, or needs it any more. */
  renew() {
    const free = !this.opened || this.stage.state() === 'ended';
    const { build } = this.classroom;
    if (!free || !isOld(build, page.build) || memory('tab', 'screen.renewed') === build) return;
    memory('tab', 'screen.renewed', build); // once: a cache on the way may keep the old page
    window.location.reload();
  }

  /** Under the picture, in bands of their own: nothing lies over it. */
  paintUnder() {
    const live = this.stage.state() === 'on-air' && !this.goneText;
    paintLower(this.classroom, { live, guest: live ? this.floor.guest() : null });
    this.captions.paint(this.classroom.get('caption'), live);
  }

  /** An exercise takes the place of the picture, which stays small beside the countdown; not the place of a pause or an end. */
  arrange() {
    const working = this.board.runs && ['paused', 'incident', 'ended', 'gone', 'poster'].indexOf(this.stage.slate) < 0 && !this.goneText;
    const wall = el('wall');
    const was = wall.dataset.working;
    wall.dataset.working = String(working);
    if (was !== wall.dataset.working) this.tellMedia();
  }

  /** Everything as large as there is room for it. */
  refit() {
    this.fit.look(this.board.runs);
  }

  /** @param {any} card the question on air */
  paintCard(card) {
    const box = el('card');
    show(box, Boolean(card) && this.stage.state() === 'on-air');
    el('wall').dataset.asked = String(!box.hidden);
    if (!card) return;
    const text = textOf(card);
    box.classList.toggle('wordless', Boolean(card.wordless));
    write(el('card-text'), text);
    write(el('card-from'), [card.siteName, card.town].filter(Boolean).join(', ') || say('screen.at-home'));
  }

  paintCountdown() {
    const room = this.classroom.get('room');
    const minutes = room ? Math.ceil((Date.parse(room.at) - this.classroom.now()) / 60000) : NaN;
    const near = minutes <= 60 && !isLate(room, this.classroom.now());
    show(el('countdown'), near);
    if (near) write(el('countdown'), minutes > 0 ? say('screen.in', { n: minutes }) : say('screen.any-moment'));
  }

  paintSlate() {
    const slate = this.stage.slate;
    const room = this.classroom.get('room');
    const next = this.stage.stuck ? say('screen.stuck') : '';
    const delayed = this.opened ? this.stage.delayed : null;
    if (this.goneText) showSlate('gone', { title: this.goneTitle, text: this.goneText });
    else if (delayed) showDelay(delayed, say('screen.delayed'));
    else showSlate(slate, this.poster(room), next);
    this.refit();
  }

  /** @param {any} room */
  poster(room) {
    if (!room) return this.classroom.late || this.classroom.delayed ? { title: el('opening-title').textContent || '', text: this.sentence(room) } : undefined;
    const waits = this.classroom.up && !isLate(room, this.classroom.now());
    return { title: room.title, text: waits ? when(room.at) : this.sentence(room) };
  }

  /** @param {boolean} slow  a still picture now and then: the words stand under it */
  paintSlow(slow) {
    if (slow) write(el('slow'), say('screen.slow'));
    show(el('slow'), slow);
  }

  /** A wall wants what its line takes, as large as it shows it. */
  tellMedia() {
    const media = Object.assign({ session: this.viewer.session, picture: this.viewer.picture }, this.stage.place());
    const text = JSON.stringify(media);
    if (!media.session || text === this.toldMedia) return;
    this.toldMedia = text;
    this.classroom.media(media);
  }
}

/**
 * Where families can follow: the place's short address, as letters and as a code.
 * @param {any} room
 * @param {any} you
 */
function paintFollow(room, you) {
  const open = room.audience === 'public';
  show(el('follow'), open);
  if (!open) return;
  const path = you && you.site ? '/c/' + you.site : '/live/' + room.id;
  const image = /** @type {HTMLImageElement} */ (el('follow-code'));
  if (image.getAttribute('src') !== path + '/qr.svg') image.src = path + '/qr.svg';
  write(el('follow-host'), window.location.host);
  write(el('follow-path'), path);
}

/**
 * In the place of « Ouvrir la salle »: what is missing, and where it is.
 * @param {string} text
 */
function showNoLink(text) {
  write(el('no-link'), text);
  show(el('no-link'), true);
  show(el('open-box'), false);
}

/** @param {HTMLElement} wall */
function hideCursor(wall) {
  let timer = 0;
  const moved = () => {
    wall.classList.remove('still');
    clearTimeout(timer);
    timer = window.setTimeout(() => wall.classList.add('still'), CURSOR);
  };
  wall.addEventListener('pointermove', moved);
  moved();
}

if (page.able) new Wall().start();
else show(el('open-box'), false);
tellPoster('here');
