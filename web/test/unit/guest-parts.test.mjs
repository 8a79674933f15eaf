// The guest's button, microphone and camera: what opens, what is sent, and that nothing stays open.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Time, settle } from './dom.mjs';
import { Sheet, install } from './sheet.mjs';

const time = new Time().install();
install({});
const sheets = new Map();
const known = document.getElementById;
document.getElementById = (id) => known(id) || sheets.get(id) || (sheets.set(id, new Sheet(id === 'hold' || id === 'latch' ? 'button' : 'p')), sheets.get(id));

/** A device's track: stops once, may be copied. */
class Track {
  constructor(kind, id = kind) {
    Object.assign(this, { kind, id, enabled: true, readyState: 'live' });
    Track.all.push(this);
  }

  clone() { return new Track(this.kind, this.id); }
  stop() { this.readyState = 'ended'; }
  getSettings() { return { deviceId: this.id }; }
}

/** @type {(wanted: any) => Promise<any>} */
let answer;
let cameras = [];
const streamOf = (...tracks) => ({ getAudioTracks: () => tracks.filter((t) => t.kind === 'audio'), getVideoTracks: () => tracks.filter((t) => t.kind === 'video') });
Object.defineProperty(globalThis, 'navigator', {
  configurable: true,
  value: { mediaDevices: { getUserMedia: (wanted) => answer(wanted), enumerateDevices: async () => cameras.map((id) => ({ kind: 'videoinput', deviceId: id, label: id })) } },
});
globalThis.MediaStream = class {};

const { MOST } = await import('../../static/js/core/talk.js');
const { TalkButton } = await import('../../static/js/ui/guest-talk.js');
const { Microphone } = await import('../../static/js/ui/guest-microphone.js');
const { GuestCamera } = await import('../../static/js/ui/guest-camera.js');

const { GuestDevices } = await import('../../static/js/ui/guest-devices.js');

const lit = () => Track.all.filter((t) => t.readyState === 'live');

beforeEach(() => {
  sheets.clear();
  Track.all = [];
  cameras = ['front'];
  answer = async ({ audio, video }) => streamOf(...[audio && new Track('audio'), video && new Track('video', video.deviceId ? video.deviceId.exact : 'front')].filter(Boolean));
  const frame = new Sheet('video');
  frame.play = async () => undefined;
  sheets.set('frame', frame);
  const off = new Sheet('button');
  off.append(new Sheet('span'));
  Object.defineProperty(off, 'lastChild', { get: () => off.nodes[off.nodes.length - 1] });
  sheets.set('camera-off', off);
  sheets.set('camera-closed', Object.assign(new Sheet('p'), { hidden: true }));
  sheets.set('camera-box', Object.assign(new Sheet('div'), { scrollIntoView: () => undefined }));
});

/** What the browser would tell of a hand. */
function event(id, type, more = {}) {
  const told = { type, key: '', pointerId: 1, pointerType: 'touch', button: 0, prevented: false, preventDefault() { this.prevented = true; }, ...more };
  for (const l of document.getElementById(id).listeners.filter((x) => x.type === type)) l.run(told);
  return told;
}

function button() {
  const talk = new TalkButton();
  const heard = [];
  talk.on('change', () => heard.push(talk.open ? 'open' : talk.wanted ? 'asks' : 'closed'));
  talk.allow(true);
  heard.length = 0;
  return { talk, heard };
}

test('a finger opens it after the wait and closes it when it leaves, however it leaves', async () => {
  for (const leaves of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    sheets.clear();
    const { heard } = button();
    event('hold', 'pointerdown');
    assert.deepEqual(heard, ['asks']);
    await time.pass(MOST + 10);
    event('hold', leaves);
    event('hold', 'pointerup');
    assert.deepEqual(heard, ['asks', 'open', 'closed'], leaves);
  }
});

test('the space bar and Enter hold it; what they would do else is not done', async () => {
  const { heard } = button();
  for (const key of [' ', 'Enter']) {
    assert.ok(event('hold', 'keydown', { key }).prevented);
    event('hold', 'keydown', { key, repeat: true });
    await time.pass(MOST + 10);
    assert.ok(event('hold', 'keyup', { key }).prevented);
  }
  assert.deepEqual(heard, ['asks', 'open', 'closed', 'asks', 'open', 'closed']);
  event('hold', 'keydown', { key: 'Tab' });
  event('hold', 'keydown', { key: ' ', ctrlKey: true });
  assert.equal(heard.length, 6, 'other keys are left alone');
});

test('focus that moves on lets the key go: nobody hears its release', async () => {
  const { heard } = button();
  event('hold', 'keydown', { key: ' ' });
  await time.pass(MOST + 10);
  event('hold', 'blur');
  assert.equal(heard.pop(), 'closed');
});

test('a tap of a screen reader, which holds nothing, keeps it open and closes it', async () => {
  const { heard } = button();
  event('hold', 'click');
  await time.pass(MOST + 10);
  event('hold', 'click');
  assert.deepEqual(heard, ['asks', 'open', 'closed']);
});

test('a screen reader that taps by a pointer keeps it open too; after a press that was held the click does nothing', async () => {
  const { heard } = button();
  const tap = async (ms) => {
    event('hold', 'pointerdown');
    await time.pass(ms);
    event('hold', 'pointerup');
    event('hold', 'lostpointercapture');
    event('hold', 'click');
    await time.pass(MOST + 10);
    return heard[heard.length - 1];
  };
  assert.equal(await tap(50), 'open');
  assert.equal(await tap(50), 'closed', 'the second tap closes it');
  assert.equal(await tap(900), 'closed', 'who held it let it go');
  assert.equal(await tap(50), 'open');
  assert.equal(await tap(900), 'closed', 'however long the one that closes it lasts');
});

test('nothing is read aloud into the open microphone, but that it hears nothing', async () => {
  const { GuestLevel } = await import('../../static/js/ui/guest-level.js');
  const { talk } = button();
  talk.among(false);
  sheets.set('level-said', Object.assign(new Sheet('p'), { hidden: true }));
  sheets.set('meter-fill', Object.assign(new Sheet('span'), { style: {} }));
  const level = new GuestLevel();
  event('hold', 'pointerdown');
  for (let i = 0; i < 40; i++) {
    level.look(i % 2 ? -20 : -60, talk.open, false);
    await time.pass(100);
  }
  assert.equal(document.getElementById('level-said').textContent, '');
  assert.notEqual(document.getElementById('meter-word').textContent, '');
  for (let i = 0; i < 200; i++) {
    level.look(-100, talk.open, false);
    await time.pass(100);
  }
  assert.deepEqual(document.getElementById('level-said').writes.filter(Boolean), ['guest.level.silent'], 'once');
});

test('the right button of a mouse opens no microphone', () => {
  const { heard } = button();
  event('hold', 'pointerdown', { pointerType: 'mouse', button: 2 });
  assert.deepEqual(heard, []);
});

test('where nobody hears, both buttons are said to rest', async () => {
  const { talk, heard } = button();
  event('latch', 'click');
  await time.pass(MOST + 10);
  assert.equal(heard.pop(), 'open');
  talk.allow(false);
  assert.equal(heard.pop(), 'closed');
  for (const id of ['hold', 'latch']) assert.equal(document.getElementById(id).getAttribute('aria-disabled'), 'true');
  talk.allow(true);
  assert.equal(document.getElementById('hold').getAttribute('aria-disabled'), null);
  assert.equal(document.getElementById('latch').textContent, 'guest.talk.latch', 'the label alone says which it is');
});

test('what is sent of the microphone is off until it may be on, and no light stays', async () => {
  const microphone = new Microphone();
  assert.equal(await microphone.open(), '');
  assert.deepEqual([microphone.ready, microphone.sent.enabled], [true, false]);
  microphone.let(true);
  assert.equal(microphone.sent.enabled, true);
  assert.equal(lit().length, 2);
  assert.equal(await microphone.open(), '', 'asked again');
  assert.equal(lit().length, 2, 'the one before is closed');
  microphone.close();
  assert.deepEqual(lit(), []);
  assert.equal(microphone.ready, false);
  microphone.let(true);
});

test('a microphone that comes after the person has gone is closed at once', async () => {
  let give;
  answer = () => new Promise((resolve) => { give = resolve; });
  const microphone = new Microphone();
  const opening = microphone.open();
  microphone.close();
  give(streamOf(new Track('audio')));
  await opening;
  assert.deepEqual(lit(), []);
});

test('a microphone that is pulled out is said, and one that is refused has its reason', async () => {
  const microphone = new Microphone();
  const told = [];
  microphone.on('lost', () => told.push('lost'));
  await microphone.open();
  Track.all[0].onended();
  assert.deepEqual([told, lit()], [['lost'], []]);
  answer = () => Promise.reject(Object.assign(new Error('no'), { name: 'NotAllowedError' }));
  assert.equal(await microphone.open(), 'refused');
});

function camera(tell = async () => 1) {
  const asked = [];
  const made = new GuestCamera((on) => { asked.push(on); return tell(on); });
  const shown = [];
  made.on('show', ({ track }) => shown.push(track ? 'picture' : 'none'));
  return { made, asked, shown };
}

const agreed = (yes) => { document.getElementById('camera-agreed').checked = yes; event('camera-agreed', 'change'); };

test('the frame is seen here first; without everybody’s yes it goes nowhere', async () => {
  const { asked, shown } = camera();
  event('camera-open', 'click');
  await settle();
  assert.equal(document.getElementById('camera-box').hidden, false);
  assert.equal(document.getElementById('camera-show').disabled, true);
  event('camera-show', 'click');
  await settle();
  assert.deepEqual([asked, shown], [[], []]);
  agreed(true);
  assert.equal(document.getElementById('camera-show').disabled, false);
  event('camera-show', 'click');
  await settle();
  assert.deepEqual([asked, shown], [[true], ['picture']]);
});

test('another camera shows other people: their yes is asked for again', async () => {
  cameras = ['front', 'back'];
  const { asked } = camera();
  event('camera-open', 'click');
  await settle();
  agreed(true);
  event('camera-other', 'click');
  await settle();
  assert.equal(lit()[0].id, 'back');
  assert.equal(lit().length, 1, 'one camera at a time');
  assert.equal(document.getElementById('camera-agreed').checked, false);
  event('camera-show', 'click');
  await settle();
  assert.deepEqual(asked, []);
});

test('one tap, and the picture is off: here first, the house hears of it after', async () => {
  const { asked, shown } = camera();
  event('camera-open', 'click');
  await settle();
  agreed(true);
  event('camera-show', 'click');
  await settle();
  event('camera-off', 'click');
  assert.deepEqual([lit(), shown], [[], ['picture', 'none']]);
  assert.deepEqual(asked, [true, false]);
});

test('a picture that is turned off while the house is asked is not sent when it answers', async () => {
  let allow;
  const { asked, shown, made } = camera((on) => (on ? new Promise((resolve) => { allow = resolve; }) : Promise.resolve()));
  event('camera-open', 'click');
  await settle();
  agreed(true);
  event('camera-show', 'click');
  await settle();
  event('camera-off', 'click');
  allow(7);
  await settle();
  assert.deepEqual([shown, asked, made.shown, lit()], [[], [true, false], false, []]);
});

test('a refusal of the house is said, and the picture stays here', async () => {
  const { shown } = camera(() => Promise.reject(Object.assign(new Error('no'), { code: 'floor-stage', text: 'Pas maintenant.' })));
  event('camera-open', 'click');
  await settle();
  agreed(true);
  event('camera-show', 'click');
  await time.pass(100);
  assert.deepEqual(shown, []);
  assert.equal(document.getElementById('camera-error').textContent, 'Pas maintenant.');
  assert.equal(document.getElementById('camera-show').disabled, false, 'it may be tried again');
});

test('a picture that a lost line took off is off here too, and the page says so', async () => {
  const { made, shown, asked } = camera();
  event('camera-open', 'click');
  await settle();
  agreed(true);
  event('camera-show', 'click');
  await settle();
  made.follow(false);
  assert.equal(made.shown, true, 'the house’s answer may come before the change it made');
  made.follow(true);
  made.follow(false);
  assert.deepEqual([made.shown, shown.pop(), lit(), asked], [false, 'none', [], [true]]);
  await time.pass(500);
  assert.deepEqual([document.getElementById('camera-closed').textContent, document.getElementById('camera-start').hidden], ['guest.camera.line', false]);
});

/** Microphone and camera on air, and the line that carries them. */
async function onAir() {
  const line = { wanted: false, acts: [], start: (track) => { line.wanted = true; line.acts.push(['start', track]); }, replace: (track) => line.acts.push(['replace', track]) };
  const { made, asked, shown } = camera();
  const microphone = new Microphone();
  const devices = new GuestDevices(microphone, made, line);
  microphone.on('lost', () => devices.lost());
  await microphone.open();
  devices.opened();
  event('camera-open', 'click');
  await settle();
  agreed(true);
  event('camera-show', 'click');
  await settle();
  assert.deepEqual([made.shown, line.acts.map(([act]) => act)], [true, ['start']]);
  return { line, made, asked, shown, microphone, devices };
}

const closedSaid = async () => { await time.pass(500); return !document.getElementById('camera-closed').hidden; };

test('a microphone that is lost takes the picture with it; the next one goes on the line that stands', async () => {
  const { line, asked, shown, microphone, devices } = await onAir();
  microphone.heard.onended();
  assert.deepEqual([lit(), shown, asked], [[], ['picture', 'none'], [true, false]]);
  await microphone.open();
  devices.opened();
  assert.deepEqual(line.acts[1], ['replace', microphone.sent]);
});

test('a page that nobody looks at closes its camera, tells the house, and says where to open it again', async () => {
  const { asked, shown, devices, microphone } = await onAir();
  document.activeElement = document.body;
  assert.equal(devices.unseen(), true);
  assert.deepEqual([lit().map((t) => t.kind), shown, asked], [['audio', 'audio'], ['picture', 'none'], [true, false]]);
  assert.equal(document.getElementById('camera-start').hidden, false);
  assert.equal(await closedSaid(), true);
  assert.equal(document.activeElement, document.body, 'nobody pressed: the focus stays');
  assert.equal(devices.unseen(), false, 'nothing is open any more');
  event('camera-open', 'click');
  await settle();
  assert.equal(await closedSaid(), false);
  assert.equal(document.getElementById('camera-agreed').checked, false, 'who is in the picture is asked anew');
  microphone.close();
});

test('a page that goes away leaves no light on, and the house hears of it', async () => {
  const { asked, shown, devices } = await onAir();
  assert.equal(devices.leave(), true);
  assert.deepEqual([lit(), shown, asked], [[], ['picture', 'none'], [true, false]]);
  assert.equal(devices.leave(), false);
});
