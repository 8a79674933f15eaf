// The phone's camera: never a microphone, opened again after a lock, and closed when the person closes it.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Time, settle } from './dom.mjs';

const time = new Time().install();

class Track {
  constructor() {
    this.kind = 'video';
    this.readyState = 'live';
    this.onended = null;
  }

  stop() { this.readyState = 'ended'; }

  taken() {
    this.readyState = 'ended';
    if (this.onended) this.onended();
  }
}

let asked = [];
let answer = async () => new Track();
Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { mediaDevices: { getUserMedia: async (wanted) => {
  asked.push(wanted);
  const track = await answer();
  return { getVideoTracks: () => [track] };
} } } });
const { Emitter } = await import('../../static/js/core/emitter.js');
const { HandsCamera } = await import('../../static/js/core/handscam.js');

class Line extends Emitter {
  constructor() {
    super();
    this.state = 'off';
    this.wanted = false;
    this.sent = [];
  }

  start(audio, video) {
    assert.equal(audio, null, 'no sound ever');
    this.wanted = true;
    this.sent.push(video);
    this.become('joining');
  }

  replace(video) { this.sent.push(video); }

  stop() {
    this.wanted = false;
    this.become('off');
  }

  become(state) {
    this.state = state;
    this.emit('state', state);
  }
}

let line;
let camera;
const refuse = (name) => async () => { throw Object.assign(new Error(name), { name }); };

beforeEach(() => {
  asked = [];
  answer = async () => new Track();
  document.visibilityState = 'visible';
  line = new Line();
  camera = new HandsCamera(line);
});

test('it asks for the rear camera and for no microphone, and says where it stands', async () => {
  assert.equal(camera.state, 'off');
  camera.open();
  assert.equal(camera.state, 'joining');
  await settle();
  assert.equal(asked[0].audio, false);
  assert.deepEqual(asked[0].video.facingMode, { ideal: 'environment' });
  line.become('live');
  assert.equal(camera.state, 'live');
  line.become('lost');
  assert.equal(camera.state, 'lost');
});

test('a lock takes the camera: it is opened again when the page is back in sight, on the same line', async () => {
  await camera.open();
  line.become('live');
  document.visibilityState = 'hidden';
  camera.track.taken();
  assert.deepEqual([camera.state, camera.trouble], ['gone', 'gone']);
  assert.equal(asked.length, 1, 'nothing is asked behind a locked screen');
  document.visibilityState = 'visible';
  time.fire('visibilitychange');
  await settle();
  assert.deepEqual([camera.state, camera.trouble, line.sent.length], ['live', '', 2]);
});

test('a refusal is told as one, and leaves nothing on', async () => {
  for (const [name, trouble] of [['NotAllowedError', 'refused'], ['NotFoundError', 'missing'], ['NotReadableError', 'missing']]) {
    answer = refuse(name);
    await camera.open();
    assert.deepEqual([camera.trouble, camera.wanted, line.wanted], [trouble, false, false], name);
  }
});

test('closed while the browser still asks: the camera that comes is put out at once', async () => {
  let give;
  const late = new Track();
  answer = () => new Promise((resolve) => { give = () => resolve(late); });
  camera.open();
  await settle();
  camera.close();
  give();
  await settle();
  assert.deepEqual([late.readyState, line.wanted, camera.state], ['ended', false, 'off']);
});

test('the house that turns it away puts the camera out', async () => {
  const heard = [];
  camera.on('refused', (refusal) => heard.push(refusal.text));
  await camera.open();
  const { track } = camera;
  line.emit('refused', { text: 'Non.' });
  assert.deepEqual([heard, track.readyState, camera.track, camera.state], [['Non.'], 'ended', null, 'off']);
});
