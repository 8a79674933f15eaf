// The page of who was invited to speak: one sentence and one big button at a time. This file wires the parts and decides
// which of them shows. Whatever ends the invitation closes the microphone and the camera first, and says why afterwards.

import { AirLine } from '../core/airline.js';
import { stayAwake } from '../core/awake.js';
import { permission } from '../core/capture.js';
import { Classroom } from '../core/classroom.js';
import { endWord, floorOf } from '../core/floor.js';
import { mayTalk, overBy, REASONS, stepOf, wayBack } from '../core/guest.js';
import { meterPosition } from '../core/levels.js';
import { device, memory, takeToken } from '../core/link.js';
import { Viewer } from '../core/whep.js';
import { Publisher } from '../core/whip.js';
import { say } from '../core/words.js';
import { GuestCamera } from './guest-camera.js';
import { GuestDevices } from './guest-devices.js';
import { GuestLevel } from './guest-level.js';
import { Microphone } from './guest-microphone.js';
import { TalkButton } from './guest-talk.js';
import { announce } from './news.js';
import { el, page, show, write } from './page.js';
import { offerUpgrade } from './upgrade.js';

const BEAT = 50; // ms between two looks at the level
const TOLD = 250; // ms between two levels for the house: four a second
const ROUND = 1000; // ms between two looks at what time alone changes
const CUT_WAIT = 12000; // ms that a cut waits for the class: longer than the house waits for us
const ELSEWHERE = 'guest-elsewhere'; // the house's goodbye: this guest has opened another page
const WORDS_FOR = ['refused', 'missing', 'busy', 'insecure'];

const token = takeToken('guest/' + page.room);
const me = device('tab');
const identity = { token, device: me, lang: page.lang, room: page.room };
const classroom = new Classroom(identity);
const publisher = new Publisher({ door: '/whip/' + encodeURIComponent(page.room) + '/guest', token, device: me, lang: page.lang, picture: 'guest', later: true });
const line = new AirLine(publisher, classroom, () => !over && (!classroom.known || overBy(standing(), classroom.get('you')) === null));
const viewer = new Viewer(identity);
const microphone = new Microphone();
const talk = new TalkButton();
const level = new GuestLevel();
const camera = new GuestCamera((on) => classroom.do(Object.assign({ name: 'guest-camera', grant: grant(), camera: on ? 'on' : 'off' }, on ? { agreed: 'yes' } : null)));
const devices = new GuestDevices(microphone, camera, line);
const awake = stayAwake();
const voice = /** @type {HTMLAudioElement} */ (el('voice'));

/** Once the microphone is open, nothing is offered: what ends the visit brings a page from after the upgrade. */
const upgrade = offerUpgrade(classroom, { may: () => !open && !over });

let over = false;

/** Over here alone: the guest goes on in another page. */
let elsewhere = false;

/** Why the microphone could not be opened, '' for nothing. @type {string} */
let error = '';

/** The person agreed, and the microphone is there. */
let open = false;

/** The browser is being asked. */
let asking = false;

/** The last floor that this page was told. @type {any} */
let floor = null;

let step = '';
let stage = '';
let toldAt = 0;

const standing = () => floorOf(classroom);

/** @returns {import('../core/guest.js').Seen} */
const seen = () => ({
  over, error, open, standing: standing(), room: classroom.get('room'), line: line.state, classUp: classroom.up, visible: document.visibilityState !== 'hidden',
});

/** @returns {string} the grant's id: the house also calls this page's link so */
function grant() {
  const you = classroom.get('you');
  return (you && you.link) || (floor && floor.grant) || '';
}

/** A family has no screen that hears it, and no other loudspeaker than this page. */
function atHome() {
  return Boolean(floor) && floor.from === 'home';
}

// ---- the microphone ----

/** The person's yes, in the tap. */
async function agree() {
  if (asking || over) return;
  asking = true;
  voice.play().catch(() => undefined); // the gesture that lets it speak later
  const code = await microphone.open();
  asking = false;
  if (over) return microphone.close();
  error = code;
  open = code === '';
  if (open) {
    level.listen(0, microphone.heard);
    memory('tab', 'guest.agreed', token);
    devices.opened();
    viewer.want('none', false);
    viewer.start();
    awake.on();
  }
  return render();
}

/** After a reload, or back from another page: who agreed here before is not asked again, where the browser does not ask either. */
async function comeBack() {
  if (over || open || memory('tab', 'guest.agreed') !== token) return;
  if ((await permission(['microphone'])) === 'granted') await agree();
  if (memory('tab', 'guest.camera') !== token) return;
  memory('tab', 'guest.camera', '');
  camera.off(false, 'guest.camera.closed'); // the picture that was open before is not opened again without its gesture
}

/** No light stays on while nobody looks at this page. */
function leave() {
  talk.drop();
  if (devices.leave()) memory('tab', 'guest.camera', token);
  level.listen(0, null);
  open = false;
}

// ---- the end ----

/** Nothing is open any more, and nothing opens again. */
function close() {
  over = true;
  talk.allow(false);
  microphone.let(false);
  line.stop();
  viewer.stop();
  camera.off(false);
  microphone.close();
  level.clear();
  voice.srcObject = null;
  awake.off();
}

/**
 * Everything is closed before anything is said.
 * @param {string} why    one of the reasons, or ''
 * @param {string} [text] the house's own sentence
 */
function finish(why, text = '') {
  if (over) return;
  close();
  memory('tab', 'guest.over', token);
  paintEnd(why, text);
  render();
  el('ended-title').focus({ preventScroll: true });
}

/** The guest's newest page has the place. One tap brings it back here, for this page is then the newest. */
function moved() {
  if (over) return;
  elsewhere = true;
  close();
  write(el('ended-title'), say('guest.elsewhere'));
  show(el('here-box'), true);
  show(el('back-box'), false);
  render();
  el('ended-title').focus({ preventScroll: true });
}

/** « Couper »: the media door is told by the end of its session, the class by its own line, and neither waits for the other. */
function cut() {
  const id = grant();
  finish('self');
  if (!id) return classroom.stop();
  return classroom.do({ name: 'cut', grant: id }, { wait: CUT_WAIT }).catch(() => undefined).then(() => classroom.stop());
}

/** @param {string} why @param {string} text */
function paintEnd(why, text) {
  const known = REASONS.indexOf(why) >= 0;
  write(el('ended-title'), known ? say(endWord('guest.why.', { why, by: standing().by })) : text || say('guest.why.over'));
  const back = wayBack(page.room, floor, classroom.get('you'), memory('tab', 'token.desk/' + page.room) !== '');
  write(el('back'), say('guest.back.' + back.place));
  el('back').setAttribute('href', back.href);
}

/** An invitation that serves another device will not come to this one, however long it waits. */
function lineChanged() {
  if (line.delayed && line.delayed.code === 'grant-used') turnedAway(line.delayed);
  else render();
}

/** @param {{ code: string, text: string }} refusal  for good, of one door or the other */
function turnedAway(refusal) {
  if (refusal.code === ELSEWHERE) return moved();
  const why = overBy(standing(), classroom.get('you'));
  finish(why || '', refusal.text);
  return classroom.stop();
}

// ---- what the house says ----

function follow() {
  const at = standing();
  if (at.floor && at.ours) floor = at.floor;
  const why = classroom.known ? overBy(at, classroom.get('you')) : null;
  if (why !== null && !over) {
    finish(why);
    classroom.stop();
  }
  if (over) return;
  if (floor && floor.stage !== stage) talk.drop(); // what was pressed backstage goes on air by another press
  stage = floor ? floor.stage : '';
  talk.among(!atHome());
  talk.heard(classroom.get('talk'));
  camera.follow(Boolean(floor && floor.camera));
  listen();
  render();
}

/** A room has one voice, its screen's; only a family hears the studio from this page. */
function listen() {
  voice.muted = !atHome();
}

/** @param {import('../core/whep.js').Tracks} tracks */
function attach(tracks) {
  voice.srcObject = tracks.voice ? new MediaStream([tracks.voice]) : null;
  listen();
  if (tracks.voice) voice.play().catch(() => undefined);
  level.listen(1, tracks.voice);
}

// ---- what the person does ----

function talked() {
  microphone.let(talk.open); // before anything else
  tell(true);
  paintLamp();
}

/** @param {boolean} now  at once, and not in its turn */
function tell(now) {
  const at = performance.now();
  if (!now && (!talk.wanted || at - toldAt < TOLD)) return;
  toldAt = at;
  const db = talk.open ? microphone.level() : null;
  classroom.talk(talk.wanted, db === null ? 0 : Math.round(100 * meterPosition(db)));
}

function beat() {
  if (!open || over) return;
  level.look(microphone.level(), talk.open, !atHome());
  tell(false);
}

/** A light that is on while nobody looks at the page would go unseen. */
function looked() {
  if (over) return;
  if (document.visibilityState === 'hidden') devices.unseen();
  render();
}

// ---- what is shown ----

function render() {
  const now = seen();
  const at = stepOf(now);
  talk.allow(mayTalk(now));
  const speaking = at === 'joining' || at === 'backstage' || at === 'on-air' || at === 'paused';
  show(el('consent'), at === 'consent');
  show(el('refused'), at === 'refused');
  show(el('speak'), speaking);
  show(el('ended'), at === 'ended');
  show(el('cut-bar'), at !== 'ended');
  el('guest').dataset.step = at;
  /** @type {HTMLButtonElement} */ (el('agree')).disabled = asking;
  if (speaking) paintSpeak(at);
  if (at === 'refused') paintRefused();
  paintHead();
  paintLamp();
  announceLine();
  upgrade();
  if (at === step) return;
  const first = step === '';
  step = at;
  if (!first && at !== 'ended') el(speaking ? 'speak-title' : at + '-title').focus({ preventScroll: true });
}

/** @param {string} at */
function paintSpeak(at) {
  write(el('speak-title'), say('guest.step.' + at));
  write(el('speak-text'), say(at === 'backstage' ? 'guest.hear.' + (atHome() ? 'home' : 'site') : 'guest.step.' + at + '-text'));
}

function paintRefused() {
  const code = WORDS_FOR.indexOf(error) >= 0 ? error : 'failed';
  write(el('refused-title'), say('guest.refused.' + code));
  write(el('refused-text'), say('guest.refused.' + code + '-text'));
  show(el('refused-ways'), code === 'refused');
}

function paintHead() {
  const room = classroom.get('room');
  if (room) write(el('title'), room.title);
  write(el('place'), (floor && (floor.from === 'home' ? say('guest.home') : floor.siteName)) || '');
}

/** Red is « à l'antenne » and nothing else. */
function paintLamp() {
  const at = stepOf(seen());
  const light = at === 'on-air' && line.state === 'live' ? 'on' : at === 'paused' ? 'pause' : at === 'ended' ? (elsewhere ? 'off' : 'over') : at === 'backstage' || at === 'joining' ? 'backstage' : 'off';
  el('lamp').dataset.light = light;
  write(el('lamp-word'), say('guest.lamp.' + light));
  el('hold').dataset.air = String(light === 'on');
}

function announceLine() {
  const text = lineWords();
  if (el('line').dataset.said === text) return;
  el('line').dataset.said = text;
  announce(el('line'), text);
}

/** @returns {string} */
function lineWords() {
  if (over) return '';
  if (classroom.delayed) return classroom.delayed.text;
  if (classroom.late) return say('common.no-class');
  if (!open) return classroom.known && !classroom.up ? say('common.connection-lost') : '';
  if (line.delayed) return line.delayed.text;
  if (line.stuck) return say('guest.line.stuck');
  if (line.state === 'lost' || (classroom.known && !classroom.up)) return say('guest.line.lost');
  return '';
}

classroom.on('change', follow);
classroom.on('up', follow);
classroom.on('down', () => { if (classroom.known) viewer.classLost(); render(); });
classroom.on('delayed', render);
classroom.on('refused', turnedAway);
classroom.on('up', ({ restarted }) => viewer.classBack(restarted));
line.on('state', lineChanged);
line.on('refused', turnedAway);
viewer.on('streams', attach);
viewer.on('session', (session) => classroom.media({ session, width: 0, height: 0, picture: 'none' }));
talk.on('change', talked);
camera.on('show', ({ track }) => line.show(track));
microphone.on('lost', () => { talk.drop(); devices.lost(); open = false; error = 'missing'; render(); });
microphone.on('taken', () => talk.drop());
el('agree').addEventListener('click', agree);
/** @type {HTMLButtonElement} */ (el('agree')).disabled = false; // not before: a press that nobody heard would look like one that worked
el('again').addEventListener('click', agree);
el('cut').addEventListener('click', cut);
el('here').addEventListener('click', () => window.location.reload());
document.addEventListener('pointerdown', () => { microphone.wake(); level.wake(); if (voice.srcObject && voice.paused) voice.play().catch(() => undefined); });
document.addEventListener('visibilitychange', looked);
window.addEventListener('pagehide', leave);
window.addEventListener('pageshow', (event) => { if (event.persisted) comeBack(); });
window.setInterval(beat, BEAT);
window.setInterval(() => { if (!over) render(); }, ROUND);

if (!page.able) show(el('cut-bar'), false);
else if (!token) finish('', say('guest.no-link'));
else if (memory('tab', 'guest.over') === token) finish('', say('guest.why.over'));
else {
  classroom.start();
  render();
  comeBack();
}
