// When a screen that keeps its place goes from one séance to another of the same place.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Time, settle } from './dom.mjs';
import { Sheet, install } from './sheet.mjs';

const time = new Time().install();
install({});
Object.assign(document.body.dataset, { room: 'cuisine', lang: 'fr' });
document.getElementById = () => new Sheet('p');
window.localStorage.setItem('antenne.paired.screen', 'a-token-of-a-screen');

let view;
globalThis.fetch = async () => ({ ok: true, status: 200, json: async () => view });
const gone = [];
Object.assign(window.location, { replace: (to) => gone.push(to) });

const { WayBack } = await import('../../static/js/ui/screen-return.js');

/** @returns {Promise<boolean>} whether a screen in a séance of one state leaves for one of another */
async function leaves(here, other, open = true) {
  gone.length = 0;
  view = { open, room: { id: 'jardin', state: other } };
  const classroom = { get: () => here && { state: here, endedAt: new Date(0).toISOString() }, now: () => 0 };
  await new WayBack(classroom, 'a-token-of-a-screen').look();
  await settle();
  return gone.length > 0;
}

test('a séance that goes on is not left for the next one’s doors', async () => {
  assert.equal(await leaves('on-air', 'on-air'), false);
  assert.equal(await leaves('paused', 'doors-open'), false);
  assert.equal(await leaves('paused', 'paused'), false);
});

test('one that stands still is left once the other is on air; one that has not begun, or is over, as soon as the other is open', async () => {
  assert.equal(await leaves('paused', 'on-air'), true);
  for (const here of ['scheduled', 'doors-open', 'ended', null]) assert.equal(await leaves(here, 'doors-open'), true, String(here));
  assert.equal(await leaves('ended', 'scheduled', false), false);
});

test('only a screen that keeps its place looks for another séance', async () => {
  await time.pass(0);
  assert.equal(new WayBack({ get: () => null, now: () => 0 }, 'a-link-of-one-seance').paired, false);
});
