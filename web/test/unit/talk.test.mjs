// Push to talk: when the microphone is open, and above all when it is not.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { MOST, ROOM, Talk } from '../../static/js/core/talk.js';

const quiet = { on: true, quiet: true };
const loud = { on: true, quiet: false };
const off = { on: false, quiet: false };

let talk;

beforeEach(() => {
  talk = new Talk();
  talk.allow(true);
});

test('nothing opens before the screens are silent and the room has died away', () => {
  talk.press('finger', 1000);
  assert.deepEqual([talk.state, talk.on, talk.open], ['asking', true, false]);
  talk.heard(loud, 1010);
  talk.tick(1020);
  assert.equal(talk.open, false);
  talk.heard(quiet, 1030);
  assert.equal(talk.open, false, 'the projector says it is silent; the room is not yet');
  assert.equal(talk.dueAt, 1030 + ROOM);
  talk.tick(1030 + ROOM - 1);
  assert.equal(talk.open, false);
  talk.tick(1030 + ROOM);
  assert.equal(talk.open, true);
  assert.equal(talk.dueAt, Infinity);
});

test('a screen that answers late, or never, holds nobody back longer than that', () => {
  talk.press('finger', 1000);
  talk.tick(1000 + MOST - 1);
  assert.equal(talk.open, false);
  talk.tick(1000 + MOST);
  assert.equal(talk.open, true);
  talk.release('finger');
  talk.heard(off, 2000);
  talk.press('finger', 3000);
  talk.heard(quiet, 3000 + MOST - 10);
  assert.equal(talk.dueAt, 3000 + MOST, 'a late word does not make it longer');
});

test('the same word heard twice does not put the opening off', () => {
  talk.press('finger', 0);
  talk.heard(quiet, 10);
  talk.heard({ ...quiet, level: 40 }, 60);
  assert.equal(talk.dueAt, 10 + ROOM);
});

test('a release closes at once, open or not', () => {
  talk.press('finger', 0);
  talk.release('finger');
  assert.deepEqual([talk.state, talk.dueAt], ['closed', Infinity]);
  talk.tick(MOST + 1);
  assert.equal(talk.open, false, 'a tap shorter than the wait opens nothing afterwards');
  talk.heard(off, 300);
  talk.press('finger', 1000);
  talk.tick(1000 + MOST);
  assert.equal(talk.open, true);
  talk.release('finger');
  assert.equal(talk.on, false);
});

test('« silent » of the last press says nothing of the next', () => {
  talk.press('finger', 0);
  talk.heard(quiet, 10);
  talk.tick(10 + ROOM);
  talk.release('finger');
  talk.press('finger', 400); // before the house has said that it knows of the release
  talk.heard(quiet, 410);
  assert.equal(talk.dueAt, 400 + MOST, 'the screen may be getting louder at this moment');
  talk.heard(off, 420);
  talk.heard(quiet, 440);
  assert.equal(talk.dueAt, 440 + ROOM);
});

test('two fingers, a finger and a key: it stays open until the last is up', () => {
  talk.press('finger', 0);
  talk.press('key', 5);
  talk.tick(MOST);
  talk.release('finger');
  assert.equal(talk.open, true);
  talk.release('finger');
  assert.equal(talk.open, true, 'the same finger cannot leave twice');
  talk.release('key');
  assert.equal(talk.open, false);
});

test('a key that repeats while it is held asks nothing anew', () => {
  talk.press('key', 0);
  talk.press('key', 200);
  assert.equal(talk.dueAt, MOST);
});

test('« Garder ouvert » holds it without a hand, and a press of the button closes it', () => {
  talk.latch(true, 0);
  talk.tick(MOST);
  assert.deepEqual([talk.open, talk.latched], [true, true]);
  talk.press('finger', 1000);
  assert.deepEqual([talk.open, talk.latched], [false, false]);
  talk.release('finger');
  assert.equal(talk.state, 'closed');
  talk.latch(true, 2000);
  talk.latch(false, 2100);
  assert.equal(talk.on, false);
});

test('kept open under a finger, it stays open when the finger leaves', () => {
  talk.press('finger', 0);
  talk.latch(true, 100);
  talk.release('finger');
  assert.equal(talk.on, true);
  talk.latch(false, 200);
  assert.equal(talk.on, false);
});

test('what was let go of by anything but the hand stays closed', () => {
  for (const lose of [() => talk.drop(), () => talk.allow(false)]) {
    talk.allow(true);
    talk.latch(true, 0);
    talk.press('finger', 0);
    talk.latch(true, 0);
    talk.tick(MOST);
    lose();
    assert.deepEqual([talk.on, talk.latched], [false, false]);
    talk.allow(true);
    talk.heard(quiet, 1000);
    talk.tick(5000);
    assert.equal(talk.open, false, 'the line is back, the microphone is not');
    talk.release('finger');
    talk.press('finger', 6000);
    assert.equal(talk.state, 'asking');
    talk.release('finger');
  }
});

test('with nobody to speak to a press does nothing, and is not kept for later', () => {
  talk.allow(false);
  talk.press('finger', 0);
  talk.latch(true, 0);
  assert.equal(talk.state, 'off');
  talk.allow(true);
  talk.tick(1000);
  assert.deepEqual([talk.state, talk.latched], ['closed', false]);
});

test('being allowed again changes nothing of what is open', () => {
  talk.press('finger', 0);
  talk.tick(MOST);
  talk.allow(true);
  assert.equal(talk.open, true);
});

test('at home there is no screen to wait for', () => {
  talk.among(false);
  talk.press('finger', 0);
  assert.equal(talk.open, true);
});

test('the clock is looked at only when something is due', () => {
  assert.equal(talk.dueAt, Infinity);
  talk.tick(1e9);
  assert.equal(talk.state, 'closed');
});

test('a finger that is still down when everything was let go of is told to let go and press again', () => {
  talk.press('finger', 0);
  talk.drop();
  assert.deepEqual([talk.state, talk.again], ['closed', true]);
  talk.tick(5000);
  assert.equal(talk.on, false, 'what was pressed for the studio alone is not heard by all rooms');
  talk.allow(false);
  assert.equal(talk.again, false, 'there is nobody to speak to');
  talk.allow(true);
  assert.equal(talk.again, true, 'nor was the finger lifted meanwhile');
  talk.release('finger');
  assert.equal(talk.again, false);
  talk.press('finger', 6000);
  assert.deepEqual([talk.state, talk.again], ['asking', false]);
});
