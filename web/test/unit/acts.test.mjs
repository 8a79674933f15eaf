// What becomes of an act that is refused, or that cannot leave: typed words stay, and the truth is said.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Time, settle } from './dom.mjs';
import { Sheet, install } from './sheet.mjs';

const time = new Time().install();
install({ 'common.not-done': 'Pas passé.', 'common.failed': 'Pas marché.' });
const { Emitter } = await import('../../static/js/core/emitter.js');
const { openDialog } = await import('../../static/js/ui/dialog.js');
const { News, announce } = await import('../../static/js/ui/news.js');
const { Line } = await import('../../static/js/ui/news-line.js');

beforeEach(() => {
  for (const node of document.body.nodes.slice()) node.remove();
  document.listeners = [];
});

/** A dialog with a field, whose sending ends as the test wants. */
function ask() {
  const field = new Sheet('textarea');
  field.value = 'Une longue réponse';
  const sent = [];
  const late = [];
  const act = () => new Promise((resolve, reject) => sent.push({ resolve, reject }));
  openDialog({ title: 'Répondre', body: [field], late: (error) => late.push(error.text), choices: [{ text: 'Envoyer', act }, { text: 'Ne rien changer' }] });
  const [send, cancel] = document.body.querySelectorAll('button');
  return { field, sent, late, send, cancel, open: () => document.body.contains(field) };
}

test('a refused answer keeps its text and says why, inside; then it may be sent again', async () => {
  const dialog = ask();
  dialog.send.tap();
  dialog.send.tap();
  assert.equal(dialog.sent.length, 1, 'one tap too many asks nothing twice');
  assert.ok(dialog.open());
  dialog.sent[0].reject({ code: 'answer-characters', text: 'Des signes invisibles.' });
  await time.pass(100);
  assert.ok(dialog.open());
  assert.equal(dialog.field.value, 'Une longue réponse');
  assert.match(document.body.textContent, /Des signes invisibles\./);
  dialog.send.tap();
  assert.equal(dialog.sent.length, 2);
  assert.doesNotMatch(document.body.textContent, /invisibles/);
  dialog.sent[1].resolve(7);
  await settle();
  assert.ok(!dialog.open());
});

test('an answer lost with the connection is not said to be kept', async () => {
  const dialog = ask();
  dialog.send.tap();
  dialog.sent[0].reject({ code: 'connection-lost', text: '' });
  await time.pass(100);
  assert.ok(dialog.open());
  assert.match(document.body.textContent, /Pas passé\./);
});

test('while the house is asked the person may leave, and still hears of a refusal', async () => {
  const dialog = ask();
  dialog.send.tap();
  dialog.cancel.tap();
  assert.ok(!dialog.open());
  dialog.sent[0].reject({ code: 'role-may-not', text: 'Non.' });
  await settle();
  assert.deepEqual(dialog.late, ['Non.']);
});

/** A page with one act, one button that acts here alone, and a line to the class. */
function page() {
  const classroom = Object.assign(new Emitter(), { known: false, stopped: false });
  const place = new Sheet('p');
  place.hidden = true;
  const button = new Sheet('button');
  button.setAttribute('data-act', 'approve');
  const own = new Sheet('button');
  document.body.append(place, button, own);
  const line = new Line(classroom, new News(place));
  const up = () => { classroom.known = true; classroom.emit('up', {}); };
  return { classroom, place, button, own, line, up };
}

test('a class that never answers is told within two seconds, once', async () => {
  const { classroom, line, button } = page();
  const told = [];
  line.on('change', (state) => told.push(state));
  await time.pass(1400);
  classroom.emit('down'); // the class itself says that it is late: the patience does not begin again
  await time.pass(600);
  assert.deepEqual(told, ['cut']);
  assert.equal(button.getAttribute('aria-disabled'), 'true');
});

test('a page that was opened without its link keeps the words that say so', async () => {
  const { classroom, line } = page();
  classroom.stopped = true;
  await time.pass(5000);
  assert.equal(line.state, 'short');
});

test('while the class is cut, a tap on an act says that it did not go, and nothing else is held back', async () => {
  const { classroom, place, button, own, up } = page();
  up();
  assert.ok(button.tap());
  classroom.emit('down');
  assert.ok(button.tap(), 'a blink is bridged');
  await time.pass(2000);
  assert.ok(!button.tap());
  await time.pass(100);
  assert.equal(place.textContent, 'Pas passé.');
  assert.ok(!place.hidden);
  assert.ok(own.tap());
  up();
  assert.equal(button.getAttribute('aria-disabled'), null);
  assert.ok(button.tap());
});

test('words come after the place they are read from, and the same words are read again', async () => {
  const place = new Sheet('p');
  place.hidden = true;
  announce(place, 'Coupé.');
  assert.deepEqual([place.hidden, place.textContent], [false, ''], 'there, and still empty');
  await time.pass(100);
  assert.equal(place.textContent, 'Coupé.');
  announce(place, 'Coupé.');
  assert.equal(place.textContent, '');
  await time.pass(100);
  assert.equal(place.textContent, 'Coupé.');
  announce(place, '');
  await time.pass(100);
  assert.deepEqual([place.hidden, place.textContent], [true, '']);
});
