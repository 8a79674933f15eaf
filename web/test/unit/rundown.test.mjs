import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exerciseOf, followed, lengthOf, linesOf, mistakeIn, standing } from '../../static/js/core/rundown.js';

const steps = [{ minutes: 10, title: 'Accueil' }, { minutes: 0, title: 'Pétrir', detail: 'À la main' }, { minutes: 5, title: 'Goûter' }];
const at = Date.parse('2026-03-03T10:00:00Z');

test('steps become the lines that the house reads', () => {
  assert.equal(linesOf(steps), '10 Accueil\n0 Pétrir | À la main\n5 Goûter');
  assert.equal(linesOf([]), '');
});

test('what is typed cannot make another step, nor a detail of a title', () => {
  assert.equal(linesOf([{ minutes: 5, title: ' Four | 180°\nou moins ', detail: ' \n ' }]), '5 Four / 180° ou moins');
  assert.equal(linesOf([{ minutes: 5, title: 'E\u0301plucher', detail: 'a|b' }]), '5 Éplucher | a/b');
});

test('a mistake is found where it was made', () => {
  for (const [minutes, title, wrong] of [['5', 'Four', ''], ['0', 'Four', ''], ['180', 'Four', ''], ['181', 'Four', 'minutes'], ['', 'Four', 'minutes'], ['5 min', 'Four', 'minutes'], ['-3', 'Four', 'minutes'], ['5', '  ', 'title'], ['5', ' | ', '']]) {
    assert.equal(mistakeIn({ minutes, title }), wrong, `${minutes} ${title}`);
  }
});

test('a rundown that has not begun shows its first step as the next', () => {
  const s = standing({ steps, current: 0 }, at);
  assert.deepEqual([s.number, s.of, s.step, s.next, s.left], [0, 3, null, steps[0], null]);
});

test('a step with minutes counts down, and below nothing once it is late', () => {
  const rundown = { steps, current: 1, since: '2026-03-03T10:00:00Z' };
  assert.equal(standing(rundown, at + 60000).left, 540000);
  assert.equal(standing(rundown, at + 660000).left, -60000);
  assert.equal(standing(rundown, at - 5000).spent, 0, 'a clock a little behind');
});

test('a step without minutes counts up, and the last has none after it', () => {
  const open = standing({ steps, current: 2, since: '2026-03-03T10:00:00Z' }, at + 90000);
  assert.deepEqual([open.left, open.spent], [null, 90000]);
  assert.equal(standing({ steps, current: 3, since: '2026-03-03T10:00:00Z' }, at).next, null);
});

test('a rundown made shorter while it runs stands at its last step; none at all stands nowhere', () => {
  assert.equal(standing({ steps: steps.slice(0, 1), current: 3 }, at).number, 1);
  assert.deepEqual(standing(undefined, at), { number: 0, of: 0, step: null, next: null, spent: 0, left: null });
  assert.equal(lengthOf(steps), 15);
});

test('a séance that is over has no step of now and none that comes next, for those who follow', () => {
  const rundown = { steps, current: 1, since: '2026-03-03T10:00:00Z' };
  for (const room of [undefined, { state: 'on-air' }, { state: 'paused' }]) assert.deepEqual(followed(room, rundown, at), standing(rundown, at));
  const { of, step, next } = followed({ state: 'ended' }, rundown, at);
  assert.deepEqual([of, step, next], [0, null, null]);
});

test('a step is an exercise as it stands: its words and its minutes, within what the house takes', () => {
  assert.deepEqual(exerciseOf({ minutes: 12, title: 'Pétrir', detail: 'À la main' }), { instruction: 'Pétrir. À la main', minutes: 12 });
  assert.deepEqual(exerciseOf({ minutes: 0, title: 'Qui a fini ?', detail: 'Levez la main' }), { instruction: 'Qui a fini ? Levez la main', minutes: 5 });
  assert.deepEqual(exerciseOf({ minutes: 180, title: 'Lever' }), { instruction: 'Lever', minutes: 60 });
  assert.equal(Array.from(exerciseOf({ minutes: 1, title: '🥖'.repeat(120), detail: 'é'.repeat(300) }).instruction).length, 300);
});
