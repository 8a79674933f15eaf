// A page from before an upgrade: offered at once, or said to wait for what a new page would end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Time } from './dom.mjs';
import { Sheet, install } from './sheet.mjs';

const time = new Time().install();
install({});
Object.assign(document.body.dataset, { room: 'cuisine', build: 'old' });
const main = new Sheet('main');
main.insertBefore = (node) => main.append(node);
document.createElementNS = (space, name) => new Sheet(name);
document.getElementById = (id) => (id === 'main' ? main : null);

const { offerUpgrade } = await import('../../static/js/ui/upgrade.js');

class Class {
  constructor() {
    this.build = '';
    this.heard = [];
  }

  on(name, act) { this.heard.push([name, act]); }

  serves(build) {
    this.build = build;
    for (const [name, act] of this.heard) if (name === 'build') act();
  }
}

/** What the bar says, and whether it offers. */
async function bar() {
  await time.pass(100);
  const [words, button] = main.lastElementChild.nodes;
  return { words: words.hidden ? '' : words.textContent, offers: !button.hidden };
}

test('said and offered once the house serves other pages, and not before', async () => {
  const house = new Class();
  offerUpgrade(house);
  house.serves('old');
  assert.deepEqual(await bar(), { words: '', offers: false });
  house.serves('new');
  assert.deepEqual(await bar(), { words: 'common.upgrade', offers: true });
});

test('while something would be lost by it, what it waits for is said, and nothing is offered; then it is', async () => {
  const house = new Class();
  let open = true;
  const look = offerUpgrade(house, { may: () => !open, later: 'once the camera is closed' });
  house.serves('new');
  assert.deepEqual(await bar(), { words: 'once the camera is closed', offers: false });
  open = false;
  look();
  assert.deepEqual(await bar(), { words: 'common.upgrade', offers: true });
});

test('where nobody is to be disturbed, nothing at all', async () => {
  const house = new Class();
  offerUpgrade(house, { may: () => false });
  house.serves('new');
  assert.deepEqual(await bar(), { words: '', offers: false });
});
