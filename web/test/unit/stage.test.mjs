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

beforeEach(() => {
  viewer = Object.assign(new Emitter(), { picture: 'low', soundOnly: false, stopped: false, delayed: null, expect: () => undefined, glance: () => undefined });
  reports = [];
  slow = [];
  state = 'on-air';
  air = { up: ['voice', 'camera'] };
  const entities = { get room() { return { state }; }, get air() { return air; } };
  classroom = Object.assign(new Emitter(), { up: true, known: true, get: (key) => entities[key], health: (report) => reports.push(report) });
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
    packets: { voice: connected ? 20 : 0 }, rms: {}, frames: {}, keys: {}, moves: {}, decoded: 0, ...arrives,
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
