// A page that slept, that lies beside another, or that is older than its house.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeSocket, Shelf, Time, settle, sockets } from './dom.mjs';

const time = new Time().install();
const { Classroom } = await import('../../static/js/core/classroom.js');
const { Outbox } = await import('../../static/js/core/outbox.js');

const welcome = (more = {}) => ({ type: 'welcome', v: 1, epoch: 'a', seq: 3, now: '2026-03-03T09:00:00Z', session: 's', view: { room: { state: 'on-air' } }, ...more });
const beat = { type: 'beat', now: '2026-03-03T09:00:00Z' };
const realNow = Date.now;
let wall; // ms since 1970 by the machine's clock, which goes on while timers sleep
let classroom;
let heard;

beforeEach(() => {
  wall = 1_000_000;
  Date.now = () => wall;
  sockets.length = 0;
  if (classroom) classroom.stop();
  classroom = new Classroom({ device: 'd', token: 't', lang: 'fr', socket: FakeSocket });
  heard = [];
  for (const name of ['up', 'down', 'back', 'build']) classroom.on(name, (payload) => heard.push([name, payload]));
  classroom.start();
  sockets[0].accept();
});

test.after(() => { Date.now = realNow; });

const last = () => sockets[sockets.length - 1];
const of = (name) => heard.filter((e) => e[0] === name).map((e) => e[1]);

test('ten minutes asleep are told once, whether the line died or only fell silent', async () => {
  last().say(welcome());
  wall += 600000;
  last().say(beat); // the socket lived, its messages waited
  assert.deepEqual(of('back'), [600000]);
  wall += 2000;
  last().say(beat);
  wall += 600000;
  last().die();
  await time.pass(400);
  last().accept();
  last().say(welcome({ unchanged: true, view: undefined }));
  assert.deepEqual(of('back'), [600000, 600000]);
});

test('a short cut, and the very first welcome, are no return', async () => {
  last().say(welcome());
  wall += 20000;
  last().die();
  await time.pass(400);
  last().accept();
  last().say(welcome());
  assert.deepEqual(of('back'), []);
});

test('an act that left before the sleep is not done minutes later', async () => {
  last().say(welcome());
  const lost = classroom.do({ name: 'set-pace', pace: 'stuck' });
  const check = assert.rejects(lost, { code: 'connection-lost' });
  last().die();
  wall += 600000; // the machine slept: its timers did not move
  await time.pass(400);
  last().accept();
  last().say(welcome());
  await check;
  assert.deepEqual(last().all('do'), []);
});

test('a question that waited over the sleep goes once, under its id', async () => {
  const shelf = new Shelf();
  const box = new Outbox(classroom, 'desk/r', shelf);
  last().say(welcome());
  const id = box.put('', 'poste 3');
  const [first] = last().all('do');
  assert.deepEqual(first.command, { name: 'ask', question: id, text: '', label: 'poste 3' });
  last().die(); // what became of it nobody knows
  wall += 600000;
  await time.pass(400);
  last().accept();
  last().say(welcome());
  await time.pass(5000);
  const again = last().all('do');
  assert.equal(again.length, 1);
  assert.equal(again[0].command.question, id);
  last().say({ type: 'done', id: again[0].id, seq: 4 });
  await settle();
  assert.deepEqual(box.list(), []);
  await time.pass(60000);
  assert.ok(sockets.every((s) => s.all('do').length <= 1));
});

test('who was there before a cut is void: what is not told again has gone', async () => {
  last().say(welcome());
  last().say({ type: 'presence', set: { 'there/roubaix': { desks: 2 }, talk: { on: true } } });
  last().die();
  await time.pass(400);
  last().accept();
  last().say(welcome({ unchanged: true, view: undefined }));
  assert.ok(classroom.get('there/roubaix'), 'nothing flickers before the house has spoken');
  last().say({ type: 'presence', set: { 'there/roubaix': { desks: 1 } } });
  assert.equal(classroom.get('there/roubaix').desks, 1);
  assert.equal(classroom.get('talk'), undefined, 'a wall would stay silent for ever');
  assert.equal(classroom.get('room').state, 'on-air');
});

test('where nobody is there any more, a beat says as much', async () => {
  last().say(welcome());
  last().say({ type: 'presence', set: { talk: { on: true } } });
  last().die();
  await time.pass(400);
  last().accept();
  last().say(welcome({ unchanged: true, view: undefined }));
  last().say(beat);
  assert.equal(classroom.get('talk'), undefined);
});

test('the build of the house is told when it is known and when it changes', async () => {
  last().say(welcome({ build: 'aaa' }));
  last().die();
  await time.pass(400);
  last().accept();
  last().say(welcome({ build: 'aaa', unchanged: true, view: undefined }));
  last().die();
  await time.pass(400);
  last().accept();
  last().say(welcome({ build: 'bbb', epoch: 'b' }));
  assert.deepEqual(of('build'), ['aaa', 'bbb']);
});

test('two tabs share one box: what one keeps the other shows, and nothing comes back from the dead', async () => {
  const shelf = new Shelf();
  last().say(welcome());
  last().die();
  const one = new Outbox(classroom, 'desk/r', shelf);
  const two = new Outbox(classroom, 'desk/r', shelf);
  const id = one.put('Et le beurre ?');
  time.fire('storage', { key: 'antenne.outbox.desk/r' });
  assert.deepEqual(two.list().map((l) => l.id), [id]);
  one.drop(id);
  time.fire('storage', { key: 'antenne.outbox.desk/r' });
  assert.deepEqual(two.list(), []);
  two.put('Et le sel ?');
  time.fire('storage', { key: 'antenne.outbox.desk/r' });
  assert.deepEqual(one.list().map((l) => l.text), ['Et le sel ?']);
});
