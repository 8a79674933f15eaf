import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Time } from './dom.mjs';
import { install } from './sheet.mjs';

const time = new Time().install();
install({});
globalThis.requestAnimationFrame = (run) => setTimeout(run, 0);
window.scrollY = 0;
const { Aim, shifted, steadily, SteadyList } = await import('../../static/js/ui/steady.js');
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

/** A list of the page with one button in it, and what came of a tap on that button. */
function row() {
  const told = [];
  const list = Object.assign(document.createElement('ul'), { children: [] });
  const item = document.createElement('li');
  const button = document.createElement('button');
  button.dispatchEvent = (event) => told.push(`${event.type} ${event.detail.why}${event.bubbles ? '' : ' unheard'}`);
  item.append(button);
  list.append(item);
  const click = (box, detail = 1, target = button) => {
    let through = true;
    const event = { type: 'click', detail, target, preventDefault: () => undefined, stopPropagation: () => { through = false; } };
    box.listeners.filter((l) => l.type === 'click').forEach((l) => l.run(event));
    return through;
  };
  return { list, item, button, told, click };
}

const plainly = { keyOf: (item) => item, create: (item) => item, update: () => undefined };

test('a tap that came too soon after a move is not done, and the page is told; a slower one, and a key, are', () => {
  const { list, item, told, click } = row();
  new SteadyList(list, plainly);
  time.now += 10000;
  shifted();
  time.now += 200;
  assert.equal(click(list), false);
  assert.deepEqual(told, ['missed moved']);
  assert.equal(click(list, 0), true, 'a key goes to what has the focus, wherever it moved');
  assert.equal(click(list, 1, item), true, 'beside the button nothing was asked for');
  time.now += 200;
  assert.equal(click(list), true);
  assert.equal(told.length, 1);
});

test('a tap, or a key, on a row that is on its way out is not done, and the page is told so', () => {
  const { list, item, told, click } = row();
  new SteadyList(list, plainly);
  time.now += 10000;
  item.classList.add('leaving');
  assert.equal(click(list), false);
  assert.equal(click(list, 0), false);
  assert.deepEqual(told, ['missed left', 'missed left']);
});

test('a list that was pushed by what grew above it: a tap there was aimed at the old place; a person who scrolls has seen it', async () => {
  const { list, item, told, click } = row();
  list.children = [item];
  item.dataset.key = 'one';
  const stands = { top: 100, scrolled: 0 };
  list.getBoundingClientRect = () => ({ top: stands.top - stands.scrolled });
  const steady = new SteadyList(list, { ...plainly, keyOf: () => 'one' });
  const drawn = async () => {
    window.scrollY = stands.scrolled;
    steady.show(['one']);
    await time.pass(20);
  };
  time.now += 10000;
  await drawn();
  stands.scrolled = 40;
  await drawn();
  assert.equal(click(list), true);
  stands.top = 160;
  await drawn();
  assert.equal(click(list), false);
  assert.deepEqual(told, ['missed moved']);
});

test('a button that has just come to mean something else does not do it for a finger that could not see that yet', () => {
  const { list: box, told, click } = row();
  const aim = new Aim(box);
  time.now += 10000;
  aim.follow('mettre à l’antenne');
  assert.equal(click(box), true, 'what a page finds when it opens is no change');
  aim.follow('remercier');
  time.now += 100;
  aim.follow('remercier');
  assert.equal(click(box), false);
  assert.equal(click(box, 0), true);
  time.now += 300;
  assert.equal(click(box), true);
  assert.deepEqual(told, ['missed moved']);
});

test('« Couper » waits for its own coming alone, and for nothing that moves around it', () => {
  const { list: box, button, click } = row();
  button.setAttribute('id', 'guest-cut');
  const around = new Aim(box, { spared: '#guest-cut' });
  const own = new Aim(button, { alone: true });
  time.now += 10000;
  around.follow('backstage');
  own.follow('g1');
  shifted();
  around.follow('on-air');
  assert.equal(click(box), true);
  assert.equal(click(button), true);
  own.follow('g2');
  assert.equal(click(button), false, 'another guest a moment ago');
});
