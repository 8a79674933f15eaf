// The mediator's own phone: a remote control first, so that who presents in full screen is never blind, and a camera over the
// hands second. It holds a link of its own, which falls with the mediator's; it survives a lock and a reload.

import { AirLine } from '../core/airline.js';
import { listenersOf, Loneliness } from '../core/alarms.js';
import { stayAwake } from '../core/awake.js';
import { Classroom } from '../core/classroom.js';
import { errand } from '../core/errand.js';
import { HandsCamera } from '../core/handscam.js';
import { device, keepToken, takeCode, takeToken } from '../core/link.js';
import { phoneLight } from '../core/onair.js';
import { Publisher } from '../core/whip.js';
import { say } from '../core/words.js';
import { announce, News, tellMissed } from './news.js';
import { Line } from './news-line.js';
import { paced } from './paced.js';
import { el, page, show, write } from './page.js';
import { PhoneExercise } from './phone-exercise.js';
import { PhoneGuest } from './phone-guest.js';
import { Hands } from './phone-hands.js';
import { Question } from './phone-question.js';
import { span } from './span.js';
import { Speak } from './speak.js';
import { Aim, shifted, showAbove } from './steady.js';
import { stepWords } from './step-words.js';
import { offerUpgrade } from './upgrade.js';
import { Wall } from './wall.js';

const PLACE = 'phone/' + page.room;

const news = new News(el('news'));
tellMissed(news);

/** What the address brings: the code of the studio, once; then the link is kept by this phone. */
async function link() {
  const code = takeCode();
  if (!code) return takeToken(PLACE, 'device');
  const { token } = await errand('POST', '/pair/claim', { lang: page.lang, body: { code } });
  return keepToken(PLACE, token, 'device');
}

/** @param {string} title @param {string} text */
function message(title, text) {
  write(el('message-title'), title);
  write(el('message-text'), text);
  show(el('message'), true);
  show(el('work'), false);
}

class Remote {
  /** @param {string} token */
  constructor(token) {
    const me = device('device');
    /** @private */
    this.classroom = new Classroom({ token, device: me, lang: page.lang });
    /** @private */
    this.line = new Line(this.classroom, news);
    /** @private */
    this.awake = stayAwake();
    /** @private the séance was refused or is over: nothing is drawn any more */
    this.final = false;
    /** @private */
    this.loneliness = new Loneliness();
    /** @private what was warned of */
    this.alarm = '';
    const publisher = new Publisher({ door: '/whip/' + encodeURIComponent(page.room) + '/camera2', token, device: me, lang: page.lang, picture: 'camera' });
    const camera = new HandsCamera(new AirLine(publisher, this.classroom, () => this.state() !== 'ended'));
    /** @private */
    this.hands = new Hands(this.classroom, camera, news);
    /** @private */
    this.guest = new PhoneGuest(this.classroom, news);
    /** @private */
    this.question = new Question(this.classroom, news);
    /** @private */
    this.exercise = new PhoneExercise(this.classroom, news);
    /** @private */
    this.speak = new Speak(this.classroom, news, 'phone.');
    /** @private */
    this.wall = new Wall(el('wall'), { compact: true, onSee: (what) => this.act(Object.assign({ name: 'see-pace' }, what)) });
    /** @private what comes and goes on this page pushes what is below */
    this.all = new Aim(el('work'), { spared: '#guest-cut' });
    /** @private */
    this.stepAim = new Aim(el('step-next'));
    this.wire();
  }

  /** @private */
  wire() {
    const { classroom } = this;
    el('step-next').addEventListener('click', () => this.next());
    const draw = paced(() => this.render());
    classroom.on('change', () => { this.guest.render(); draw(); }); // who was cut is gone at once
    classroom.on('mine', draw.now);
    classroom.on('up', () => this.render());
    classroom.on('refused', (refusal) => this.refused(refusal));
    const upgrade = offerUpgrade(classroom, { may: () => !this.hands.wanted, later: say('phone.upgrade.later') });
    this.hands.on('change', () => { upgrade(); this.render(); });
    this.line.on('change', () => this.render());
    setInterval(() => this.tick(), 1000);
    this.awake.on();
    classroom.start();
  }

  /** @private @param {import('../core/classroom.js').Command} command */
  act(command) {
    this.classroom.do(command).catch((error) => news.refusal(error));
  }

  /** @private @returns {string} */
  state() {
    const room = this.classroom.get('room');
    return (room && room.state) || '';
  }

  /** @private */
  steps() {
    return stepWords(this.classroom.get('rundown'), this.classroom.now(), 'phone.step.');
  }

  /** @private */
  next() {
    const words = this.steps();
    if (words && words.step) this.act({ name: 'start-step', step: words.step });
  }

  /** @private @param {{text: string}} refusal */
  refused(refusal) {
    this.final = true;
    this.hands.close();
    this.awake.off();
    message(say('phone.refused.title'), refusal.text || say('common.failed'));
    el('message-title').focus({ preventScroll: true });
  }

  /** @private */
  render() {
    if (this.final) return;
    const { classroom } = this;
    const room = classroom.get('room');
    if (!room) return this.arriving();
    write(el('title'), room.title);
    const over = room.state === 'ended';
    if (over) {
      this.hands.close();
      message(say('phone.ended.title'), say('phone.ended.text'));
    }
    show(el('message'), over);
    show(el('work'), !over);
    document.body.dataset.at = over ? 'over' : 'work';
    this.lamp(room);
    news.stand(this.line.cut ? say('phone.offline') : '');
    this.guest.render();
    this.exercise.render();
    this.speak.render();
    this.question.render();
    this.wall.show(classroom);
    this.hands.render();
    this.tick();
    this.line.paint();
  }

  /** @private */
  arriving() {
    if (this.line.cut) message(say('phone.unreached.title'), say('phone.unreached.text'));
  }

  /** @private @param {any} room */
  lamp(room) {
    const light = phoneLight(room, this.classroom.get('air'));
    write(el('lamp-word'), say('phone.lamp.' + light));
    el('lamp').dataset.light = light;
  }

  /** Once a second. @private */
  tick() {
    const room = this.classroom.get('room');
    if (!room || this.final) return;
    const started = Boolean(room.startedAt && (room.state === 'on-air' || room.state === 'paused'));
    show(el('duration'), started);
    if (started) write(el('duration'), span(this.classroom.now() - Date.parse(room.startedAt)));
    const words = this.steps();
    showAbove(el('steps'), Boolean(words));
    this.stepAim.follow(words ? words.step : '');
    if (words) this.renderStep(words);
    this.exercise.render();
    this.warn(room.state === 'on-air');
  }

  /** @private @param {NonNullable<ReturnType<typeof stepWords>>} words */
  renderStep(words) {
    write(el('step-title'), words.title);
    write(el('step-clock'), words.clock);
    el('steps').classList.toggle('late', words.late);
    show(el('step-next'), words.next !== '');
    write(el('step-word'), words.next);
  }

  /** @private @param {boolean} onair */
  warn(onair) {
    const listeners = this.classroom.up ? listenersOf(this.classroom.get('presence'), this.classroom.all('there/')) : 1;
    const text = this.loneliness.judge(onair, listeners, performance.now()) ? say('phone.nobody') : '';
    if (text === this.alarm) return;
    this.alarm = text;
    shifted();
    announce(el('alarm'), text);
  }
}

async function start() {
  try {
    const token = await link();
    if (token) new Remote(token);
    else message(say('phone.refused.title'), say('phone.no-link'));
  } catch (error) {
    message(say('phone.refused.title'), /** @type {any} */ (error).text || say('phone.no-link'));
  }
}

if (page.able) start();
