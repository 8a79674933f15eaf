import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Time } from './dom.mjs';

const time = new Time().install();
const { beat, watchWorker } = await import('../../static/js/core/testcard-beat.js');

let worker;
let dead;
let steps;

beforeEach(() => {
  worker = { onmessage: null, onerror: null, orders: [], over: false, postMessage(order) { this.orders.push(order); }, terminate() { this.over = true; } };
  dead = 0;
  steps = 0;
});

test('a worker that says nothing for a second is dead; one that speaks is not', async () => {
  watchWorker(worker, () => { dead += 1; });
  await time.pass(900);
  assert.equal(dead, 0);
  await time.pass(200);
  assert.equal(dead, 1);
  dead = 0;
  watchWorker(worker, () => { dead += 1; });
  await time.pass(500);
  worker.onmessage();
  await time.pass(60000);
  assert.equal(dead, 0);
});

test('an error is the end of a worker, early or late, and is told once', async () => {
  watchWorker(worker, () => { dead += 1; });
  worker.onmessage();
  await time.pass(30000);
  worker.onerror();
  await time.pass(5000);
  assert.deepEqual([dead, worker.onerror], [1, null]);
});

test('a card that was closed falls back to nothing', async () => {
  watchWorker(worker, () => { dead += 1; })();
  await time.pass(5000);
  assert.equal(dead, 0);
});

test('the picture moves at the page\'s pace until the worker beats, and again when it fails', async () => {
  const stop = beat(worker, () => { steps += 1; }, 40);
  await time.pass(1000);
  assert.equal(steps, 25);
  assert.deepEqual(worker.orders, [{ kind: 'tick' }]);
  worker.onmessage();
  await time.pass(1000);
  assert.equal(steps, 26, 'the worker alone gives the beat');
  worker.onerror();
  await time.pass(1000);
  assert.equal(steps, 51);
  stop();
  await time.pass(1000);
  assert.deepEqual([steps, worker.over], [51, true]);
});
