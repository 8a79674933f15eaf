// Whether a microphone hears the loudspeaker, told from the shape of what it hears.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bleed } from '../../static/js/core/bleed.js';

const STEP = 50;

/** A small deterministic generator of numbers in [0, 1). */
function dice(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Levels of somebody who speaks, a look each: syllables of 100 to 300 ms, breaths between. */
function speech(seed, looks) {
  const roll = dice(seed);
  const levels = [];
  while (levels.length < looks) {
    const loud = -20 - 12 * roll();
    for (let i = 0; i < 2 + Math.floor(4 * roll()); i++) levels.push(loud - 3 * roll());
    for (let i = 0; i < 1 + Math.floor(5 * roll()); i++) levels.push(-62 + 6 * roll());
  }
  return levels.slice(0, looks);
}

const silence = (looks) => new Array(looks).fill(-80);

/** What is said of each look; the microphone opens at look `from`. */
function listen(microphone, studio, from = 20) {
  const bleed = new Bleed();
  return microphone.map((level, i) => bleed.look(level, studio[i], i >= from, i * STEP));
}

const late = (levels, by, quieter) => levels.map((_, i) => (i < by ? -80 : levels[i - by] - quieter));
const together = (a, b) => a.map((v, i) => 10 * Math.log10(10 ** (v / 10) + 10 ** (b[i] / 10)));

test('a loudspeaker in the room is told after a second and a half, wherever the delay', () => {
  const studio = speech(3, 200);
  for (const by of [0, 2, 4, 6]) {
    const told = listen(late(studio, by, 12), studio);
    assert.equal(told.indexOf(true) >= 20 + 30, true, `not before a second and a half (${by} looks late)`);
    assert.ok(told.slice(70).some(Boolean), `heard, ${by} looks late`);
  }
});

test('the room may hear the studio before this page does', () => {
  const studio = speech(4, 200);
  assert.ok(listen(studio.map((v) => v - 10), late(studio, 5, 0)).slice(90).some(Boolean));
});

test('a person who speaks is no loudspeaker, whatever the studio says', () => {
  let told = 0;
  for (let seed = 10; seed < 310; seed++) told += listen(speech(seed, 200), speech(seed + 1000, 200)).some(Boolean) ? 1 : 0;
  assert.ok(told <= 3, `of 300 times that two persons talk at once for ten seconds, ${told} are mistaken`);
});

test('nor who speaks while the studio is silent, nor a silent room', () => {
  assert.ok(!listen(speech(5, 200), silence(200)).some(Boolean));
  assert.ok(!listen(silence(200), speech(5, 200)).some(Boolean));
  assert.ok(!listen(speech(6, 200).map((v) => v - 45), speech(6, 200)).some(Boolean), 'too faint to disturb anybody');
});

test('who speaks over a faint loudspeaker is not blamed for it', () => {
  const studio = speech(7, 200);
  assert.ok(!listen(together(speech(8, 200), late(studio, 3, 25)), studio).some(Boolean));
});

test('a closed microphone hears nothing, and each opening begins anew', () => {
  const studio = speech(9, 300);
  const bleed = new Bleed();
  const told = studio.map((level, i) => bleed.look(level - 10, level, i % 40 < 35, i * STEP));
  assert.ok(!told.some(Boolean), 'turns shorter than what it takes to be sure');
});

test('looks that come too soon after each other count once', () => {
  const studio = speech(3, 100);
  const bleed = new Bleed();
  for (let i = 0; i < 100; i++) assert.equal(bleed.look(studio[i], studio[i], true, i), false, '100 ms is no second and a half');
});
