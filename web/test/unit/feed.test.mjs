import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Time } from './dom.mjs';

new Time().install();

/** A track of a device that may be unplugged. */
class Track {
  constructor(kind) {
    this.kind = kind;
    this.readyState = 'live';
    this.onended = null;
  }

  stop() {
    this.readyState = 'ended';
  }

  unplug() {
    this.readyState = 'ended';
    if (this.onended) this.onended();
  }
}

const asked = [];
const stream = (tracks) => ({ getVideoTracks: () => tracks.filter((t) => t.kind === 'video'), getAudioTracks: () => tracks.filter((t) => t.kind === 'audio') });
globalThis.MediaStream = class {
  getVideoTracks() { return []; }

  getAudioTracks() { return []; }
};
Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { mediaDevices: { getUserMedia: async (wanted) => {
  asked.push(wanted);
  return stream([wanted.video && new Track('video'), wanted.audio && new Track('audio')].filter(Boolean));
} } } });
const { Feed } = await import('../../static/js/core/feed.js');

test('a camera that is unplugged is lost until another one takes its place, and the microphone stays', async () => {
  const feed = new Feed(() => ({ title: '', name: '' }));
  const told = [];
  feed.on('lost', (lost) => told.push(lost.kind));
  assert.deepEqual(feed.lost, { video: false, audio: false });
  await feed.choose({ camera: 'c1', microphone: 'm1' });
  const sound = feed.audio;
  feed.video.unplug();
  assert.deepEqual(told, ['video']);
  assert.deepEqual(feed.lost, { video: true, audio: false });
  asked.length = 0;
  await feed.choose({ camera: '', microphone: 'm1' }); // « Prendre un autre appareil »
  assert.deepEqual(feed.lost, { video: false, audio: false });
  assert.equal(feed.audio, sound, 'what works is not opened again');
  assert.equal(asked.length, 1);
  assert.equal(asked[0].audio, false);
});

test('a microphone that comes back is taken again under the same choice', async () => {
  const feed = new Feed(() => ({ title: '', name: '' }));
  await feed.choose({ camera: '', microphone: '' });
  feed.audio.unplug();
  assert.deepEqual(feed.lost, { video: false, audio: true });
  await feed.choose({ camera: '', microphone: '' });
  assert.deepEqual(feed.lost, { video: false, audio: false });
});
