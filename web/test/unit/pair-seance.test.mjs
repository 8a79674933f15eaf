// The séance in the poster's frame: shown once it can be looked at, gone when it leaves, tried again where it cannot be had.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Time } from './dom.mjs';
import { Sheet, install } from './sheet.mjs';

const time = new Time().install();
install({});
Object.assign(document.body.dataset, { lang: 'fr' });

const { visit } = await import('../../static/js/ui/pair-seance.js');

/** A séance that is asked for; say() is what its frame tells, told what the visit has come to. */
function asked() {
  const told = { shown: 0, end: null };
  visit('/screen?room=jardin', 'Le grand écran', () => { told.shown++; }).then((end) => { told.end = end; });
  const frame = document.body.lastElementChild;
  const say = async (name) => {
    for (const l of frame.listeners) if (l.type === name) l.run();
    await time.pass(0);
  };
  const brings = (page) => { frame.contentDocument = page && Object.assign(new Sheet('html'), { title: 'Le jardin', body: { dataset: page } }); };
  return { frame, told, say, brings };
}

test('it lies over the poster once it says so, keeps its keys, and stays over a reload until it leaves', async () => {
  const { frame, told, say, brings } = asked();
  assert.equal(frame.getAttribute('src'), '/screen?room=jardin');
  brings({ page: 'screen', build: 'one' });
  await say('here');
  assert.deepEqual([told.shown, frame.classList.contains('here'), document.activeElement === frame], [1, true, true]);
  await say('load');
  assert.equal(document.title, 'Le jardin');
  await time.pass(3600000);
  brings({ page: 'screen', build: 'two' });
  await say('load');
  assert.equal(told.end, null);
  await say('left');
  assert.deepEqual(told.end, { arrived: true, build: 'two' });
  assert.equal(frame.isConnected, false);
});

test('a house that does not answer, another page than the séance, and one that never comes: the poster goes on', async () => {
  for (const page of [null, { page: 'problem' }]) {
    const { frame, told, say, brings } = asked();
    brings(page);
    await say('load');
    assert.deepEqual(told, { shown: 0, end: { arrived: false, build: '' } });
    assert.equal(frame.isConnected, false);
  }
  const { frame, told } = asked();
  await time.pass(60000);
  assert.deepEqual([told.end && told.end.arrived, frame.isConnected], [false, false]);
});
