// « Parler »: held, tapped, lost with the line, and over with the exercise.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Time, settle } from './dom.mjs';
import { Sheet, install } from './sheet.mjs';

const time = new Time().install();
install({ 'x.speak': 'Parler', 'x.speaking': 'On vous entend', 'x.wait': 'Un instant…', 'common.not-done': 'Pas passé' });
const { Emitter } = await import('../../static/js/core/emitter.js');
const { Speak } = await import('../../static/js/ui/speak.js');

class Class extends Emitter {
  constructor() {
    super();
    this.exercise = { number: 1 };
    this.asked = [];
    this.broken = '';
    this.up = true;
    this.slow = false; // the house has not answered yet
  }

  get(key) { return key === 'exercise' ? this.exercise : undefined; }

  do({ name }) {
    this.asked.push(name);
    if (this.slow) return new Promise(() => undefined);
    return this.broken ? Promise.reject({ code: this.broken }) : Promise.resolve(1).then(() => this.say(name === 'speak'));
  }

  reach() { return Promise.resolve(); }

  /** The house's word. */
  say(speaking) {
    this.exercise = { ...this.exercise, speaking };
    this.emit('change');
  }

  down() {
    this.up = false;
    this.emit('down');
  }

  back() {
    this.up = true;
    this.emit('up');
    this.emit('change');
  }
}

let button;
let word;
let classroom;
let speak;
const said = [];

function hand(type, detail = 0) {
  for (const l of button.listeners.filter((x) => x.type === type)) l.run({ type, detail, button: 0, preventDefault: () => undefined });
}

beforeEach(() => {
  button = new Sheet('button');
  word = new Sheet('span');
  document.getElementById = (id) => ({ speak: button, 'speak-word': word })[id] || null;
  classroom = new Class();
  said.length = 0;
  speak = new Speak(classroom, { refusal: (error) => said.push(error.code), tell: (text) => said.push(text) }, 'x.');
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
  await settle();
  hand('click', 0);
  assert.deepEqual(classroom.asked, ['speak', 'hush']);
  hand('click', 1);
  assert.deepEqual(classroom.asked, ['speak', 'hush']);
});

test('a release that was lost with the line is told when it is back', async () => {
  hand('pointerdown');
  await time.pass(1000);
  classroom.broken = 'connection-lost';
  hand('pointerup');
  await settle();
  classroom.broken = '';
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

test('« on vous entend » is the house\'s word: before it there is « un instant », without the line neither', async () => {
  hand('pointerdown');
  assert.deepEqual([word.textContent, button.getAttribute('aria-pressed')], ['Un instant…', 'true']);
  await settle();
  assert.equal(word.textContent, 'On vous entend');
  classroom.down();
  assert.equal(word.textContent, 'Un instant…', 'a press that the house may have forgotten');
  await time.pass(1000);
  hand('pointerup');
  assert.equal(word.textContent, 'Parler');
});

test('without the class nothing is begun, and it is said', () => {
  classroom.down();
  hand('pointerdown');
  hand('click', 0);
  assert.deepEqual([classroom.asked, said, word.textContent, button.getAttribute('aria-pressed')], [[], ['Pas passé', 'Pas passé'], 'Parler', 'false']);
});

test('a refusal, and an order that was lost: nobody is told that the rooms hear', async () => {
  classroom.broken = 'not-allowed';
  hand('pointerdown');
  await settle();
  assert.deepEqual([word.textContent, said], ['Parler', ['not-allowed']]);
  classroom.broken = 'connection-lost';
  hand('pointerup');
  hand('pointerdown');
  await settle();
  assert.equal(word.textContent, 'Parler');
  classroom.broken = '';
  classroom.back();
  await settle();
  assert.deepEqual(classroom.asked, ['speak', 'speak', 'hush'], 'silence, in case the house had heard');
});

test('a line that comes back after the house hushed ends the press; one that comes back at once does not', async () => {
  hand('pointerdown');
  await settle();
  classroom.down();
  classroom.back();
  assert.equal(word.textContent, 'On vous entend');
  classroom.down();
  classroom.exercise = { number: 1, speaking: false };
  classroom.back();
  assert.deepEqual([word.textContent, classroom.asked], ['Parler', ['speak']]);
});

test('what was left on by a page that is gone, or by another one, is seen here and ended by one tap', async () => {
  classroom.say(true);
  assert.deepEqual([word.textContent, button.getAttribute('aria-pressed'), classroom.asked], ['On vous entend', 'true', []]);
  hand('pointerdown');
  await time.pass(100);
  hand('pointerup');
  await settle();
  assert.deepEqual([word.textContent, classroom.asked], ['Parler', ['hush']]);
  classroom.say(true);
  classroom.say(false);
  assert.deepEqual([word.textContent, button.getAttribute('aria-pressed')], ['Parler', 'false']);
});

test('a finger that is down is not overruled by a word of before', async () => {
  classroom.slow = true;
  hand('pointerdown');
  classroom.emit('change');
  assert.deepEqual([word.textContent, button.getAttribute('aria-pressed')], ['Un instant…', 'true']);
});

test('the window that loses the keyboard ends what was held', () => {
  hand('pointerdown');
  time.fire('blur');
  assert.deepEqual(classroom.asked, ['speak', 'hush']);
});
