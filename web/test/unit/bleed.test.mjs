// Whether a microphone hears the loudspeaker, told from the shape of what it hears.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bleed } from '../../static/js/core/bleed.js';
import { FRAME } from '../../static/js/core/ears.js';

const MS = 5; // a sample of these sounds
const SURE_AFTER = (1500 + 300 + 300) / FRAME; // frames: what is compared, how far apart they may be, and long enough

/** A small deterministic generator of numbers in [0, 1). */
function dice(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const power = (db) => 10 ** (db / 10);
const ofSeconds = (seconds) => (seconds * 1000) / MS;

/** Powers of somebody who speaks: syllables of 100 to 300 ms that swell and fade, breaths between. */
function speech(seed, seconds) {
  const roll = dice(seed);
  const sound = [];
  while (sound.length < ofSeconds(seconds)) {
    const loud = -20 - 12 * roll();
    for (let left = 1 + Math.floor(6 * roll()); left > 0; left--) syllable(sound, loud - 6 * roll(), 20 + Math.floor(40 * roll()), Math.floor(8 * roll()));
    for (let left = 20 + Math.floor(80 * roll()); left > 0; left--) sound.push(power(-58));
  }
  return sound.slice(0, ofSeconds(seconds));
}

function syllable(sound, loud, length, pause) {
  for (let i = 0; i < length; i++) sound.push(power(loud) * Math.max(1e-4, Math.sin((Math.PI * (i + 0.5)) / length)));
  for (let i = 0; i < pause; i++) sound.push(power(-55));
}

/** As a room gives it back: later, quieter, and never quite silent. */
const room = (sound, { ms, db, hush = -55 }) => sound.map((_, i) => (i < ms / MS ? 0 : sound[i - ms / MS] * power(-db)) + power(hush));
const silence = (seconds) => new Array(ofSeconds(seconds)).fill(1e-9);
const together = (a, b) => a.map((v, i) => v + b[i]);

/** dBFS of frames. */
function frames(sound) {
  const size = FRAME / MS;
  return Array.from({ length: Math.floor(sound.length / size) }, (_, n) => 10 * Math.log10(sound.slice(n * size, (n + 1) * size).reduce((sum, v) => sum + v, 0) / size));
}

/** What is said of each frame; the microphone opens after `from` frames. */
function listen(microphone, studio, from = 30, open = (i) => i >= from) {
  const bleed = new Bleed();
  const levels = frames(studio);
  return frames(microphone).map((level, i) => bleed.look(level, levels[i], open(i)));
}

test('a loudspeaker in the room is told in two seconds of it, wherever the delay', () => {
  let told = 0;
  for (let seed = 500; seed < 520; seed++) {
    const studio = speech(seed, 10);
    const at = listen(room(studio, { ms: 25 + ((seed * 35) % 250), db: 12 }), studio).indexOf(true);
    assert.ok(at < 0 || at >= 30 + SURE_AFTER - 15 - 1, `not before a second and a half: frame ${at}`);
    told += at >= 0 ? 1 : 0;
  }
  assert.ok(told >= 17, `${told} of 20`);
});

test('the room may hear the studio before this page does', () => {
  const studio = speech(4, 6);
  assert.ok(listen(room(studio, { ms: 0, db: 10 }), room(studio, { ms: 200, db: 0 })).some(Boolean));
});

test('words that come as regularly as a clock are known again, whatever the delay', () => {
  const words = Array.from({ length: ofSeconds(5) }, (_, i) => (i % 80 < 40 ? power(-15) : 1e-9));
  for (let ms = 0; ms < 200; ms += 15) assert.ok(listen(room(words, { ms, db: 6 }), words).some(Boolean), `${ms} ms later`);
});

test('a person who speaks is no loudspeaker, whatever the studio says', () => {
  let told = 0;
  for (let seed = 10; seed < 110; seed++) told += listen(room(speech(seed, 10), { ms: 0, db: 0, hush: -60 }), speech(seed + 1000, 10)).some(Boolean) ? 1 : 0;
  assert.ok(told <= 1, `of 100 times that two persons talk at once for ten seconds, ${told} are mistaken`);
});

test('nor who speaks while the studio is silent, nor a silent room', () => {
  assert.ok(!listen(speech(5, 8), silence(8)).some(Boolean));
  assert.ok(!listen(silence(8), speech(5, 8)).some(Boolean));
  assert.ok(!listen(room(speech(6, 8), { ms: 50, db: 40 }), speech(6, 8)).some(Boolean), 'too faint to disturb anybody');
});

test('who speaks over a faint loudspeaker is not blamed for it', () => {
  const studio = speech(7, 10);
  assert.ok(!listen(together(speech(8, 10), room(studio, { ms: 100, db: 25 })), studio).some(Boolean));
});

test('a closed microphone hears nothing, and each opening begins anew', () => {
  const studio = speech(9, 12);
  const told = listen(room(studio, { ms: 50, db: 10 }), studio, 0, (i) => i % 100 < 90);
  assert.ok(!told.some(Boolean), 'turns shorter than what it takes to be sure');
});
