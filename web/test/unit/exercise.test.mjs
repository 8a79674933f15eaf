import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extension, numberOf } from '../../static/js/core/exercise.js';

const exercise = { number: 3, instruction: 'Coupez', startedAt: '2026-12-01T10:00:00Z', until: '2026-12-01T10:05:00Z' };

test('what is sent says which exercise its page showed, so that the house takes it once', () => {
  assert.equal(numberOf(undefined), '0');
  assert.equal(numberOf(exercise), '3');
  assert.equal(numberOf({ ...exercise, endedAt: exercise.until }), '3', 'also when it is over and still shown');
  assert.deepEqual(extension(exercise, '2'), { name: 'extend-exercise', minutes: '2', until: exercise.until });
  assert.deepEqual(extension(undefined, '2'), { name: 'extend-exercise', minutes: '2' });
});
