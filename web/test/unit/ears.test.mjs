// Two sounds side by side, in frames: none is lost while a page is busy for a moment, and none is made up after a long one.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

const RATE = 48000;
let now;
let sources;

/** A sound engine whose clock stands where it is told; each source is loud for the seconds it is given. */
class Engine {
  constructor() {
    this.state = 'running';
    this.sampleRate = RATE;
  }

  get currentTime() { return now; }
  async resume() {}
  async close() { this.state = 'closed'; }
  createAnalyser() { return new Analyser(); }

  createMediaStreamSource() {
    const source = { connect: (analyser) => { analyser.source = source; }, disconnect: () => { source.gone = true; }, loud: () => false };
    sources.push(source);
    return source;
  }
}

class Analyser {
  getFloatTimeDomainData(samples) {
    for (let i = 0; i < samples.length; i++) {
      const at = now - (samples.length - i) / RATE;
      samples[i] = this.source && !this.source.gone && this.source.loud(at) ? 0.5 : 0;
    }
  }
}

globalThis.window = { AudioContext: Engine };
globalThis.MediaStream = class {};
const { Ears, FRAME } = await import('../../static/js/core/ears.js');

let ears;

beforeEach(() => {
  now = 10;
  sources = [];
  ears = new Ears();
  ears.listen(0, {});
  ears.listen(1, {});
  ears.take();
});

const pass = (ms) => { now += ms / 1000; return ears.take(); };

test('frames follow each other without a gap, however unevenly they are taken', () => {
  sources[0].loud = (at) => Math.floor((at - 10) * 1000 / 100 + 1e-6) % 2 === 0; // 100 ms loud, 100 ms silent
  const frames = [10, 30, 90, 20, 250, 5, 45, 150].flatMap(pass);
  assert.equal(frames.length, Math.floor(600 / FRAME));
  const loud = frames.map(([microphone]) => (microphone > -20 ? 1 : 0)).join('');
  assert.equal(loud, '11111000001111100000' + '1111100000');
  assert.ok(frames.every(([, studio]) => studio === -100));
});

test('both are of the same moments', () => {
  sources[0].loud = sources[1].loud = (at) => at > 10.12;
  for (const [microphone, studio] of pass(300)) assert.equal(microphone, studio);
});

test('a page that stood still for long has missed it, and says nothing of it', () => {
  const frames = pass(5000);
  assert.ok(frames.length * FRAME <= 350, `${frames.length} frames`);
  assert.equal(pass(100).length, 100 / FRAME, 'and goes on');
});

test('what it no longer listens to is silent', () => {
  sources[0].loud = () => true;
  assert.ok(pass(100).every(([microphone]) => microphone > -10));
  ears.listen(0, null);
  assert.ok(pass(100).every(([microphone]) => microphone === -100));
});

test('without a gesture it says nothing', () => {
  ears.context.state = 'suspended';
  assert.deepEqual(pass(300), []);
});
