import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slowness } from '../../static/js/core/slow.js';

/** A page's looks, twice a second, as told in words. */
class Looks {
  constructor(fed = ['voice', 'camera']) {
    this.slowness = new Slowness();
    this.now = 1000;
    this.fed = fed;
  }

  /** @returns {boolean[]} what was told at each look */
  pass(seconds, { moves = 0, keys = 0, voice = 25, lost = 0, slides = 0, connected = true, cheap = false, fed = this.fed } = {}) {
    const told = [];
    for (let i = 0; i < seconds * 2; i++) {
      this.now += 500;
      const first = i === 0;
      const sample = {
        packets: { voice }, moves: { camera: moves, slides }, keys: { camera: first ? keys : 0, slides: 0 }, lost: first ? lost : 0, connected,
      };
      told.push(this.slowness.look(sample, fed, this.now, cheap));
    }
    return told;
  }

  well(seconds = 5) {
    return this.pass(seconds, { moves: 12 });
  }
}

test('stills now and then beside a voice are a slow line, until the picture moves', () => {
  const looks = new Looks();
  assert.ok(!looks.well().includes(true));
  const told = [...looks.pass(4, { keys: 1 }), ...looks.pass(4, { keys: 1 })];
  assert.ok(!told.slice(0, 5).includes(true), 'a moment without a frame is none');
  assert.ok(told.slice(-4).every(Boolean));
  assert.ok(looks.pass(20, { keys: 1 }).every(Boolean), 'it stays while stills come');
  assert.ok(!looks.well(1).includes(true));
});

test('a line that lost much is believed before the first still comes', () => {
  const looks = new Looks();
  looks.well();
  looks.pass(1, { moves: 6, lost: 30 });
  assert.ok(looks.pass(5).slice(-1)[0]);
});

test('a camera that stops while the line is well is another trouble', () => {
  const looks = new Looks();
  looks.well();
  assert.ok(!looks.pass(20).includes(true));
});

test('a pause, slides, and a session that does not stand are none', () => {
  const looks = new Looks();
  looks.well();
  assert.ok(!looks.pass(20, { fed: [], voice: 0, keys: 1, lost: 50 }).includes(true), 'a pause');
  const slides = new Looks(['voice', 'slides']);
  assert.ok(!slides.pass(30, { keys: 1, lost: 50 }).includes(true), 'slides stand still by nature');
  const apart = new Looks();
  assert.ok(!apart.pass(20, { connected: false, keys: 1, lost: 50 }).includes(true));
});

test('without the sound it is no slow line but a broken one', () => {
  const looks = new Looks();
  looks.well();
  looks.pass(6, { keys: 1 });
  assert.ok(looks.slowness.slow);
  assert.ok(!looks.pass(3, { voice: 0 }).slice(-1)[0]);
});

test('a picture that comes back from a pause is not taken for a still', () => {
  const looks = new Looks();
  looks.well();
  looks.pass(60, { fed: [], voice: 0 });
  assert.ok(![...looks.pass(1, { keys: 1, moves: 5 }), ...looks.well()].includes(true));
});

test('a dark webcam of three frames a second is slow of itself', () => {
  const looks = new Looks();
  assert.ok(!looks.pass(30, { moves: 1, keys: 1 }).includes(true));
});

test('a face may rest beside slides as long as it likes where little was asked for, and is no frozen picture', () => {
  const looks = new Looks(['voice', 'camera', 'slides']);
  looks.pass(5, { moves: 7, cheap: true });
  assert.ok(looks.pass(120, { cheap: true }).slice(4).every(Boolean));
  const dear = new Looks(['voice', 'camera', 'slides']);
  dear.well();
  assert.ok(!dear.pass(60).includes(true), 'where all was asked for, a face that stands is another trouble');
});

test('who asked for a cheap picture is told of stills before the word for a frozen one, and of a dead camera after all', () => {
  const looks = new Looks();
  looks.pass(5, { moves: 7, cheap: true });
  const told = looks.pass(3, { cheap: true });
  assert.ok(told.slice(-3).every(Boolean), 'within 2 s');
  assert.ok(!looks.pass(10, { cheap: true }).slice(-1)[0], 'no still ever came');
  looks.pass(2, { keys: 1, cheap: true });
  assert.ok(looks.slowness.slow);
  assert.ok(!looks.pass(32, { cheap: true }).slice(-1)[0], 'none came any more');
});
