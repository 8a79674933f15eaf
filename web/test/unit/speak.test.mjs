// « Parler »: held, tapped, lost with the line, and over with the exercise.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Time, settle } from './dom.mjs';
import { Sheet, install } from './sheet.mjs';

const time = new Time().install();
install({ 'x.speak': 'Parler', 'x.speaking': 'On vous entend' });
const { Emitter } = await import('../../static/js/core/emitter.js');
const { Speak } = await import('../../static/js/ui/speak.js');

class Class extends Emitter {
  constructor() {
    super();
    this.exercise = { number: 1 };
    this.asked = [];
    this.broken = false;
  }

  get(key) { return key === 'exercise' ? this.exercise : undefined; }

  do({ name }) {
    this.asked.push(name);
    return this.broken ? Promise.reject({ code: 'connection-lost' }) : Promise.resolve(1);
  }
}

let button;
let classroom;
let speak;
const said = [];

function hand(type, detail = 0) {
  for (const l of button.listeners.filter((x) => x.type === type)) l.run({ type, detail, button: 0, preventDefault: () => undefined });
}

beforeEach(() => {
  button = new Sheet('button');
  const word = new Sheet('span');
  document.getElementById = (id) => ({ speak: button, 'speak-word': word })[id] || null;
  classroom = new Class();
  said.length = 0;
  speak = new Speak(classroom, { refusal: (error) => said.push(error.code) }, 'x.');
  speak.render();
});

test('held, the rooms hear; released, they do not', async () => {
  hand('pointerdown');
  assert.equal(button.getAttribute('aria-pressed'), 'true');
  await time.pass(2000);
  hand('pointerup');
  assert.deepEqual(classroom.asked, ['speak', 'hush']);
  assert.equal(button.getAttribute('aria-pressed'), 'false');
});

test('a short tap keeps it on until the next tap; the finger that slides off ends what it held', async () => {
  hand('pointerdown');
  await time.pass(100);
  hand('pointerup');
  assert.deepEqual(classroom.asked, ['speak']);
  hand('pointerdown');
  await time.pass(100);
  hand('pointerup');
  assert.deepEqual(classroom.asked, ['speak', 'hush']);
  hand('pointerdown');
  await time.pass(1000);
  hand('pointerleave');
  hand('pointerup');
  assert.deepEqual(classroom.asked, ['speak', 'hush', 'speak', 'hush']);
});

test('by the keyboard and by a screen reader it is a switch; a mouse\'s own click does nothing more', async () => {
  hand('click', 0);
  hand('click', 0);
  assert.deepEqual(classroom.asked, ['speak', 'hush']);
  hand('click', 1);
  assert.deepEqual(classroom.asked, ['speak', 'hush']);
});

test('a release that was lost with the line is told when it is back', async () => {
  hand('pointerdown');
  await time.pass(1000);
  classroom.broken = true;
  hand('pointerup');
  await settle();
  classroom.broken = false;
  classroom.emit('up');
  await settle();
  assert.deepEqual(classroom.asked, ['speak', 'hush', 'hush']);
  classroom.emit('up');
  assert.deepEqual(classroom.asked, ['speak', 'hush', 'hush'], 'told once');
  assert.deepEqual(said, []);
});

test('the end of the exercise leaves nothing pressed, and nothing to press', async () => {
  hand('pointerdown');
  classroom.exercise = { number: 1, endedAt: 'now' };
  speak.render();
  assert.equal(button.getAttribute('aria-pressed'), 'false');
  await time.pass(1000);
  hand('pointerup');
  hand('pointerdown');
  assert.deepEqual(classroom.asked, ['speak']);
  classroom.exercise = { number: 2 };
  speak.render();
  hand('pointerdown');
  assert.deepEqual(classroom.asked, ['speak', 'speak']);
});

test('the window that loses the keyboard ends what was held', () => {
  hand('pointerdown');
  time.fire('blur');
  assert.deepEqual(classroom.asked, ['speak', 'hush']);
});
