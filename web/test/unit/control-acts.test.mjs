// Two people at the régie: « C’était déjà fait » is said to the second hand alone, whichever of `done` and the change comes first.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FakeSocket, Time, settle, sockets } from './dom.mjs';
import { install } from './sheet.mjs';

const time = new Time().install();
install({
  'common.failed': 'Pas marché.', 'control.done-before': 'C’était déjà fait. {what}.',
  'question.hand.approved': 'Retenue par {who}', 'question.hand.declined': 'Écartée par {who}', 'question.hand.answered': 'Répondue par {who}',
  'question.who.moderator': 'la régie', 'question.who.animator': 'sa salle',
});
globalThis.document.addEventListener = () => undefined;
globalThis.document.removeEventListener = () => undefined;
const { Classroom } = await import('../../static/js/core/classroom.js');
const { Acts } = await import('../../static/js/ui/control-acts.js');

const relayed = { id: 'q', state: 'relayed', text: 'Et le sel ?', by: { role: 'animator', name: 'Ma salle' } };
const lea = { role: 'moderator', name: 'Léa' };
const ali = { role: 'moderator', name: 'Ali' };
let classroom;
let acts;
let told;

beforeEach(() => {
  sockets.length = 0;
  classroom = new Classroom({ device: 'd', token: 't', lang: 'fr', socket: FakeSocket });
  told = [];
  acts = new Acts(classroom, { tell: (text) => told.push(text), refusal: (error) => told.push('refused ' + error.code) });
  classroom.start();
  sockets[0].accept();
  hear({ type: 'welcome', v: 1, epoch: 'a', seq: 3, now: '2026-03-03T09:00:00Z', session: 's', view: { you: lea, 'question/q': relayed } });
});

afterEach(() => classroom.stop());

function hear(message) {
  sockets[0].say(message);
}

/** The question as it is from a sequence on. */
function change(seq, more) {
  hear({ type: 'change', seq, set: { 'question/q': { ...relayed, ...more } }, gone: [] });
}

/** The house's answer to the last act. */
function answer(message) {
  const asked = sockets[0].sent.filter((m) => m.type === 'do').pop();
  hear({ ...message, id: asked.id });
}

const done = (seq) => answer({ type: 'done', seq });

test('one’s own first press says nothing when `done` comes before its change', async () => {
  acts.act('approve', 'q');
  done(4);
  await settle();
  assert.deepEqual(told, []);
  await time.pass(150);
  change(4, { state: 'approved', by: lea });
  await time.pass(5000);
  assert.deepEqual(told, []);
});

test('nor when its change comes first', async () => {
  acts.act('approve', 'q');
  change(4, { state: 'approved', by: lea });
  done(4);
  await time.pass(5000);
  assert.deepEqual(told, []);
});

test('nor when its change never comes: who did what went before is no second hand', async () => {
  acts.act('approve', 'q');
  done(4);
  await time.pass(5000);
  assert.deepEqual(told, []);
});

test('a new answer over another’s is one’s own act, once its change is there', async () => {
  change(4, { state: 'answered', answer: 'Non.', by: ali });
  acts.ask('answer', 'q', { text: 'Oui.' });
  done(5);
  await time.pass(150);
  change(5, { state: 'answered', answer: 'Oui.', by: lea });
  await time.pass(5000);
  assert.deepEqual(told, []);
});

test('the second hand reads whose the first was, once, in either order', async () => {
  acts.act('approve', 'q'); // Ali’s change is on its way
  done(4);
  await settle();
  assert.deepEqual(told, [], 'what is known here is older than the answer');
  change(4, { state: 'approved', by: ali });
  await settle();
  assert.deepEqual(told, ['C’était déjà fait. Retenue par Ali.']);
  acts.act('approve', 'q'); // a finger that was on its way
  done(4);
  await settle();
  assert.deepEqual(told, ['C’était déjà fait. Retenue par Ali.', 'C’était déjà fait. Retenue par Ali.']);
  await time.pass(5000);
  assert.equal(told.length, 2);
});

test('the second hand reads it too while the class goes on where this page sees nothing of it', async () => {
  change(4, { state: 'approved', by: ali });
  acts.act('approve', 'q');
  done(9); // rooms and homes wrote five entries more
  await time.pass(5000);
  assert.deepEqual(told, ['C’était déjà fait. Retenue par Ali.']);
});

test('a hand without words for what it did is never an empty sentence', async () => {
  acts.act('approve', 'q');
  answer({ type: 'refused', code: 'question-state', text: 'Non.', retry: false });
  await time.pass(5000);
  assert.deepEqual(told, ['refused question-state']);
});

test('a refusal that comes before the change that explains it waits for its words', async () => {
  acts.act('approve', 'q');
  answer({ type: 'refused', code: 'question-state', text: 'Non.', retry: false });
  await settle();
  assert.deepEqual(told, []);
  change(5, { state: 'declined', by: ali });
  await time.pass(5000);
  assert.deepEqual(told, ['C’était déjà fait. Écartée par Ali.']);
});
