// « Remercier », in the studio: the floor ends by the same road as « Couper », in kinder words.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { beforeEach, test } from 'node:test';
import { Time, settle } from './dom.mjs';
import { Sheet, install } from './sheet.mjs';

new Time().install();
install({ 'studio.guest.thanked': 'Merci dit.', 'studio.guest.ended.cut': 'Coupé.' });
const { Emitter } = await import('../../static/js/core/emitter.js');
const { Guest } = await import('../../static/js/ui/studio-guest.js');

const SINCE = '2026-11-21T13:25:10.204Z';
let page;
let said;
const news = { tell: (text) => said.push(text), refusal: (error) => said.push(error.code) };

/** An element of a page; whatever a page has can be played. */
function element(id) {
  if (!page[id]) page[id] = Object.assign(new Sheet(), { style: {}, play: async () => undefined, muted: false, volume: 1, readyState: 0 });
  page[id].classList.toggle = () => undefined;
  return page[id];
}

beforeEach(() => {
  page = {};
  said = [];
  document.getElementById = element;
});

/** A house with one guest. @param {string} stage */
function houseWith(stage) {
  const house = Object.assign(new Emitter(), {
    entities: { you: { role: 'mediator' }, floor: { grant: 'g1', stage, since: SINCE, siteName: 'Avion', from: 'site', connected: true, camera: false } },
    asked: [],
    answers: [],
    get: (key) => house.entities[key],
    all: () => [],
    do: (command) => {
      house.asked.push(command);
      return new Promise((resolve, reject) => house.answers.push({ resolve, reject }));
    },
  });
  return house;
}

/** @param {any} house */
function studio(house) {
  const backstage = Object.assign(new Emitter(), { follow: () => { backstage.open = true; }, close: () => { backstage.open = false; } });
  const guest = new Guest(house, backstage, news);
  guest.on('change', () => guest.render());
  guest.render();
  return backstage;
}

test('who is thanked is off the air here at once, and the floor is over: nobody is left backstage', async () => {
  const house = houseWith('on-air');
  const backstage = studio(house);
  element('guest-thank').tap();
  assert.deepEqual([house.asked, said], [[{ name: 'cut', grant: 'g1' }], ['Merci dit.']]);
  assert.deepEqual([element('guest').hidden, backstage.open], [true, false]);
  house.answers[0].resolve(4);
  house.entities['floor-ended'] = { grant: 'g1', why: 'cut' };
  delete house.entities.floor;
  house.emit('change');
  await settle();
  assert.deepEqual(said, ['Merci dit.'], 'said once');
});

test('thanked while the line is down: asked again when it is back', async () => {
  const house = houseWith('on-air');
  studio(house);
  element('guest-thank').tap();
  house.answers[0].reject({ code: 'connection-lost' });
  await settle();
  house.emit('up');
  assert.deepEqual(house.asked.map(({ name }) => name), ['cut', 'cut']);
  const html = await readFile(new URL('../../templates/studio.html', import.meta.url), 'utf8');
  assert.match(html, /<button [^>]*id="guest-thank"[^>]*>/);
  assert.doesNotMatch(html, /<button [^>]*id="guest-thank"[^>]*data-act/, 'no rule of the page stands before it');
});

test('« À l’antenne » says of which stage it was pressed', () => {
  const house = houseWith('backstage');
  studio(house);
  element('guest-onair').tap();
  assert.deepEqual(house.asked, [{ name: 'put-on-air', grant: 'g1', since: SINCE }]);
});
