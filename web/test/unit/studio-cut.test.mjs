// « Couper », in the studio and on the phone: one press, done here at once, asked of the house until it is done.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { beforeEach, test } from 'node:test';
import { Time, settle } from './dom.mjs';
import { Sheet, install } from './sheet.mjs';

new Time().install();
install({ 'studio.guest.ended.cut': 'Coupé.', 'phone.cut.done': 'Coupé.', 'phone.guest.ended.cut.moderator': 'La régie a coupé.', 'phone.guest.ended.absent': 'Tombée.', 'studio.guest.ended.withdrawn': 'Annulée.', 'studio.keys.cut.none': 'Personne.', 'question.place.none': 'Sans salle' });
const { Emitter } = await import('../../static/js/core/emitter.js');
const { Guest } = await import('../../static/js/ui/studio-guest.js');
const { PhoneGuest } = await import('../../static/js/ui/phone-guest.js');

class House extends Emitter {
  constructor(role) {
    super();
    this.entities = { you: { role }, floor: { grant: 'g1', stage: 'on-air', siteName: 'Avion', from: 'site', connected: true, camera: true } };
    this.asked = [];
    this.answers = [];
  }

  get(key) { return this.entities[key]; }

  all() { return []; }

  do(command) {
    this.asked.push(command.name + ' ' + command.grant);
    return new Promise((resolve, reject) => this.answers.push({ resolve, reject }));
  }
}

let page;
let house;
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

/** The studio beside a guest on air. */
function studio() {
  house = new House('mediator');
  const backstage = Object.assign(new Emitter(), { follow: () => { backstage.open = true; }, close: () => { backstage.open = false; } });
  const guest = new Guest(house, backstage, news);
  guest.render();
  return { guest, backstage };
}

test('one press: nobody is asked whether it is sure, and nothing of the guest is left on the page', async () => {
  const { guest, backstage } = studio();
  assert.deepEqual([element('guest').hidden, backstage.open], [false, true]);
  guest.cut();
  guest.render();
  assert.deepEqual([element('guest').hidden, backstage.open, house.asked], [true, false, ['cut g1']]);
  assert.deepEqual(said, ['Coupé.']);
  house.answers[0].resolve(4);
  await settle();
  guest.cut();
  assert.deepEqual([house.asked, said[1]], [['cut g1'], 'Personne.'], 'a second press cuts nobody');
});

test('a line that is cut at that moment: asked again when it is back, and only then', async () => {
  const { guest } = studio();
  guest.cut();
  house.answers[0].reject({ code: 'connection-lost' });
  await settle();
  house.emit('up');
  assert.deepEqual(house.asked, ['cut g1', 'cut g1']);
  house.answers[1].resolve(5);
  await settle();
  house.emit('up');
  assert.equal(house.asked.length, 2);
});

test('the house that would not: the guest is seen again, and why', async () => {
  const { guest } = studio();
  guest.on('change', () => guest.render());
  guest.cut();
  house.answers[0].reject({ code: 'not-allowed', text: 'Non.' });
  await settle();
  assert.deepEqual([element('guest').hidden, said], [false, ['Coupé.', 'not-allowed']]);
});

test('an invitation is withdrawn; accepted in that very moment, it is cut', async () => {
  const { guest } = studio();
  house.entities.floor = { grant: 'g2', stage: 'invited', from: 'site' };
  guest.render();
  guest.cut();
  assert.deepEqual([house.asked, said], [['cancel-invite g2'], ['Annulée.']]);
  house.entities.floor.stage = 'accepted';
  house.answers[0].reject({ code: 'floor-stage', text: '' });
  await settle();
  assert.deepEqual(house.asked, ['cancel-invite g2', 'cut g2']);
});

test('the guest is silent until the mediator has said how they may be heard', () => {
  const { guest } = studio();
  const sound = element('guest-sound');
  guest.play();
  assert.equal(sound.muted, true);
  guest.listen('soft');
  assert.deepEqual([sound.muted, sound.volume < 0.5], [false, true]);
  guest.listen('headphones');
  assert.deepEqual([sound.muted, sound.volume], [false, 1]);
});

test('cut elsewhere: gone at once when the gates say so, before the log does', () => {
  const { guest, backstage } = studio();
  house.entities.shut = { grant: 'g1' };
  guest.render();
  assert.deepEqual([element('guest').hidden, backstage.open, house.asked], [true, false, []]);
});

test('the phone cuts as well, and asks again after a cut of its own line', async () => {
  house = new House('phone');
  const guest = new PhoneGuest(house, news);
  guest.render();
  assert.equal(element('guest').hidden, false);
  element('guest-cut').tap();
  assert.deepEqual([element('guest').hidden, house.asked], [true, ['cut g1']]);
  house.answers[0].reject({ code: 'connection-lost' });
  await settle();
  house.emit('up');
  house.answers[1].resolve(1);
  await settle();
  assert.equal(house.asked.length, 2);
});

test('on the phone what is done is asked no more, and « Coupé » is never said over the next guest', async () => {
  house = new House('phone');
  const guest = new PhoneGuest(house, news);
  guest.render();
  element('guest-cut').tap();
  house.answers[0].resolve(1);
  await settle();
  assert.deepEqual(said, ['Coupé.']);
  house.emit('up');
  guest.render();
  assert.deepEqual([house.asked, element('guest').hidden], [['cut g1'], true], 'asked once; the guest who was cut never shows again');
  house.entities.floor = { grant: 'g2', stage: 'on-air', from: 'site', connected: true };
  house.emit('up');
  guest.render();
  await settle();
  assert.deepEqual([house.asked, said, element('guest').hidden], [['cut g1'], ['Coupé.'], false]);
});

test('on the phone a press without the class is kept: no rule of the page stands before it', async () => {
  const html = await readFile(new URL('../../templates/phone.html', import.meta.url), 'utf8');
  assert.match(html, /<button [^>]*id="guest-cut"[^>]*>/);
  assert.doesNotMatch(html, /<button [^>]*id="guest-cut"[^>]*data-act/);
});

test('an end of before this page came is not told again; the next one is', () => {
  house = new House('mediator');
  house.known = true;
  house.entities['floor-ended'] = { grant: 'g0', why: 'refused' };
  house.entities.floor = undefined;
  const backstage = Object.assign(new Emitter(), { follow: () => undefined, close: () => undefined });
  const guest = new Guest(house, backstage, news);
  guest.render();
  assert.deepEqual(said, []);
  house.entities['floor-ended'] = { grant: 'g1', why: 'unanswered' };
  guest.render();
  assert.deepEqual(said, ['studio.guest.ended.unanswered']);
});

test('the phone tells an end by another hand, with whose it was, and none of its own', () => {
  house = new House('phone');
  house.known = true;
  const phone = new PhoneGuest(house, news);
  phone.render();
  phone.cut();
  const end = (grant, why, by) => {
    Object.assign(house.entities, { floor: undefined, 'floor-ended': { grant, why, by } });
    phone.render();
  };
  end('g1', 'cut', 'mediator');
  assert.deepEqual(said, [], 'its own hand');
  end('g2', 'cut', 'moderator');
  end('g3', 'unanswered', 'house');
  end('g4', 'absent', 'house');
  assert.deepEqual(said, ['La régie a coupé.', 'Tombée.'], 'where it has words');
});
