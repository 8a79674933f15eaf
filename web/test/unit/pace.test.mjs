import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latestOf, OLD, oldOf, seenOf } from '../../static/js/core/pace.js';

const now = Date.parse('2026-03-03T10:00:00Z');
const ago = (ms) => new Date(now - ms).toISOString();

test('« toujours ? » after five minutes, counted from when it was last confirmed', () => {
  assert.equal(oldOf({ pace: 'slower', paceAt: ago(OLD - 1), paceSaidAt: ago(OLD - 1) }, now, 0), '');
  assert.equal(oldOf({ pace: 'slower', paceAt: ago(OLD), paceSaidAt: ago(OLD) }, now, 0), 'pace');
  assert.equal(oldOf({ pace: 'stuck', paceAt: ago(10 * OLD), paceSaidAt: ago(1000) }, now, 0), '', 'renewed');
  assert.equal(oldOf({ pace: 'stuck', paceAt: ago(2 * OLD) }, now, 0), 'pace');
});

test('nobody is asked whether all is still well, nor where nothing was said', () => {
  assert.equal(oldOf({ pace: 'following', paceAt: ago(10 * OLD), paceSaidAt: ago(10 * OLD) }, now, 0), '');
  assert.equal(oldOf({}, now, 0), '');
  assert.equal(oldOf({ trouble: 'none', troubleAt: ago(10 * OLD) }, now, 0), '');
});

test('a trouble is asked about before the pace, and rests once confirmed', () => {
  const site = { pace: 'stuck', paceAt: ago(2 * OLD), trouble: 'no-sound', troubleAt: ago(2 * OLD) };
  assert.equal(oldOf(site, now, 0), 'trouble');
  assert.equal(oldOf(site, now, now - 1000), 'pace');
  assert.equal(oldOf({ trouble: 'no-sound', troubleAt: ago(3 * OLD) }, now, now - OLD), 'trouble', 'and is asked about again');
});

test('only a look of a person is said to be one, and of whom', () => {
  assert.equal(seenOf({}), '');
  assert.equal(seenOf({ pace: 'slower' }), 'sent');
  assert.equal(seenOf({ pace: 'following' }), '');
  assert.equal(seenOf({ pace: 'slower', seenAt: ago(1), seenBy: 'mediator' }), 'mediator');
  assert.equal(seenOf({ pace: 'following', seenAt: ago(1), seenBy: 'moderator' }), 'moderator');
});

test('what is told « vu » is what the page had drawn, up to its latest', () => {
  assert.equal(latestOf([]), '');
  assert.equal(latestOf([{ paceAt: ago(1) }]), '', 'taken back');
  assert.equal(latestOf([{ pace: 'stuck', paceAt: ago(500) }, { pace: 'stuck', paceAt: ago(20) }, { pace: 'stuck', paceAt: ago(9000) }]), ago(20));
});
