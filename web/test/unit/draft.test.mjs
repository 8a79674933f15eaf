import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Shelf } from './dom.mjs';
import { Drafts } from '../../static/js/core/draft.js';

const DAY = 24 * 3600 * 1000;

/** The clock of the wall, moved by hand. */
function clock(t) {
  let now = Date.parse('2026-11-22T08:00:00Z');
  t.mock.method(Date, 'now', () => now);
  return (ms) => { now += ms; };
}

const contentOf = (draft) => draft && draft.content;

test('a draft outlives its page: at once after a goodbye, a moment later after a crash', (t) => {
  const pass = clock(t);
  const shelf = new Shelf();
  const first = new Drafts('rundown.abc', shelf);
  first.keep('Pétrir');
  first.leave();
  const second = new Drafts('rundown.abc', shelf);
  assert.equal(contentOf(second.left()), 'Pétrir');
  second.clearLeft();
  assert.equal(second.left(), null);
  second.keep('Cuire'); // … and the power fails
  const third = new Drafts('rundown.abc', shelf);
  assert.equal(third.left(), null, 'it may be written this very moment');
  pass(6000);
  assert.equal(contentOf(third.left()), 'Cuire');
});

test('what is kept again without a change was written when it was', (t) => {
  const pass = clock(t);
  const shelf = new Shelf();
  const page = new Drafts('rundown.abc', shelf);
  page.keep({ steps: ['Pétrir'] });
  const then = Date.now();
  pass(60000);
  page.keep({ steps: ['Pétrir'] });
  page.leave();
  assert.equal(new Drafts('rundown.abc', shelf).left().saved, then);
});

test('two tabs write each its own, and know of each other; neither takes what the other is writing', (t) => {
  const pass = clock(t);
  const shelf = new Shelf();
  const [one, two] = [new Drafts('rundown.abc', shelf), new Drafts('rundown.abc', shelf)];
  one.keep('Pétrir');
  assert.equal(one.shared, false);
  assert.equal(two.shared, true);
  two.keep('Cuire');
  two.clearLeft();
  one.keep('Pétrir encore');
  assert.deepEqual([one.left(), two.left(), one.shared, two.shared], [null, null, true, true]);
  two.drop();
  assert.equal(one.shared, false);
  one.leave();
  assert.equal(contentOf(two.left()), 'Pétrir encore');
  pass(1);
});

test('what was sent is gone, and another séance has its own', (t) => {
  clock(t);
  const shelf = new Shelf();
  const here = new Drafts('rundown.abc', shelf);
  const other = new Drafts('rundown.xyz', shelf);
  here.keep('Pétrir');
  other.keep('Coudre');
  here.drop();
  here.leave(); // nothing to leave: nothing comes back
  assert.equal(new Drafts('rundown.abc', shelf).left(), null);
  other.leave();
  here.clear();
  assert.equal(contentOf(new Drafts('rundown.xyz', shelf).left()), 'Coudre');
  new Drafts('rundown.xyz', shelf).clear();
  assert.equal(shelf.length, 0);
});

test('what nobody came back for is thrown away after a month', (t) => {
  const pass = clock(t);
  const shelf = new Shelf();
  new Drafts('rundown.abc', shelf).keep('Pétrir');
  pass(29 * DAY);
  assert.ok(new Drafts('rundown.xyz', shelf) && shelf.length === 1);
  pass(2 * DAY);
  assert.ok(new Drafts('rundown.xyz', shelf) && shelf.length === 0);
});

test('a browser that keeps nothing, a full one, and one that holds rubbish are no error', (t) => {
  clock(t);
  const none = new Drafts('rundown.abc', null);
  none.keep('Pétrir');
  none.leave();
  none.clear();
  assert.deepEqual([none.left(), none.shared], [null, false]);
  const full = new Shelf();
  full.full = true;
  const drafts = new Drafts('rundown.abc', full);
  drafts.keep('Pétrir');
  assert.equal(drafts.left(), null);
  const rubbish = new Shelf();
  rubbish.setItem('antenne.draft.rundown.abc.x', '{"at":');
  rubbish.setItem('antenne.draft.rundown.abc.y', '[]');
  assert.equal(new Drafts('rundown.abc', rubbish).left(), null);
});
