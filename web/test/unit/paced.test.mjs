import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Time } from './dom.mjs';
import { install } from './sheet.mjs';

const time = new Time().install();
install({});
const { paced } = await import('../../static/js/ui/paced.js');

test('a storm of changes is drawn at once, then ten times a second, and its last change is drawn', async () => {
  const drawn = [];
  let value = 0;
  const draw = paced(() => drawn.push(value));
  value = 1;
  draw();
  await time.pass(0);
  assert.deepEqual(drawn, [1], 'nothing waits after a calm');
  for (value = 2; value <= 100; value += 1) {
    draw();
    await time.pass(10);
  }
  await time.pass(200);
  assert.ok(drawn.length >= 9 && drawn.length <= 12, String(drawn.length));
  assert.equal(drawn[drawn.length - 1], 100 + 1, 'the last one is not forgotten');
});

test('what this page asked for is drawn at once in the middle of a storm, and the turn that waited is not drawn twice', async () => {
  const drawn = [];
  const draw = paced(() => drawn.push(time.now));
  draw();
  await time.pass(30);
  draw();
  draw.now();
  assert.equal(drawn.length, 2);
  await time.pass(500);
  assert.equal(drawn.length, 2);
});
