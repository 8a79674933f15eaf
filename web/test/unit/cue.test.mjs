import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../static/js/core/emitter.js';
import { Cue } from '../../static/js/core/cue.js';

/** A media session that is told what arrives. */
class FakeViewer extends Emitter {
  constructor() {
    super();
    this.calls = [];
  }

  want(picture) { this.calls.push('want ' + picture); }
  start() { this.calls.push('start'); }
  stop() { this.calls.push('stop'); }
  classBack(restarted) { this.calls.push('back ' + restarted); }
  classLost() { this.calls.push('lost'); }

  looks(...packets) {
    for (const n of packets) this.emit('sample', { packets: { guestCamera: n } });
  }
}

function setUp() {
  const viewer = new FakeViewer();
  const classroom = new Emitter();
  const cue = new Cue(viewer, classroom);
  const said = [];
  cue.on('change', () => said.push(cue.arriving));
  return { viewer, classroom, cue, said };
}

test('a session is open while a phone is there, at the cheapest picture', () => {
  const { viewer, cue } = setUp();
  cue.follow(true, false);
  cue.follow(false, false);
  assert.deepEqual(viewer.calls, ['want low', 'start', 'stop']);
});

test('the picture counts once it goes on arriving, and stops counting after two silent seconds', () => {
  const { viewer, cue, said } = setUp();
  cue.follow(true, false);
  viewer.looks(0, 5);
  assert.deepEqual(said, []);
  viewer.looks(9);
  assert.deepEqual(said, [true]);
  viewer.looks(0, 0, 0, 7, 0, 0, 0);
  assert.deepEqual(said, [true], 'a short silence is none');
  viewer.looks(0);
  assert.deepEqual(said, [true, false]);
});

test('a guest who shows a picture has the line: what arrives then is not the hands, nor right after', () => {
  const { viewer, cue, said } = setUp();
  cue.follow(true, false);
  viewer.looks(9, 9);
  cue.follow(true, true);
  viewer.looks(9, 9, 9);
  assert.deepEqual(said, [true, false]);
  cue.follow(true, false);
  viewer.looks(9);
  assert.deepEqual(said, [true, false], 'the last of the guest, perhaps');
  viewer.looks(9);
  assert.deepEqual(said, [true, false, true]);
});

test('without a phone nothing is shown any more, at once; a door that refuses takes nothing else with it', () => {
  const { viewer, cue, said } = setUp();
  cue.follow(true, false);
  viewer.looks(9, 9);
  cue.follow(false, false);
  assert.deepEqual(said, [true, false]);
  cue.follow(true, false);
  viewer.looks(9, 9);
  viewer.emit('refused', { status: 403 });
  assert.deepEqual(said, [true, false, true, false]);
});
