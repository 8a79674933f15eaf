import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delayOf, latenessOf, wayOf } from '../../static/js/core/delay.js';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const NTP = 2208988800000;

/** A browser's report: a map of what has an id. */
const report = (...stats) => new Map(stats.map((stat) => [stat.id, stat]));
const local = (protocol) => ({ id: 'L', type: 'local-candidate', protocol });
const pair = (more) => ({ id: 'P', type: 'candidate-pair', localCandidateId: 'L', currentRoundTripTime: 0.04, ...more });

test('the way is that of the chosen pair, as each browser names it', () => {
  assert.deepEqual(wayOf(report(pair({}), local('udp'), { id: 'T', type: 'transport', selectedCandidatePairId: 'P' })), { path: 'udp', rtt: 40 });
  assert.deepEqual(wayOf(report({ id: 'T', type: 'transport', selectedCandidatePairId: 'P' }, pair({}), local('tcp'))), { path: 'tcp', rtt: 40 });
  assert.deepEqual(wayOf(report(pair({ selected: true }), local('tcp'))), { path: 'tcp', rtt: 40 });
  assert.deepEqual(wayOf(report(pair({ nominated: true, state: 'succeeded' }), local('udp'))), { path: 'udp', rtt: 40 });
});

test('another pair that works is not the way', () => {
  const spare = { id: 'Q', type: 'candidate-pair', localCandidateId: 'M', nominated: true, state: 'succeeded', currentRoundTripTime: 9 };
  const stats = report(spare, { id: 'M', type: 'local-candidate', protocol: 'udp' }, pair({}), local('tcp'), { id: 'T', type: 'transport', selectedCandidatePairId: 'P' });
  assert.equal(wayOf(stats).path, 'tcp');
});

test('no pair, no way', () => {
  assert.deepEqual(wayOf(report(pair({ nominated: false, state: 'in-progress' }), local('udp'))), { path: '', rtt: 0 });
  assert.deepEqual(wayOf(report()), { path: '', rtt: 0 });
});

test('the moment of what is played is read, counted from 1900 or from 1970', () => {
  assert.equal(latenessOf({ estimatedPlayoutTimestamp: NOW + NTP }, {}).moment, NOW);
  assert.equal(latenessOf({ estimatedPlayoutTimestamp: NOW }, {}).moment, NOW);
  assert.equal(latenessOf({}, {}).moment, 0);
});

test('what waits is that of the last look, not of the whole séance', () => {
  const was = { jitterBufferDelay: 100, jitterBufferEmittedCount: 1000 };
  assert.equal(latenessOf({ jitterBufferDelay: 106, jitterBufferEmittedCount: 1100 }, was).waits, 60);
  assert.equal(latenessOf({ ...was }, was).waits, -1);
});

test('measured against the clock of the class, which was itself half a round trip on its way', () => {
  assert.equal(delayOf({ moment: NOW - 320, waits: 60 }, 40, NOW), 340);
});

test('reckoned where the browser tells no moment, or one that cannot be', () => {
  assert.equal(delayOf({ moment: 0, waits: 60 }, 40, NOW), 80);
  assert.equal(delayOf({ moment: NOW + 5000, waits: 60 }, 40, NOW), 80);
  assert.equal(delayOf({ moment: NOW - 70000, waits: 60 }, 40, NOW), 80);
});

test('not told when nothing is known, and never more than can be told', () => {
  assert.equal(delayOf(undefined, 40, NOW), null);
  assert.equal(delayOf({ moment: 0, waits: -1 }, 40, NOW), null);
  assert.equal(delayOf({ moment: 0, waits: 90000 }, 40, NOW), 60000);
});
