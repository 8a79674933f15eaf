// A companion post: one of the machines of the room, shared by whoever sits there. Steps, the sheet, « je suis perdu·e », a question;
// a few kilobits. No sound, ever: the room has one voice. The picture only when somebody asks for it. After three minutes without a
// hand nothing of who sat here is left on it.

import { Classroom } from '../core/classroom.js';
import { Idle } from '../core/idle.js';
import { device, memory, takeToken } from '../core/link.js';
import { Outbox } from '../core/outbox.js';
import { Reader } from '../core/reader.js';
import { followed } from '../core/rundown.js';
import { Successors } from '../core/successors.js';
import { Viewer } from '../core/whep.js';
import { say, sentenceOf } from '../core/words.js';
import { Ask } from './ask.js';
import { Captions } from './captions.js';
import { ExerciseBoard } from './exercise-board.js';
import { announce } from './news.js';
import { el, page, paintMark, show, write } from './page.js';
import { PostLost } from './post-lost.js';
import { PostPicture } from './post-picture.js';
import { PostReturn } from './post-return.js';
import { textOf } from './question-words.js';
import { paintReplies } from './replies.js';
import { offerUpgrade } from './upgrade.js';

const HANDS = ['pointerdown', 'keydown', 'wheel', 'input'];
const LOOK = 10000; // a séance becomes late without anybody saying so
const SINCE = 'post.since.' + page.room;

class Post {
  constructor() {
    const place = 'post/' + page.room;
    const identity = { token: takeToken(place, 'device'), device: device('device', place), lang: page.lang, room: page.room };
    this.linked = identity.token !== '';
    this.classroom = new Classroom(identity);
    /** @private one that came by a code goes back to the page with the code */
    this.wayOut = new PostReturn(this.classroom);
    /** @private who sits here now sat down then, ms by the house's clock; 0 until it is known */
    this.since = Number(memory('tab', SINCE)) || 0;
    this.outbox = new Outbox(this.classroom, place);
    this.ask = new Ask(this.classroom, this.outbox, place, el('post').dataset.state, {
      label: () => this.name(), mine: (q) => this.isMine(q),
      fate: (q) => (q.state === 'declined' ? say('post.ask.see-animator') : ''), // others read this screen too
    });
    this.reader = new Reader(page.lang);
    this.board = new ExerciseBoard(this.classroom);
    this.captions = new Captions();
    const viewer = new Viewer(identity);
    /** @private */
    this.successors = new Successors(identity, place, { classroom: this.classroom, viewer, outbox: this.outbox });
    this.picture = new PostPicture(this.classroom, viewer, el('post').dataset.state || '');
    this.idle = new Idle(Number(el('post').dataset.idle) * 1000);
    this.lost = new PostLost(this.classroom);
    this.goneText = '';
    this.first = el('status').textContent || '';
  }

  start() {
    if (!this.linked) return this.turnedAway(say('post.no-link'));
    const { classroom } = this;
    for (const event of ['change', 'up', 'down', 'delayed']) classroom.on(event, () => this.paint());
    classroom.on('up', () => this.sitDown());
    classroom.on('refused', (refusal) => this.turnedAway(refusal.text + ' ' + say('post.no-link')));
    el('read').addEventListener('click', () => (this.reader.reading ? this.reader.stop() : this.reader.read(this.aloud())));
    el('leave').addEventListener('click', () => this.forget());
    this.reader.on('able', () => this.paintReader());
    this.reader.on('reading', () => this.paintReader());
    for (const name of HANDS) document.addEventListener(name, () => this.idle.touch(), { capture: true, passive: true });
    this.idle.on('idle', () => { if (this.holdsSomething() || this.successors.used) this.forget(); });
    this.idle.on('back', () => window.setTimeout(() => announce(el('forgot'), ''), 8000));
    window.addEventListener('resize', () => this.paint());
    window.setInterval(() => this.paint(), LOOK);
    offerUpgrade(classroom);
    this.successors.begin(!this.since);
    classroom.start();
    this.paint();
    return undefined;
  }

  /** @private @returns {string} « poste 3 » */
  name() {
    const you = this.classroom.get('you');
    return (you && you.name) || '';
  }

  // ---- who sits here ----

  /** A page that is opened anew shows nothing of what was asked here before. @private */
  sitDown() {
    if (!this.since) this.remember();
  }

  /** @private */
  remember() {
    this.since = this.classroom.now();
    memory('tab', SINCE, String(this.since));
  }

  /** @private @param {any} q  a question, or a letter on its way */
  isMine(q) {
    const skew = this.classroom.now() - Date.now();
    const at = q.askedAt ? Date.parse(q.askedAt) : q.at + skew;
    return this.since > 0 && at >= this.since;
  }

  /** @private */
  holdsSomething() {
    return /** @type {HTMLTextAreaElement} */ (el('ask-text')).value !== '' || !el('mine-box').hidden;
  }

  /** Nothing personal stays on the page, nor comes back to it; what was sent goes on. */
  forget() {
    this.remember();
    this.ask.forget();
    this.successors.leave();
    this.reader.stop();
    this.paint();
    announce(el('forgot'), say('post.forgot'));
  }

  // ---- what the class says ----

  paint() {
    const room = this.classroom.get('room');
    const you = this.classroom.get('you');
    if (room) {
      paintMark(el('mark'), room);
      write(el('title'), room.title);
      document.title = room.title;
    }
    write(el('post-name'), this.name() || say('post.title'));
    write(el('post-site'), (you && you.siteName) || '');
    write(el('status'), this.sentence(room));
    this.paintSteps();
    this.board.paint();
    this.captions.paint(this.classroom.get('caption'), Boolean(room) && room.state === 'on-air');
    this.paintCard(this.classroom.get('card'));
    this.paintReader();
    this.lost.paint();
    show(el('lost-box'), !room || room.state !== 'ended');
    paintReplies(this.classroom);
    this.ask.paint();
    show(el('leave-box'), !el('mine-box').hidden);
    this.picture.paint();
  }

  /** @private @param {any} room @returns {string} */
  sentence(room) {
    if (this.classroom.delayed) return this.classroom.delayed.text;
    if (this.classroom.late) return say('common.no-class');
    if (this.classroom.known && !this.classroom.up && !this.classroom.renaming) return say('common.connection-lost');
    return room ? sentenceOf(room, this.classroom.now()) : this.first;
  }

  /** @private */
  paintSteps() {
    const rundown = this.classroom.get('rundown');
    const { number, of, step, next } = followed(this.classroom.get('room'), rundown, this.classroom.now());
    show(el('step'), of > 0);
    write(el('step-where'), number ? say('post.step.now', { number, of }) : say('post.step.none'));
    write(el('step-now'), step ? step.title : '');
    show(el('step-now'), Boolean(step));
    write(el('step-detail'), (step && step.detail) || '');
    show(el('step-detail'), Boolean(step && step.detail));
    write(el('step-next'), next ? say('post.step.next', { title: next.title }) : say('post.step.last'));
    const sheet = rundown && rundown.sheet;
    show(el('sheet'), Boolean(sheet));
    if (!sheet) return;
    if (el('sheet').getAttribute('href') !== sheet.url) el('sheet').setAttribute('href', sheet.url);
    write(el('sheet-word'), say('post.sheet', { title: sheet.title }));
  }

  /** @private @param {any} card */
  paintCard(card) {
    show(el('card'), Boolean(card));
    if (!card) return;
    el('card').classList.toggle('wordless', Boolean(card.wordless));
    write(el('card-text'), textOf(card));
    write(el('card-from'), [card.siteName, card.town].filter(Boolean).join(', '));
  }

  /** What there is to do now. @private @returns {string} */
  aloud() {
    const { step } = followed(this.classroom.get('room'), this.classroom.get('rundown'), this.classroom.now());
    const parts = this.board.runs ? [this.classroom.get('exercise').instruction] : step ? [step.title, step.detail || ''] : [];
    return parts.filter(Boolean).join('. ');
  }

  /** @private */
  paintReader() {
    show(el('read'), this.reader.able && this.aloud() !== '');
    write(el('read-word'), say(this.reader.reading ? 'post.read.stop' : 'post.read'));
  }

  /** @param {string} text  for good */
  turnedAway(text) {
    this.picture.close();
    write(el('no-link'), text);
    show(el('no-link'), true);
    show(el('post-grid'), false);
    write(el('status'), '');
  }
}

if (page.able) new Post().start();
else show(el('post-grid'), false);
