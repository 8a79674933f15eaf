import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alike, column, COLUMN, holds, leftToAnswer, otherHand } from '../../static/js/core/board.js';
import { sortTrays } from '../../static/js/core/trays.js';

const at = (minute) => new Date(Date.UTC(2026, 2, 3, 10, minute)).toISOString();
const question = (id, more) => ({ id, state: 'relayed', text: 'Faut-il du beurre ?', site: 'a', siteName: 'Avenir', from: 'site', askedAt: at(0), stateAt: at(0), ...more });

test('a column draws thirty and counts the others', () => {
  const many = Array.from({ length: 200 }, (_, i) => question(`q${i}`));
  assert.deepEqual([column(many).shown.length, column(many).more], [COLUMN, 170]);
  assert.deepEqual([column(many.slice(0, 30)).shown.length, column(many.slice(0, 30)).more], [30, 0]);
  assert.equal(column(many).shown[0].id, 'q0');
});

test('trays keep their orders when the questions of a state change: by age, by turn, the latest closed first', () => {
  const q = [question('late', { askedAt: at(9) }), question('early', { askedAt: at(1) }), question('second', { state: 'approved', ahead: 1 }), question('first', { state: 'approved', ahead: 0 }),
    question('unnumbered', { state: 'approved' }), question('old', { state: 'declined', stateAt: at(2) }), question('new', { state: 'declined', stateAt: at(5) }), question('gone', { state: 'withdrawn' })];
  const names = (list) => list.map((one) => one.id);
  const trays = sortTrays(q);
  assert.deepEqual([names(trays.toSort), names(trays.toAsk), names(trays.declined), names(trays.onAir)], [['early', 'late'], ['first', 'second', 'unnumbered'], ['new', 'old'], []]);
  const moved = sortTrays(q.map((one) => (one.id === 'late' ? { ...one, askedAt: at(0) } : one)));
  assert.deepEqual(names(moved.toSort), ['late', 'early']);
});

test('the questions that share words come first to merge with; closed ones and itself are not offered', () => {
  const mine = question('mine', { text: 'Peut-on congeler la pâte à crêpes ?' });
  const all = [mine, question('far', { text: 'Quel four choisir ?' }), question('near', { text: 'La pate se congele-t-elle ? congeler, pâte' }), question('closed', { text: mine.text, state: 'answered' }),
    question('air', { text: 'Crêpes au froment', state: 'on-air' })];
  assert.deepEqual(alike(mine, all, 10).map((q) => q.id), ['near', 'air', 'far']);
  assert.deepEqual(alike(mine, all, 1).map((q) => q.id), ['near']);
  assert.deepEqual(alike({ ...mine, text: undefined }, all, 9).map((q) => q.id), ['air', 'far', 'near'], 'a question without words looks like none');
});

test('what is typed is found without accents, in any case and order', () => {
  assert.ok(holds('La pâte à crêpes (Centre de l’Avenir)', 'crepes PATE'));
  assert.ok(!holds('La pâte à crêpes', 'crepes four'));
});

test('the list after the séance holds what was promised and what was never answered, by room, and merged ones in each room', () => {
  const merged = [{ id: 'm', site: 'b', siteName: 'Balzac' }, { id: 'm2', site: 'a', siteName: 'Avenir' }];
  const rooms = leftToAnswer([question('never', { askedAt: at(1) }), question('later', { state: 'later', askedAt: at(9), merged }), question('done', { state: 'answered' }),
    question('declined', { state: 'declined' }), question('home', { site: '', siteName: '', from: 'home', state: 'approved' })]);
  assert.deepEqual(rooms.map((r) => [r.siteName, r.questions.map((q) => q.id)]), [['Avenir', ['later', 'never']], ['Balzac', ['later']], ['', ['home']]]);
});

test('an act that another hand did before is told from one’s own', () => {
  const you = { role: 'moderator', name: 'Léa' };
  assert.ok(otherHand({ role: 'moderator', name: 'Ali' }, you));
  assert.ok(otherHand({ role: 'mediator' }, you));
  assert.ok(!otherHand({ role: 'moderator', name: 'Léa' }, you));
  assert.ok(!otherHand(undefined, you));
});
