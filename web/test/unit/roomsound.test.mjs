// How loud a room may be, as a table; and the loudspeakers that follow it, with time in the test's hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Time } from './dom.mjs';
import { MURMUR, loudnessOf } from '../../static/js/core/roomsound.js';
import { Loudness } from '../../static/js/core/loudness.js';

const time = new Time().install();
const wall = { role: 'screen', site: 'a' };
const post = { role: 'post', site: 'a' };
const home = { role: 'viewer', site: 'a' };
const floor = (stage, more) => ({ grant: 'g1', stage, site: 'a', from: 'site', ...more });
const others = { stage: 'on-air', site: 'b', from: 'site' };
const talk = { grant: 'g1', on: true, level: 60 };
const exercise = { number: 1, instruction: 'Pétrir', until: '2026-11-22T10:00:00Z' };

/** [what is known, share, why, the guest may be heard] */
const TABLE = {
  'an ordinary moment': [{ you: wall }, 1, '', true],
  'a guest of another site': [{ you: wall, floor: others }, 1, '', true],
  'our site on air, nobody speaks': [{ you: wall, floor: floor('on-air') }, 1, '', false],
  'our site speaks': [{ you: wall, floor: floor('on-air'), talk }, 0, 'talking', false],
  'our site speaks in the wings: its microphone is as open': [{ you: wall, floor: floor('backstage'), talk }, 0, 'talking', false],
  'our site speaks during an exercise': [{ you: wall, floor: floor('on-air'), talk, exercise }, 0, 'talking', false],
  'our site has spoken': [{ you: wall, floor: floor('on-air'), talk: { ...talk, on: false } }, 1, '', false],
  'somebody spoke under a grant of before': [{ you: wall, floor: floor('on-air', { grant: 'g2' }), talk }, 1, '', false],
  'our site speaks, the class is lost': [{ you: wall, floor: floor('on-air'), talk, classUp: false }, 0, 'talking', false],
  'our site is on air, the class is lost': [{ you: wall, floor: floor('on-air'), classUp: false }, 0, 'lost', false],
  'the class is back, who speaks is not known yet': [{ you: wall, floor: floor('on-air'), settled: false }, 0, 'lost', false],
  'the class is lost in the wings: its microphone may be open': [{ you: wall, floor: floor('backstage'), classUp: false }, 0, 'lost', false],
  'the class is back, who speaks in the wings is not known yet': [{ you: wall, floor: floor('backstage'), settled: false }, 0, 'lost', false],
  'the class is lost before anybody came: no microphone is there': [{ you: wall, floor: floor('accepted'), classUp: false }, 1, '', false],
  'the class is lost, another site is on air': [{ you: wall, floor: others, classUp: false }, 1, '', true],
  'cut at the gates while it speaks, whatever the log says': [{ you: wall, floor: floor('on-air'), talk, shut: { grant: 'g1' } }, 1, '', true],
  'another grant was cut': [{ you: wall, floor: floor('on-air'), talk, shut: { grant: 'g0' } }, 0, 'talking', false],
  'a post of the site that speaks': [{ you: post, floor: floor('on-air'), talk }, 0, 'talking', false],
  'a home of the site that speaks hears it': [{ you: home, floor: { ...others, site: 'a' } }, 1, '', true],
  'a wall of the site through which a home speaks hears it': [{ you: wall, floor: { stage: 'on-air', site: 'a', from: 'home' } }, 1, '', true],
  'a home that is invited': [{ you: home, floor: floor('invited', { from: 'home' }) }, 1, '', false],
  'a home on its way to the air hears the class elsewhere': [{ you: home, floor: floor('accepted', { from: 'home' }) }, 0, 'elsewhere', false],
  'an exercise': [{ you: wall, exercise }, MURMUR, 'exercise', true],
  'an exercise, the mediator speaks over it': [{ you: wall, exercise: { ...exercise, speaking: true } }, 1, '', true],
  'an exercise that is over': [{ you: wall, exercise: { ...exercise, endedAt: '2026-11-22T10:00:00Z' } }, 1, '', true],
  'nothing is known': [{}, 1, '', true],
};

for (const [name, [given, share, why, guest]] of Object.entries(TABLE)) {
  test(`the sound of a room: ${name}`, () => {
    assert.deepEqual(loudnessOf({ classUp: true, settled: true, ...given }), { share, why, guest });
  });
}

test('the murmur of an exercise is about a quarter', () => assert.ok(MURMUR > 0.2 && MURMUR < 0.3));

/** Loudspeakers of which everything that happened is written down. */
function loudspeakers() {
  const voice = { volume: 1, muted: false };
  const guest = { volume: 1, muted: false };
  const loud = new Loudness([voice], [guest]);
  const told = [];
  loud.on('quiet', (quiet) => told.push([quiet, voice.muted, guest.muted, voice.volume]));
  return { voice, guest, loud, told };
}

test('to nothing in the same turn of the page, every player, and only then is it said', () => {
  const { voice, guest, loud, told } = loudspeakers();
  loud.choose(0.8, false);
  assert.equal(voice.volume, 0.8);
  loud.follow({ share: 0, guest: true });
  assert.deepEqual([voice.volume, voice.muted, guest.volume, guest.muted], [0, true, 0, true]);
  assert.deepEqual(told, [[true, true, true, 0]]);
});

test('back within fifty milliseconds, without a jump, to what the person chose; said before it is heard', async () => {
  const { voice, loud, told } = loudspeakers();
  loud.choose(0.8, false);
  loud.follow({ share: 0, guest: true });
  loud.follow({ share: 1, guest: true });
  assert.deepEqual(told[1], [false, true, true, 0]);
  const heard = [voice.volume];
  for (let ms = 0; ms < 50; ms += 10) {
    await time.pass(10);
    heard.push(voice.volume);
  }
  assert.equal(voice.volume, 0.8);
  assert.equal(voice.muted, false);
  for (let i = 1; i < heard.length; i++) assert.ok(heard[i] - heard[i - 1] <= 0.21, heard.join());
});

test('asked for silence on the way up: nothing is heard any more, now or later', async () => {
  const { voice, loud } = loudspeakers();
  loud.follow({ share: 0, guest: true });
  loud.follow({ share: 1, guest: true });
  await time.pass(20);
  loud.follow({ share: 0, guest: true });
  await time.pass(200);
  assert.deepEqual([voice.volume, voice.muted], [0, true]);
});

test('what the person turns while the room must be silent changes nothing before it is over', async () => {
  const { voice, loud } = loudspeakers();
  loud.follow({ share: 0, guest: true });
  loud.choose(1, false);
  assert.deepEqual([voice.volume, voice.muted], [0, true]);
  loud.choose(0.5, true);
  loud.follow({ share: 0.25, guest: true });
  await time.pass(100);
  assert.equal(voice.muted, true, 'turned off by the person, it stays off');
  loud.choose(0.5, false);
  assert.deepEqual([voice.volume, voice.muted], [0.125, false]);
});

test('a guest of this very place is never played, whatever else is', () => {
  const { voice, guest, loud } = loudspeakers();
  loud.follow({ share: 1, guest: false });
  assert.deepEqual([voice.muted, guest.muted, guest.volume], [false, true, 0]);
  loud.choose(1, false);
  assert.equal(guest.muted, true);
});
