// What a page tells of its picture, to the person and to the class: stills, their size, a door that lets in later.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Time } from './dom.mjs';
import { Sheet, install } from './sheet.mjs';

const time = new Time().install();
install({ 'slate.delayed.next': 'Nouvel essai dans {n} s.', 'slate.delayed.now': 'Nouvel essai…', 'slate.opening': 'Nous nous connectons…' });
const elements = new Map();
const words = document.getElementById('words');
document.getElementById = (id) => {
  if (id === 'words') return words;
  if (!elements.has(id)) elements.set(id, Object.assign(new Sheet(), { addEventListener: () => undefined, play: async () => undefined, videoWidth: 0, videoHeight: 0 }));
  return elements.get(id);
};
const { Emitter } = await import('../../static/js/core/emitter.js');
const { Stage } = await import('../../static/js/ui/stage.js');
const { showDelay, showSlate } = await import('../../static/js/ui/slate.js');

let viewer;
let classroom;
let stage;
let reports;
let slow;
let air;
let state;
let known; // what else the class says
const NOW = Date.parse('2026-11-22T10:00:00Z');

beforeEach(() => {
  viewer = Object.assign(new Emitter(), { picture: 'low', soundOnly: false, stopped: false, delayed: null, expect: () => undefined, glance: () => undefined, classLost: () => undefined, classBack: () => undefined });
  reports = [];
  slow = [];
  state = 'on-air';
  air = { up: ['voice', 'camera'] };
  known = {};
  const entities = { get room() { return { state, slate: known.slate }; }, get air() { return air; } };
  classroom = Object.assign(new Emitter(), { up: true, known: true, now: () => NOW, get: (key) => entities[key] || known[key], health: (report) => reports.push(report) });
  Object.assign(document.getElementById('camera'), { videoWidth: 0, videoHeight: 0 });
  stage = new Stage(viewer, classroom, 'on-air');
  stage.on('slow', (is) => slow.push([is, stage.large]));
});

const last = () => reports[reports.length - 1];

/** Half a second of what arrives. */
async function look(arrives = {}, connected = true) {
  await time.pass(500);
  viewer.emit('sample', {
    silent: connected ? 20 : 5000, arrived: connected, connected, apart: connected ? 0 : 5000, rate: 1, lost: 0, freezes: 0, total: 0,
    packets: { voice: connected ? 20 : 0 }, rms: {}, path: connected ? 'udp' : '', rtt: 0, late: {}, frames: {}, keys: {}, moves: {}, decoded: 0, ...arrives,
  });
}

const moving = { decoded: 8, frames: { camera: 16 }, keys: { camera: 0 }, moves: { camera: 8 } };
const still = { decoded: 1, frames: { camera: 2 }, keys: { camera: 1 }, moves: { camera: 0 } };

/** A picture that comes now and then, this large. */
async function stills(width, height) {
  Object.assign(elements.get('camera'), { videoWidth: width, videoHeight: height });
  await look(still);
  for (let i = 0; i < 6; i++) await look();
}

test('a large still one is told apart from a small one, and both from one that moves', async () => {
  for (let i = 0; i < 4; i++) await look(moving);
  assert.deepEqual([last().picture, slow], ['moving', []]);
  Object.assign(elements.get('camera'), { videoWidth: 1280, videoHeight: 720 }); // of before: no still one has come yet
  for (let i = 0; i < 5; i++) await look();
  assert.deepEqual(slow, [[true, false]]);
  await stills(1280, 720);
  assert.deepEqual(slow, [[true, false], [true, true]]);
  await stills(320, 180);
  assert.deepEqual(slow.slice(2), [[true, false]]);
  await look(moving);
  assert.deepEqual(slow.slice(3), [[false, false]]);
});

test('the class is told of a still picture, at each of them, and not of a frozen one or a moving one', async () => {
  for (let i = 0; i < 4; i++) await look(moving);
  await stills(320, 180);
  const first = reports.length;
  for (let i = 0; i < 3; i++) await stills(320, 180);
  assert.deepEqual([...new Set(reports.slice(first).map((r) => r.picture))], ['still']);
});

test('words for a still picture end with the air, whoever says so', async () => {
  for (let i = 0; i < 4; i++) await look(moving);
  await stills(320, 180);
  assert.deepEqual(slow.map(([is]) => is), [true]);
  state = 'paused';
  classroom.emit('change'); // between two looks
  await look({ packets: {} });
  assert.deepEqual(slow.map(([is]) => is), [true, false]);
});

test('why a door lets in later is shown in the place of the picture, with a wait that goes down calmly', async () => {
  await look({}, false);
  let told = 0;
  stage.on('slate', () => { told += 1; });
  viewer.delayed = { code: 'engine-full', text: 'Le serveur est plein.', until: time.now + 12000 };
  viewer.emit('delayed', viewer.delayed);
  assert.equal(told, 1);
  const waits = [];
  for (let i = 0; i < 26; i++) {
    showDelay(stage.delayed);
    waits.push(elements.get('slate-next').textContent);
    await look({}, false);
  }
  assert.deepEqual([...new Set(waits)], ['Nouvel essai dans 15 s.', 'Nouvel essai dans 10 s.', 'Nouvel essai dans 5 s.', 'Nouvel essai…']);
  assert.deepEqual(elements.get('slate-text').writes.filter((text) => text === 'Le serveur est plein.').length, 1, 'read aloud once');
  assert.equal(last().full, true);
  viewer.delayed = null;
  viewer.emit('delayed', null);
  assert.equal(stage.delayed, null);
  showSlate('opening');
  assert.equal(elements.get('slate-next').hidden, true);
});

test('a door that shuts behind somebody who is in takes no picture away', async () => {
  for (let i = 0; i < 4; i++) await look(moving);
  viewer.delayed = { code: 'engine-full', text: 'Le serveur est plein.', until: time.now + 12000 };
  viewer.emit('delayed', viewer.delayed);
  await look(moving);
  assert.deepEqual([stage.slate, stage.delayed, last().full], ['none', null, false]);
  state = 'paused';
  classroom.emit('change');
  await look({ packets: {} });
  assert.equal(stage.delayed, null, 'its session stands: a pause is a pause');
  await look({}, false);
  assert.equal(stage.delayed.text, 'Le serveur est plein.');
});

const voice = () => elements.get('voice');
const guestVoice = () => elements.get('guest-voice');
const own = { grant: 'g', stage: 'on-air', site: 'a', from: 'site' };

/** What the class says from now on. */
function tell(more) {
  Object.assign(known, more);
  classroom.emit('change', new Set(Object.keys(more)));
}

test('while its own site speaks a wall is silent, says so at once, and its sound has not been turned off by anybody', async () => {
  const quiet = [];
  stage.on('quiet', (is) => quiet.push([is, voice().muted]));
  await stage.playAll();
  voice().paused = false;
  tell({ you: { role: 'screen', site: 'a' }, floor: own, talk: { grant: 'g', on: true, level: 50 } });
  assert.deepEqual(quiet, [[true, true]]);
  assert.equal(stage.loud.why, 'talking');
  await look(moving);
  assert.equal(last().sound, 'on', 'nobody is sent to turn up a loudspeaker that must be silent');
  tell({ talk: { grant: 'g', on: false, level: 0 } });
  await time.pass(50);
  assert.deepEqual([voice().muted, voice().volume, quiet.length], [false, 1, 2]);
});

test('a class that is lost while the site is on air: silent, and still so when it is back, until who speaks is told', async () => {
  tell({ you: { role: 'screen', site: 'a' }, floor: own, talk: { grant: 'g', on: false } });
  assert.equal(voice().muted, false);
  classroom.up = false;
  classroom.emit('down');
  assert.deepEqual([voice().muted, stage.loud.why], [true, 'lost']);
  classroom.up = true;
  classroom.emit('up', { restarted: false });
  assert.equal(voice().muted, true);
  tell({ talk: { grant: 'g', on: false } });
  await time.pass(50);
  assert.equal(voice().muted, false);
});

test('nobody speaks, so nothing is told of it: the sound comes back by itself', async () => {
  tell({ you: { role: 'screen', site: 'a' }, floor: own });
  classroom.up = false;
  classroom.emit('down');
  assert.equal(voice().muted, true);
  classroom.up = true;
  classroom.emit('up', { restarted: false });
  await time.pass(500);
  assert.equal(voice().muted, false);
});

test('the guest of this very place is neither seen nor heard here, and one that would arrive all the same is a fault', async () => {
  const faults = [];
  const real = console.error;
  console.error = (text) => faults.push(text);
  try {
    air = { up: ['voice', 'camera', 'guest-voice', 'guest-camera'] };
    tell({ you: { role: 'screen', site: 'a' }, floor: own });
    assert.deepEqual(stage.fed(), ['voice', 'camera']);
    assert.equal(guestVoice().muted, true);
    await look({ packets: { voice: 20, guestVoice: 3 } }); // sent before the floor was ours
    assert.deepEqual(faults, []);
    for (let i = 0; i < 3; i++) await look(moving);
    await look({ packets: { voice: 20, guestVoice: 3 } });
    assert.equal(faults.length, 1);
    tell({ floor: { stage: 'on-air', site: 'b', from: 'site' } });
    assert.deepEqual([stage.fed().length, guestVoice().muted], [4, false]);
  } finally {
    console.error = real;
  }
});

test('the last face of one guest never stands for the next one', async () => {
  const guest = () => document.getElementById('stage').dataset.guest;
  const seen = { decoded: 8, frames: { camera: 16, guestCamera: 16 }, keys: {}, moves: { camera: 8, guestCamera: 8 } };
  air = { up: ['voice', 'camera', 'guest-camera'] };
  tell({ floor: { stage: 'on-air', site: 'b' } });
  await look(seen);
  await look(seen);
  assert.equal(guest(), 'on');
  air = { up: ['voice', 'camera'] };
  tell({ floor: undefined });
  await look(seen); // what was on its way
  air = { up: ['voice', 'camera', 'guest-camera'] };
  tell({ floor: { stage: 'on-air', site: 'c' } });
  assert.equal(guest(), 'off');
  await look({ ...seen, frames: { camera: 16 } });
  assert.equal(guest(), 'off');
  await look(seen);
  assert.equal(guest(), 'on');
});

test('what the class is told of the way and of the delay', async () => {
  await look({ ...moving, path: 'tcp', rtt: 60, late: { camera: { moment: 0, waits: 5 }, voice: { moment: NOW - 370, waits: 80 } } });
  assert.deepEqual([last().path, last().delay], ['tcp', 400]);
  await look({ ...moving, path: 'udp', rtt: 60, late: {} });
  assert.deepEqual([last().path, 'delay' in last()], ['udp', false]);
  await look({ ...moving, path: '' });
  assert.equal('path' in last(), false);
});

test('a pause and an incident are two slates', () => {
  state = 'paused';
  tell({});
  assert.equal(stage.slate, 'paused');
  tell({ slate: 'incident' });
  assert.equal(stage.slate, 'incident');
});
