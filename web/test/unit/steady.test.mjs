import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Time } from './dom.mjs';
import { install } from './sheet.mjs';

const time = new Time().install();
install({});
const { shifted, steadily, SteadyList } = await import('../../static/js/ui/steady.js');
const pointer = (type) => document.listeners.filter((l) => l.type === type).forEach((l) => l.run({ type }));

test('nothing is drawn while a finger is down, and once when it is lifted and its click has gone', async () => {
  let drawn = 0;
  const draw = steadily(() => { drawn += 1; });
  draw();
  assert.equal(drawn, 1);
  time.now = 1000;
  pointer('pointerdown');
  draw();
  draw();
  await time.pass(500);
  assert.equal(drawn, 1);
  pointer('pointerup');
  assert.equal(drawn, 1, 'the click of this very release comes first');
  await time.pass(200);
  assert.equal(drawn, 2);
});

test('a release that nobody saw does not hold the page', async () => {
  let drawn = 0;
  const draw = steadily(() => { drawn += 1; });
  pointer('pointerdown');
  draw();
  await time.pass(5000);
  assert.equal(drawn, 1);
  draw();
  assert.equal(drawn, 2);
});

test('a tap that came too soon after a move is not done, and the page is told; a slower one, and a key, are', () => {
  const told = [];
  const list = Object.assign(document.createElement('ul'), { children: [], dispatchEvent: (event) => told.push(`${event.type}${event.bubbles}`) });
  new SteadyList(list, { keyOf: (item) => item, create: (item) => item, update: () => undefined });
  const click = (detail) => {
    let through = true;
    const event = { type: 'click', detail, target: list, preventDefault: () => undefined, stopPropagation: () => { through = false; } };
    list.listeners.filter((l) => l.type === 'click').forEach((l) => l.run(event));
    return through;
  };
  list.closest = () => null;
  time.now += 10000;
  shifted();
  time.now += 200;
  assert.equal(click(1), false);
  assert.deepEqual(told, ['missedtrue']);
  assert.equal(click(0), true, 'a key goes to what has the focus, wherever it moved');
  time.now += 200;
  assert.equal(click(1), true);
  assert.equal(told.length, 1);
});
