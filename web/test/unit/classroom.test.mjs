import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeSocket, Shelf, Time, settle, sockets } from './dom.mjs';

const time = new Time().install();
const { Classroom } = await import('../../static/js/core/classroom.js');
const { Outbox } = await import('../../static/js/core/outbox.js');

const welcome = (more = {}) => ({ type: 'welcome', v: 1, epoch: 'a', seq: 3, now: '2026-03-03T09:00:00Z', session: 's', view: { room: { state: 'on-air' } }, ...more });
let classroom;
let events;

beforeEach(() => {
  sockets.length = 0;
  if (classroom) classroom.stop();
  classroom = new Classroom({ device: 'd', token: 't', lang: 'fr', socket: FakeSocket });
  events = [];
  for (const name of ['up', 'down', 'refused']) classroom.on(name, (payload) => events.push([name, payload]));
  classroom.start();
  sockets[0].accept();
});

const last = () => sockets[sockets.length - 1];

test('says hello with its token, then holds what it is told', () => {
  assert.deepEqual(last().sent[0], { type: 'hello', v: 1, device: 'd', token: 't', lang: 'fr' });
  last().say(welcome());
  last().say({ type: 'change', seq: 4, set: { card: { text: 'x' } }, gone: ['room'] });
  assert.equal(classroom.get('card').text, 'x');
  assert.equal(classroom.get('room'), undefined);
});

test('comes back after a cut with what it had seen, and sees a restart by the epoch', async () => {
  last().say(welcome());
  last().say({ type: 'change', seq: 9, set: {}, gone: ['nothing'] });
  last().die();
  assert.deepEqual(events.map((e) => e[0]), ['up', 'down']);
  await time.pass(400);
  last().accept();
  assert.deepEqual(last().sent[0].since, { epoch: 'a', seq: 9 });
  last().say(welcome({ unchanged: true, view: undefined, seq: 9 }));
  assert.equal(classroom.get('room').state, 'on-air', 'an unchanged view is kept');
  assert.equal(events[2][1].restarted, false);
  last().die();
  await time.pass(400);
  last().accept();
  last().say(welcome({ epoch: 'b' }));
  assert.equal(events[4][1].restarted, true);
});

test('six silent seconds are a dead line; beats keep it alive', async () => {
  last().say(welcome());
  for (let i = 0; i < 10; i++) {
    await time.pass(2000);
    last().say({ type: 'beat', now: '2026-03-03T09:00:00Z' });
  }
  assert.equal(classroom.up, true);
  await time.pass(7100);
  assert.equal(classroom.up, false);
  assert.equal(sockets[0].closed, true);
});

test('never gives up, and tries at least every 1.5 s when attempts fail at once', async () => {
  last().say(welcome());
  last().die();
  let longest = 0;
  for (let i = 0, before = time.now; i < 40; i++) {
    const count = sockets.length;
    while (sockets.length === count) await time.pass(10);
    longest = Math.max(longest, time.now - before);
    before = time.now;
    last().die();
  }
  assert.ok(longest <= 1520, `waited ${longest} ms`);
});

test('a refusal for good stops it; one that may pass does not', async () => {
  last().say(welcome());
  last().say({ type: 'bye', code: 'shutdown', text: '', retry: true });
  await time.pass(400);
  assert.equal(sockets.length, 2);
  last().accept();
  last().say({ type: 'bye', code: 'link-revoked', text: 'Ce lien a été retiré.', retry: false });
  await time.pass(20000);
  assert.equal(sockets.length, 2);
  assert.deepEqual(events[events.length - 1], ['refused', { code: 'link-revoked', text: 'Ce lien a été retiré.' }]);
});

test('as somebody else it says hello under the new name, remembers nothing of before and repeats nothing', async () => {
  last().say(welcome({ view: { room: { state: 'on-air' }, 'question/q1': { id: 'q1', mine: true } } }));
  const lost = assert.rejects(classroom.do({ name: 'withdraw', question: 'q1' }), { code: 'connection-lost' });
  classroom.rename('d2');
  await lost;
  assert.equal(sockets[0].closed, true);
  assert.equal(sockets.length, 2);
  last().accept();
  assert.deepEqual(last().sent, [{ type: 'hello', v: 1, device: 'd2', token: 't', lang: 'fr' }], 'without a since, or the house would say that nothing changed');
  sockets[0].say({ type: 'change', seq: 4, set: { 'question/q1': { id: 'q1', mine: true } } });
  last().say(welcome());
  assert.deepEqual([classroom.get('question/q1'), classroom.up, last().all('do').length], [undefined, true, 0]);
  assert.equal(events.filter(([name]) => name === 'down').length, 0, 'nobody reads that the line was lost');
  last().die();
  await time.pass(400);
  last().accept();
  assert.equal(last().sent[0].device, 'd2');
});

test('a line that dies while the page comes back under another name is told as cut, once', async () => {
  last().say(welcome());
  classroom.rename('d2');
  assert.equal(classroom.renaming, true);
  last().die();
  await time.pass(400);
  last().die();
  await time.pass(900);
  assert.equal(classroom.renaming, false);
  assert.equal(events.filter(([name]) => name === 'down').length, 1);
});

test('a command goes again after a short cut, and is given back after a long one', async () => {
  last().say(welcome());
  const answer = classroom.do({ name: 'pause' });
  last().die();
  await time.pass(400);
  last().accept();
  last().say(welcome());
  const [again] = last().all('do');
  last().say({ type: 'done', id: again.id, seq: 7 });
  assert.equal(await answer, 7);
  last().die();
  const lost = classroom.do({ name: 'resume' });
  const check = assert.rejects(lost, { code: 'connection-lost' });
  await time.pass(9000);
  await check;
});

test('the outbox keeps a question over a cut and a reload, under one id', async () => {
  const shelf = new Shelf();
  const box = new Outbox(classroom, 'live/r', shelf);
  last().say(welcome());
  last().die();
  const id = box.put('Et le beurre ?');
  assert.equal(JSON.parse(shelf.getItem('antenne.outbox.live/r')).length, 1);
  const reloaded = new Outbox(classroom, 'live/r', shelf);
  assert.equal(reloaded.list()[0].id, id);
  await time.pass(400);
  last().accept();
  last().say(welcome());
  const asked = last().all('do').filter((m) => m.command.question === id);
  assert.ok(asked.length >= 1);
  for (const m of asked) last().say({ type: 'done', id: m.id, seq: 4 });
  await settle();
  assert.deepEqual(reloaded.list(), []);
  assert.equal(shelf.getItem('antenne.outbox.live/r'), '[]');
});

test('forty letters go one after the other, slower than any flood', async () => {
  const box = new Outbox(classroom, 'live/r4', new Shelf());
  for (let i = 0; i < 40; i++) box.put('Question ' + i);
  last().say(welcome());
  for (let seconds = 1; seconds <= 8; seconds++) {
    const before = last().all('do').length;
    await time.pass(1000);
    const sent = last().all('do').length - before;
    assert.ok(sent <= 6 && (sent > 0 || !box.list().length), `${sent} letters in a second`);
    for (const m of last().all('do')) last().say({ type: 'done', id: m.id, seq: 4 });
    await settle();
  }
  assert.deepEqual(box.list(), []);
  assert.equal(new Set(last().all('do').map((m) => m.command.question)).size, 40);
});

test('a refusal that passes holds the whole box back, whatever its code; a code alone does not', async () => {
  const box = new Outbox(classroom, 'live/r5', new Shelf());
  last().say(welcome());
  const ids = [box.put('a'), box.put('b')];
  last().say({ type: 'refused', id: last().all('do').pop().id, code: 'a-code-of-tomorrow', text: 'Attendez.', retry: true });
  await time.pass(3900);
  assert.equal(last().all('do').length, 1);
  await time.pass(600);
  assert.deepEqual(last().all('do').map((m) => m.command.question), [ids[0], ids[0], ids[1]]);
  last().say({ type: 'refused', id: last().all('do').pop().id, code: 'journal-full', text: 'Non.' });
  await settle();
  assert.deepEqual(box.list().map((l) => l.state), ['waiting', 'refused']);
});

test('who asks too fast reads why a letter waits, until it has left; what only the house can mend is not told so', async () => {
  const box = new Outbox(classroom, 'live/r7', new Shelf());
  last().say(welcome());
  let told = 0;
  box.on('change', () => { told += 1; });
  box.put('a');
  const refuse = (code, text) => last().say({ type: 'refused', id: last().all('do').pop().id, code, text, retry: true });
  told = 0;
  refuse('question-rate', 'La vôtre attend une minute.');
  await settle();
  assert.deepEqual(box.list().map((l) => [l.state, l.why]), [['waiting', 'La vôtre attend une minute.']]);
  assert.equal(told, 1);
  await time.pass(4100);
  refuse('question-rate', 'La vôtre attend une minute.');
  await settle();
  assert.equal(told, 1, 'the same sentence is told once');
  for (let i = 0; i < 9; i++) {
    last().say({ type: 'beat', now: '2026-03-03T09:00:00Z' });
    await time.pass(1000);
  }
  refuse('journal-failed', 'Recommencez.');
  await settle();
  assert.deepEqual(box.list().map((l) => [l.state, l.why]), [['waiting', undefined]]);
});

test('a letter whose answer never came is kept and goes again under its own id', async () => {
  const box = new Outbox(classroom, 'live/r6', new Shelf());
  last().say(welcome());
  const id = box.put('a');
  for (let i = 0; i < 14; i++) {
    await time.pass(1000);
    last().say({ type: 'beat', now: '2026-03-03T09:00:00Z' });
  }
  assert.equal(box.list()[0].state, 'waiting');
  const sent = last().all('do').map((m) => m.command.question);
  assert.ok(sent.length >= 2 && sent.every((q) => q === id), sent.join(' '));
});

test('a refused question comes back with its text; a full journal only delays it', async () => {
  const box = new Outbox(classroom, 'live/r2', new Shelf());
  last().say(welcome());
  const id = box.put('x');
  const first = last().all('do').pop();
  last().say({ type: 'refused', id: first.id, code: 'journal-full', text: 'Attendez.', retry: true });
  await settle();
  assert.equal(box.list()[0].state, 'waiting');
  await time.pass(4100);
  const second = last().all('do').pop();
  assert.notEqual(second.id, first.id);
  assert.equal(second.command.question, id);
  last().say({ type: 'refused', id: second.id, code: 'question-too-long', text: 'Trop longue.' });
  await settle();
  assert.deepEqual([box.list()[0].state, box.list()[0].text, box.list()[0].why], ['refused', 'x', 'Trop longue.']);
  assert.equal(box.drop(id), 'x');
  assert.deepEqual(box.list(), []);
});

test('a storage that refuses does not lose the question of this tab', async () => {
  const shelf = new Shelf();
  shelf.full = true;
  const box = new Outbox(classroom, 'live/r3', shelf);
  last().say(welcome());
  box.put('y');
  assert.equal(last().all('do').pop().command.text, 'y');
});

test('says at once that a page was opened and that its media stands, and nothing twice', async () => {
  last().say(welcome());
  const closed = { picture: 'none', frames: 0, sound: 'locked', opened: false, connected: false };
  classroom.health(closed);
  classroom.health({ ...closed, frames: 3 });
  classroom.health({ ...closed, opened: true });
  classroom.health({ ...closed, opened: true, connected: true });
  assert.deepEqual(last().all('health').map((m) => [m.opened, m.connected]), [[false, false], [true, false], [true, true]]);
});

test('freezes are added up and told once, with the next report', async () => {
  last().say(welcome());
  const later = async () => {
    for (let i = 0; i < 3; i++) {
      await time.pass(1700);
      last().say({ type: 'beat', now: '2026-11-21T14:02:07Z' });
    }
  };
  const seen = { picture: 'moving', frames: 25, sound: 'on', opened: true, connected: true };
  classroom.health({ ...seen, freezes: 0 });
  for (let i = 0; i < 3; i++) classroom.health({ ...seen, freezes: 1 });
  await later();
  classroom.health({ ...seen, freezes: 1 });
  await later();
  classroom.health({ ...seen, freezes: 500 });
  await later();
  classroom.health({ ...seen, freezes: 0 });
  assert.deepEqual(last().all('health').map((m) => m.freezes), [undefined, 4, 120, undefined]);
});

test('a socket that never welcomes is said once within 2 s, and the first welcome takes it back', async () => {
  await time.pass(1400);
  assert.equal(classroom.late, false);
  await time.pass(200);
  assert.deepEqual([classroom.late, events.map((e) => e[0])], [true, ['down']]);
  await time.pass(6000);
  assert.deepEqual(events.map((e) => e[0]), ['down']);
  last().accept();
  last().say(welcome());
  assert.deepEqual([classroom.late, classroom.known, classroom.up], [false, true, true]);
});

test('two tabs share one box: neither overwrites what the other keeps', async () => {
  const shelf = new Shelf();
  const [a, b] = [new Outbox(classroom, 'live/r7', shelf), new Outbox(classroom, 'live/r7', shelf)];
  const ids = [a.put('de a'), b.put('de b')];
  const kept = () => JSON.parse(shelf.getItem('antenne.outbox.live/r7')).map((l) => l.id);
  assert.deepEqual(kept(), ids);
  let heard = 0;
  a.on('change', () => { heard += 1; });
  time.fire('storage', { key: 'another' });
  assert.equal(heard, 0);
  time.fire('storage', { key: 'antenne.outbox.live/r7' });
  assert.deepEqual([heard, a.list().map((l) => l.id)], [1, ids]);
  b.drop(ids[0]);
  a.put('encore de a');
  assert.equal(kept().indexOf(ids[0]), -1, 'what one tab drops the other does not bring back');
  assert.equal(kept().length, 2);
});

test('where nothing can be kept, a letter that left does not come back and a refusal stands', async () => {
  const shelf = new Shelf();
  const before = new Outbox(classroom, 'live/r8', shelf);
  const old = before.put('ancienne');
  shelf.full = true;
  last().say(welcome());
  await settle();
  const [asked] = last().all('do');
  last().say({ type: 'done', id: asked.id, seq: 4 });
  await settle();
  before.put('nouvelle');
  assert.deepEqual(before.list().map((l) => l.text), ['nouvelle']);
  assert.notEqual(before.list()[0].id, old);
  await time.pass(300);
  last().say({ type: 'refused', id: last().all('do').pop().id, code: 'question-characters', text: 'Non.' });
  await settle();
  time.fire('storage', { key: null });
  assert.deepEqual(before.list().map((l) => l.state), ['refused']);
});

test('a house that keeps saying later is asked less and less often', async () => {
  const box = new Outbox(classroom, 'live/r9', new Shelf());
  last().say(welcome());
  box.put('x');
  let seen = 0;
  const tries = [];
  for (let ms = 0; ms < 70000; ms += 500) {
    if (ms % 2000 === 0) last().say({ type: 'beat', now: '2026-03-03T09:00:00Z' });
    const asked = last().all('do');
    if (asked.length > seen) {
      tries.push(ms);
      last().say({ type: 'refused', id: asked[asked.length - 1].id, code: 'question-limit', text: 'Attendez.', retry: true });
    }
    seen = asked.length;
    await time.pass(500);
  }
  assert.equal(box.list()[0].state, 'waiting');
  assert.ok(tries.length >= 4 && tries.length <= 6, tries.join(' '));
});

test('a class without room is asked less often, and its words are given until it lets us in', async () => {
  const said = [];
  classroom.on('delayed', (delayed) => said.push(delayed && delayed.text));
  for (let i = 0; i < 2; i++) {
    last().say({ type: 'bye', code: 'server-full', text: 'Le serveur est plein.', retry: true });
    const tried = sockets.length;
    await time.pass(4900);
    assert.equal(sockets.length, tried, 'to come back at once would keep it full');
    const until = time.now + 10200;
    while (sockets.length === tried && time.now < until) await time.pass(100);
    assert.equal(sockets.length, tried + 1);
    last().accept();
  }
  assert.deepEqual(said, ['Le serveur est plein.'], 'once, while they are true');
  last().say(welcome());
  assert.deepEqual([said.length, classroom.delayed], [2, null]);
  last().say({ type: 'bye', code: 'shutdown', text: 'Le serveur redémarre.', retry: true });
  await time.pass(400);
  assert.equal(classroom.delayed, null, 'a server that starts again is back at once');
  assert.ok(last().readyState < 3);
});

test('a screen that has no place says so, once it is true', async () => {
  last().say(welcome());
  const health = { picture: 'none', frames: 0, sound: 'off', opened: true, connected: false };
  classroom.health({ ...health, full: false });
  classroom.health({ ...health, full: true });
  const [first, second] = last().all('health');
  assert.equal('full' in first, false);
  assert.equal(second.full, true);
});
