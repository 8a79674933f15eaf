// What a companion post leans on: whether somebody is there, and voices that live on this machine alone.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Time } from './dom.mjs';
import { Idle } from '../../static/js/core/idle.js';
import { Reader, localVoice } from '../../static/js/core/reader.js';

const time = new Time().install();
const real = Date.now;
let told;

beforeEach(() => { told = []; });

/** Someone at a machine whose wall clock is the test's. */
function machine(after) {
  Date.now = () => 1e12 + time.now;
  const idle = new Idle(after);
  const heard = told; // of this test alone
  idle.on('idle', () => heard.push('idle'));
  idle.on('back', () => heard.push('back'));
  return idle;
}

test('three minutes without a hand are told once; a hand begins them anew', async () => {
  const idle = machine(180000);
  await time.pass(170000);
  idle.touch();
  await time.pass(175000);
  assert.deepEqual(told, []);
  await time.pass(10000);
  assert.deepEqual(told, ['idle']);
  await time.pass(600000);
  assert.deepEqual(told, ['idle']);
  idle.touch();
  assert.deepEqual(told, ['idle', 'back']);
  await time.pass(185000);
  assert.deepEqual(told, ['idle', 'back', 'idle']);
  Date.now = real;
});

test('a machine that slept: the first hand finds the page already empty', () => {
  const idle = machine(180000);
  time.now += 600000; // timers stood still
  idle.touch();
  assert.deepEqual(told, ['idle', 'back']);
  Date.now = real;
});

test('a clock that is put back does not make an hour of three minutes', async () => {
  machine(180000);
  let back = 3600000;
  Date.now = () => 1e12 + time.now - back;
  await time.pass(5000);
  await time.pass(185000);
  assert.deepEqual(told, ['idle']);
  back = 0;
  Date.now = real;
});

const voice = (lang, localService, more) => ({ lang, localService, ...more });

test('only voices of this machine, in the language of the page, its own choice first', () => {
  assert.equal(localVoice([], 'fr'), null);
  assert.equal(localVoice([voice('fr-FR', false), voice('en-GB', true)], 'fr'), null);
  assert.equal(localVoice([voice('fry', true)], 'fr'), null, 'Frisian is not French');
  const first = voice('fr_FR', true);
  const chosen = voice('FR-ca', true, { default: true });
  assert.equal(localVoice([voice('fr-FR', false, { default: true }), first], 'fr'), first);
  assert.equal(localVoice([first, chosen], 'fr'), chosen);
});

/** A browser that speaks. */
function browser(voices) {
  const made = { spoken: [], cancelled: 0, listeners: [] };
  made.speechSynthesis = {
    getVoices: () => voices, cancel: () => { made.cancelled += 1; }, speak: (u) => made.spoken.push(u),
    addEventListener: (name, run) => made.listeners.push(run),
  };
  made.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  return made;
}

test('a browser without speech offers none, and stopping what never began is no error', () => {
  const reader = new Reader('fr', {});
  reader.read('Coupez');
  reader.stop();
  assert.deepEqual([reader.able, reader.reading], [false, false]);
});

test('voices that come late are told; one that is not here never reads', () => {
  const voices = [voice('fr-FR', false)];
  const b = browser(voices);
  const reader = new Reader('fr', b);
  reader.on('able', (able) => told.push(able));
  reader.read('Coupez');
  assert.equal(b.spoken.length, 0);
  voices.push(voice('fr-FR', true));
  b.listeners.forEach((run) => run());
  assert.deepEqual([told, reader.able], [[true], true]);
});

test('reads with that voice, and what an old reading says of its end does not end the new one', () => {
  const own = voice('fr-FR', true);
  const b = browser([own]);
  const reader = new Reader('fr', b);
  reader.on('reading', (reading) => told.push(reading));
  reader.read('Coupez la courge');
  const old = b.spoken[0];
  assert.deepEqual([old.text, old.voice, old.lang], ['Coupez la courge', own, 'fr-FR']);
  reader.read('Salez');
  old.onend();
  assert.equal(reader.reading, true);
  b.spoken[1].onend();
  assert.equal(reader.reading, false);
  assert.deepEqual(told, [true, false, true, false]);
});
