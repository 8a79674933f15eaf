// A machine that many share: who comes next is somebody else, on the wire too, and what had not left goes on under its old name.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeSocket, Shelf, Time, settle, sockets } from './dom.mjs';

const time = new Time().install();
const { Classroom } = await import('../../static/js/core/classroom.js');
const { device } = await import('../../static/js/core/link.js');
const { Outbox } = await import('../../static/js/core/outbox.js');
const { Successors } = await import('../../static/js/core/successors.js');

const PLACE = 'post/r';
const welcome = (view = {}) => ({ type: 'welcome', v: 1, epoch: 'a', seq: 3, now: '2026-03-03T09:00:00Z', session: 's', view });
const helloes = () => sockets.filter((s) => s.sent.length).map((s) => s.sent[0].device);
const asked = (socket) => socket.all('do').map((m) => m.command.text);
const live = () => sockets.filter((s) => !s.closed);
let renamed;

beforeEach(() => {
  time.install();
  time.timers.clear(); // nobody of the test before calls again
  sockets.length = 0;
  renamed = [];
});

/** A post whose page is opened. */
function post(anew = false) {
  const identity = { device: device('device', PLACE), token: 't', lang: 'fr', room: 'r', socket: FakeSocket };
  const classroom = new Classroom(identity);
  const outbox = new Outbox(classroom, PLACE);
  const viewer = { rename: (name) => renamed.push(name) };
  const successors = new Successors(identity, PLACE, { classroom, viewer, outbox });
  successors.begin(anew);
  classroom.start();
  return { classroom, outbox, successors, name: identity.device };
}

/** All lines that are not up yet come up. */
function letIn() {
  for (const socket of live()) {
    if (socket.readyState) continue;
    socket.accept();
    socket.say(welcome());
  }
}

function answer(socket) {
  for (const m of socket.all('do')) socket.say({ type: 'done', id: m.id, seq: 4 });
}

test('who comes next says hello under another name, also after a reload; other pages of the browser keep theirs', async () => {
  const other = device('device');
  const { outbox, successors, name, classroom } = post();
  assert.equal(name, other, 'as it was before anybody left');
  letIn();
  assert.equal(successors.used, false);
  outbox.put('Et le beurre ?');
  assert.equal(successors.used, true);
  answer(sockets[0]);
  await settle();
  successors.leave();
  letIn();
  const next = sockets[1].sent[0].device;
  assert.notEqual(next, name);
  assert.deepEqual([helloes(), renamed, sockets[0].closed, live().length], [[name, next], [next], true, 1]);
  assert.equal(successors.used, false);
  classroom.stop();
  assert.deepEqual([post().name, device('device')], [next, other]);
});

test('what was sent and not answered, and what had not left, goes on under the old name, once', async () => {
  const { outbox, successors, name } = post();
  letIn();
  outbox.put('envoyée');
  outbox.put('pas encore');
  successors.leave();
  assert.deepEqual(outbox.list(), [], 'nothing of it is here any more');
  outbox.put('de la suivante');
  letIn();
  await time.pass(500);
  const [fresh, old] = [live().find((s) => s.sent[0].device !== name), live().find((s) => s.sent[0].device === name)];
  assert.deepEqual([asked(fresh), asked(old)], [['de la suivante'], ['envoyée', 'pas encore']]);
  assert.equal(old.all('do')[0].command.question, sockets[0].all('do')[0].command.question, 'under the same id: it may have arrived');
  answer(old);
  await settle();
  assert.equal(old.closed, true);
  answer(fresh);
  await settle();
  const kept = [...window.localStorage.items].map((item) => item.join(' ')).join();
  assert.ok(!kept.includes(name + ' ') && !kept.includes('envoyée') && !kept.includes('encore'), kept);
});

test('a machine that is switched off in between sends it when it is back, under the old name', async () => {
  const before = post();
  before.outbox.put('hors ligne');
  before.successors.leave();
  before.classroom.stop();
  for (const { classroom } of before.successors.lines.values()) classroom.stop();
  sockets.length = 0;
  const { name } = post();
  letIn();
  await time.pass(300);
  const old = live().find((s) => s.sent[0].device === before.name);
  assert.deepEqual([asked(old), name === before.name], [['hors ligne'], false]);
  answer(old);
  await settle();
  assert.deepEqual(live().map((s) => s.sent[0].device), [name]);
});

test('a page that is opened anew is somebody else where something was asked, and only there', async () => {
  const first = post(true);
  letIn();
  first.outbox.put('x');
  answer(sockets[0]);
  await settle();
  first.classroom.stop();
  const again = post(false);
  assert.equal(again.name, first.name, 'a reload');
  again.classroom.stop();
  sockets.length = 0;
  const second = post(true);
  letIn();
  assert.notEqual(sockets[0].sent[0].device, first.name);
  second.classroom.stop();
  sockets.length = 0;
  const third = post(true);
  letIn();
  assert.equal(sockets[0].sent[0].device, third.name, 'nobody asked anything');
});

test('many who left letters behind do not all call at once', async () => {
  const { outbox, successors } = post();
  for (let i = 0; i < 9; i++) {
    outbox.put('q' + i);
    successors.leave();
  }
  assert.equal(live().length, 5, 'four, and who sits here');
  for (let i = 0; i < 9; i++) {
    letIn();
    await time.pass(300);
    live().forEach(answer);
    await settle();
  }
  assert.equal(live().length, 1);
  assert.deepEqual(sockets.flatMap(asked).sort(), Array.from({ length: 9 }, (_, i) => 'q' + i));
  assert.equal(window.localStorage.getItem('antenne.before.' + PLACE), '');
});

test('a browser that keeps nothing loses nothing while the page lives', async () => {
  window.localStorage.full = true;
  window.sessionStorage = new Shelf();
  const { outbox, successors, name } = post();
  outbox.put('gardée en mémoire');
  successors.leave();
  letIn();
  await time.pass(300);
  assert.deepEqual(asked(live().find((s) => s.sent[0].device === name)), ['gardée en mémoire']);
});
