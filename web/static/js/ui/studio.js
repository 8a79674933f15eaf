// The studio: one person, standing, with busy hands. This file wires the parts and decides which of them shows;
// each part owns its own piece of the page.

import { AirLine } from '../core/airline.js';
import { stayAwake } from '../core/awake.js';
import { Backstage } from '../core/backstage.js';
import { Classroom } from '../core/classroom.js';
import { Cue } from '../core/cue.js';
import { Feed } from '../core/feed.js';
import { device, memory, takeToken } from '../core/link.js';
import { leftHere, minutesToReopen, phase } from '../core/onair.js';
import { Viewer } from '../core/whep.js';
import { Publisher } from '../core/whip.js';
import { say, when } from '../core/words.js';
import { announce, News, tellMissed } from './news.js';
import { Line } from './news-line.js';
import { paced } from './paced.js';
import { el, page, show, write } from './page.js';
import { Aim, showAbove } from './steady.js';
import { Alarms } from './studio-alarms.js';
import { Controls } from './studio-controls.js';
import { Exercise } from './studio-exercise.js';
import { Floor } from './studio-floor.js';
import { Guest } from './studio-guest.js';
import { HandsPreview } from './studio-hands.js';
import { listenToKeys } from './studio-keys.js';
import { Lamp } from './studio-lamp.js';
import { Message } from './studio-message.js';
import { Messages } from './studio-messages.js';
import { PhonePanel } from './studio-phone.js';
import { Preparation } from './studio-prepare.js';
import { Questions } from './studio-questions.js';
import { RundownPanel } from './studio-rundown.js';
import { Sheet } from './studio-sheet.js';
import { Stage } from './studio-stage.js';
import { Tabs } from './studio-tabs.js';
import { WallStrip } from './studio-wall.js';
import { offerUpgrade } from './upgrade.js';

const KEPT = 'air.' + page.room; // what this tab was sending, so that a reload takes it up again

const token = takeToken('studio/' + page.room);
const me = device('tab');
const classroom = new Classroom({ token, device: me, lang: page.lang });
const news = new News(el('news'));
tellMissed(news);
const feed = new Feed(() => ({ title: el('title').textContent || '', name: say('studio.card.name') }));
const awake = stayAwake();
const line = new Line(classroom, news);

/** Pressed « Passer à l'antenne » here, and neither ended nor handed over since. */
let wanted = false;
let resumed = false;

/** Why the media door said no for good, until the next try. */
let shut = '';

/** What is said about a line that does not open. */
let alone = '';

/** Why the slides are let in later, as it was said last. */
let slidesWait = '';

/** @returns {import('../core/onair.js').Standing} */
const standing = () => ({ room: classroom.get('room'), air: classroom.get('air'), you: classroom.get('you'), wanted });
const now = () => phase(standing());
const mayPublish = () => ['onair', 'prepare', 'arriving'].indexOf(phase(standing())) >= 0;

const camera = new AirLine(publisher('', 'camera'), classroom, mayPublish);
const slides = new AirLine(publisher('/slides', 'slides'), classroom, mayPublish);

const stage = new Stage(feed);
const lamp = new Lamp(classroom);
const message = new Message();
const preparation = new Preparation(stage, feed, () => goOnAir());
const controls = new Controls({ classroom, news, stage, slides, handsMissing: () => hands.missing, onEnd: () => command('end') });
const questions = new Questions(classroom, news);
const tabs = new Tabs();
const alarms = new Alarms(classroom, feed);
const floor = new Floor(classroom, news);
const guest = new Guest(classroom, new Backstage(viewer(), classroom), news);
const hands = new HandsPreview(classroom, new Cue(viewer(), classroom));
const exercise = new Exercise(classroom, news);
const rundown = new RundownPanel(classroom, news);
const sheet = new Sheet(classroom, news, token);
const messages = new Messages(classroom, news);
const phone = new PhonePanel(classroom, token);
const wall = new WallStrip(classroom, news);
new Aim(el('stage'), { spared: '#guest-cut' }); // what comes and goes on the stage pushes what is below

/** @param {string} place @param {'camera' | 'slides'} picture */
function publisher(place, picture) {
  return new Publisher({ door: '/whip/' + encodeURIComponent(page.room) + place, token, device: me, lang: page.lang, picture });
}

function viewer() {
  return new Viewer({ room: page.room, token, device: me, lang: page.lang });
}

/** @param {string} name @returns {Promise<unknown>} */
function command(name) {
  return classroom.do({ name }).catch((error) => news.refusal(error));
}

async function goOnAir() {
  if (!feed.open || message.final) return;
  wanted = true;
  shut = '';
  memory('tab', KEPT, JSON.stringify(feed.choice));
  if (stateIs('ended')) await command('resume');
  camera.start(feed.audio, feed.video);
  render();
}

/** The press means « à l'antenne »: the house is told once the picture is really there. */
function tellHouse() {
  if (stateIs('scheduled') || stateIs('doors-open')) command('go-on-air');
}

/** @param {string} state */
function stateIs(state) {
  const room = classroom.get('room');
  return Boolean(room) && room.state === state;
}

function leaveAir() {
  wanted = false;
  memory('tab', KEPT, '');
  stopSending();
}

function stopSending() {
  camera.stop();
  slides.stop();
  controls.dropSlides();
  feed.close();
  stage.clear();
  awake.off();
}

/** After a reload or a crash of the tab: what was on air here goes on by itself. */
async function resumeAfterReload() {
  if (resumed || !classroom.known) return;
  resumed = true;
  const kept = memory('tab', KEPT);
  if (!kept || !leftHere(standing()) || now() === 'ended') return;
  if (await stage.open(JSON.parse(kept))) goOnAir();
}

/** « Reprendre l'antenne ici »: devices first, so that the other device stops only when this one can go on. */
async function takeBack() {
  wanted = false;
  show(el('stage'), true);
  if (!(await stage.open(feed.choice.camera ? feed.choice : stage.lastChoice()))) return refusedDevices();
  try {
    await classroom.do({ name: 'take-air' });
    await airIsHere();
    await goOnAir();
  } catch (error) {
    stage.clear();
    feed.close();
    news.refusal(error);
  }
  return render();
}

/** The answer to a command may come before the change it made: goes on with the change. @returns {Promise<void>} */
function airIsHere() {
  return new Promise((resolve) => {
    const look = () => {
      if (!leftHere(standing())) return;
      off();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => { off(); resolve(); }, 3000);
    const off = classroom.on('change', look);
    look();
  });
}

/** The house refused this page for good: nothing leaves it any more, and the reason stays. @param {{code: string, text: string}} refusal */
function turnedAway(refusal) {
  message.refuse(refusal);
  leaveAir();
  render();
  sayLine();
}

/** « Arrêter d'essayer »: back to the preparation, devices still open. */
function giveUp() {
  wanted = false;
  memory('tab', KEPT, '');
  camera.stop();
  controls.dropSlides();
  render();
  sayLine();
  el('go').focus({ preventScroll: true });
}

function refusedDevices() {
  news.tell(stage.refusal);
  render();
}

async function reopen() {
  if (await stage.open(stage.lastChoice())) await goOnAir();
  else refusedDevices();
}

function render() {
  const at = now();
  document.body.dataset.phase = at;
  renderHead();
  const staged = !message.final && (at === 'prepare' || at === 'onair' || stage.busy);
  show(el('stage'), staged);
  show(el('message'), !staged);
  show(el('prepare'), at !== 'onair');
  show(el('questions'), at === 'onair');
  show(el('now'), at === 'onair' && (tabs.open === 'main' || Boolean(classroom.get('card')))); // a question on air stays in sight
  show(el('controls'), at === 'onair');
  show(el('shortcuts'), staged && at === 'onair');
  if (!staged) message.show(at, standing(), classroom.now(), minutesToReopen(classroom.get('room'), classroom.now()), line.cut, at === 'ended' ? reopen : takeBack);
  if (at === 'prepare' && staged) stage.invite();
  lamp.render(at, camera.state, feed.lost);
  controls.render(at, camera.state);
  preparation.render(camera.state);
  hands.render(at === 'onair');
  stage.render(at, classroom.get('room'), camera.state, hands.seen);
  renderAlone(at);
  questions.render();
  renderTools(at === 'onair');
  line.paint();
}

/** Behind the tabs and around the picture. @param {boolean} here  this page feeds the séance */
function renderTools(here) {
  const onair = here && stateIs('on-air');
  write(el('tab-main-word'), say(here ? 'studio.tab.questions' : 'studio.tab.prepare'));
  floor.render();
  guest.render();
  exercise.render(onair);
  const busy = !el('guest').hidden || !el('exercise').hidden;
  el('monitor').classList.toggle('small', busy);
  el('wall-strip').classList.toggle('folded', busy);
  rundown.render(here);
  sheet.render();
  messages.render();
  phone.render();
  wall.render(onair);
  tabs.count('main', here && tabs.open !== 'main' ? questions.waiting : 0);
  tabs.count('floor', floor.asking);
  renderAlarms();
}

function renderAlarms() {
  alarms.render({ onair: now() === 'onair' && stateIs('on-air') && camera.state === 'live', hearing: stage.hearing, black: stage.black });
}

/** @param {import('../core/onair.js').Phase} at */
function renderAlone(at) {
  const why = camera.delayed ? camera.delayed.text : camera.stuck ? say('studio.alone') : '';
  const text = at === 'onair' && classroom.up ? why : '';
  showAbove(el('alone'), text !== '');
  if (text !== alone) announce(el('alone-word'), text);
  alone = text;
}

function renderHead() {
  const room = classroom.get('room');
  if (!room) return;
  write(el('title'), room.title);
  document.title = room.title + ' · ' + say('studio.title');
  write(el('when'), room.state === 'scheduled' || room.state === 'doors-open' ? when(room.at) : say('state.say.' + room.state));
}

/** What follows from the house's news, besides what is shown. */
function react() {
  const at = now();
  if ((at === 'taken' || at === 'ended') && !camera.wanted && !feed.open) return;
  if (at === 'taken') stopSending();
  if (at === 'ended' && wanted) leaveAir();
}

function take() {
  if (line.cut) news.tell(say('common.not-done'));
  else questions.takeNext();
}

function sayLine() {
  if (message.final) return news.stand('');
  if (!classroom.up && classroom.known) return news.stand(say('studio.line.' + (camera.proven ? 'class' : camera.state === 'lost' ? 'all' : 'unsure')));
  if (now() === 'onair' && camera.state === 'lost' && !camera.stuck) return news.stand(say('studio.line.media'));
  return news.stand(shut);
}

const draw = paced(render);
classroom.on('change', () => {
  react();
  if (!guest.floor) guest.render(); // who was cut is silent here at once
  draw();
  sayLine();
});
classroom.on('mine', draw.now);
classroom.on('up', () => { sayLine(); setTimeout(resumeAfterReload); });
classroom.on('down', () => { sayLine(); render(); });
classroom.on('refused', turnedAway);
line.on('change', render);
camera.on('state', (state) => {
  if (state === 'live') { tellHouse(); awake.on(); }
  sayLine();
  render();
});
camera.on('refused', (refusal) => { leaveAir(); shut = refusal.text || say('common.failed'); sayLine(); render(); });
el('alone-stop').addEventListener('click', giveUp);
slides.on('refused', (refusal) => { controls.dropSlides(); news.tell(refusal.text || say('common.failed')); });
slides.on('state', () => {
  if (slides.delayed && slides.delayed.text !== slidesWait) news.tell(slides.delayed.text);
  slidesWait = slides.delayed ? slides.delayed.text : '';
});
feed.on('change', (change) => { camera.replace(change.track); if (wanted) memory('tab', KEPT, JSON.stringify(feed.choice)); render(); });
stage.on('change', render);
stage.on('told', (text) => news.tell(text));
controls.on('change', render);
guest.on('change', render);
hands.on('change', render);
tabs.on('change', render);
listenToKeys({
  down: {
    c: () => guest.cut(), p: () => el('pause').click(), d: () => controls.toggleSlides(), m: () => el('hands').click(), q: take,
    r: () => el('now-answered').click(), v: () => exercise.speak.press(), arrowright: () => rundown.next(),
  },
  up: { v: () => exercise.speak.release() },
}, () => now() === 'onair');
setInterval(() => { for (const part of [lamp, exercise, rundown, phone]) part.tick(); renderAlarms(); }, 1000);
setInterval(render, 20000); // waiting times, and how long the air has been left

// To load this page again would cut the picture of every room: not while the séance is on.
offerUpgrade(classroom, { may: () => ['on-air', 'paused'].indexOf((classroom.get('room') || {}).state) < 0 });
if (token) classroom.start();
else message.refuse({ code: 'link-needed', text: say('studio.no-link') });
render();
