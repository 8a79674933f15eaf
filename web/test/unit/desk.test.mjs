// What « Ma salle » says of an announcement, of a question that cannot leave, and of a floor whose microphone was left.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Time } from './dom.mjs';
import { Sheet, install } from './sheet.mjs';

const time = new Time().install();
const WORDS = {
  'desk.announce.mediator': 'Du studio', 'desk.announce.moderator': 'De la régie', 'desk.ask.sent': 'Parti.', 'desk.ask.kept': 'Gardée.',
  'desk.floor.is.invited': 'Invités', 'desk.floor.is.on-air': 'À l’antenne', 'desk.floor.is.backstage': 'En coulisses',
  'desk.floor.text.invited': 'D’abord en coulisses.', 'desk.floor.text.on-air': 'Toutes vous entendent.', 'desk.floor.text.backstage': 'Le studio vous entend.',
  'desk.floor.text.shut': 'Fermé.', 'desk.floor.text.shut.return': 'Fermé, revenez ou rendez.', 'desk.floor.text.shut.return.backstage': 'Fermé, revenez ou renoncez.',
};
install(WORDS);
const { Announcement } = await import('../../static/js/ui/desk-announce.js');
const { AskForm } = await import('../../static/js/ui/desk-ask.js');
const { FloorCard } = await import('../../static/js/ui/desk-floor.js');
const { fatePicto, writeFate } = await import('../../static/js/ui/fate-picto.js');

let page;

/** An element of the page, at the top of it unless told. */
function element(id) {
  if (!page[id]) page[id] = Object.assign(new Sheet(), { getBoundingClientRect: () => ({ top: page[id].top || 0, bottom: (page[id].top || 0) + 60 }) });
  return page[id];
}

beforeEach(() => {
  page = {};
  window.sessionStorage.items.clear();
  window.innerHeight = 740;
  document.getElementById = element;
  document.createElementNS = (space, name) => new Sheet(name);
});

function house(entities) {
  return { up: true, get: (key) => entities[key], all: () => [], now: () => Date.parse('2026-03-01T10:00:30Z'), do: async () => 1 };
}

const text = (id) => element(id).textContent;

test('an announcement says who speaks', () => {
  for (const [role, words] of [['mediator', 'Du studio'], ['moderator', 'De la régie']]) {
    page = {};
    new Announcement(house({ announcement: { number: 1, text: 'La pause', by: { role, name: 'Karim' } } })).render();
    assert.deepEqual([text('announcement-from'), text('announcement-text')], [words, 'La pause']);
  }
});

test('a question that cannot leave is not said to have left', async () => {
  const classroom = house({});
  const put = [];
  const form = new AskForm(classroom, { put: (...letter) => put.push(letter) }, 'r');
  for (const [up, words] of [[true, 'Parti.'], [false, 'Gardée.']]) {
    classroom.up = up;
    form.field.value = 'Combien ?';
    element('ask').listeners.find((l) => l.type === 'submit').run({ preventDefault: () => undefined });
    await time.pass(100);
    assert.equal(text('ask-said'), words);
  }
  assert.equal(put.length, 2);
});

const you = { role: 'animator', site: 'fives' };

function floor(stage, connected) {
  return { grant: 'g1', stage, site: 'fives', from: 'site', connected, since: '2026-03-01T10:00:00Z' };
}

test('on air with its microphone left behind, a room is not told that everybody hears it', () => {
  const entities = { you, room: { state: 'on-air' }, floor: floor('on-air', true) };
  const card = new FloorCard(house(entities), 'token', {});
  card.render();
  const buttons = element('floor-acts').nodes.slice();
  assert.equal(text('floor-text'), 'Toutes vous entendent.');
  entities.floor = floor('on-air', false);
  card.render();
  assert.equal(text('floor-text'), 'Fermé.');
  assert.deepEqual(element('floor-acts').nodes, buttons, 'a button was made again under a finger');
  entities.floor = floor('on-air', true);
  card.render();
  assert.equal(text('floor-text'), 'Toutes vous entendent.');
});

test('the device that has left its microphone is told how to go on', () => {
  for (const [stage, words] of [['on-air', 'Fermé, revenez ou rendez.'], ['backstage', 'Fermé, revenez ou renoncez.']]) {
    page = {};
    const card = new FloorCard(house({ you, room: { state: 'on-air' }, floor: floor(stage, false) }), 'token', {});
    card.acceptance.began = () => true;
    card.render();
    assert.equal(text('floor-text'), words);
  }
});

test('invited, the bar leads to the answer, and a line over the page says so while the answer is out of sight', async () => {
  const entities = { you, room: { state: 'on-air' } };
  const card = new FloorCard(house(entities), 'token', {});
  card.render();
  assert.deepEqual([element('bar-floor').getAttribute('href'), element('bar-floor').hidden, element('floor-call').hidden], ['#ask-floor', false, true]);
  entities.floor = floor('invited', false);
  element('floor').top = -900;
  card.render();
  assert.deepEqual([element('bar-floor').getAttribute('href'), element('bar-floor').hidden, text('bar-floor-calls')], ['#floor', false, '1']);
  assert.equal(element('floor-call').hidden, false);
  for (const top of [300, -20]) {
    element('floor').top = top;
    await time.pass(1000);
    assert.equal(element('floor-call').hidden, true, 'it covers what it speaks of');
    element('floor').top = 900;
    await time.pass(1000);
    assert.equal(element('floor-call').hidden, false);
  }
  entities.floor = floor('on-air', true);
  card.render();
  assert.deepEqual([element('bar-floor').getAttribute('href'), element('bar-floor').hidden, text('bar-floor-calls')], ['#floor', false, '']);
});

test('each fate of a question has a drawing, and is written anew only when it changes', () => {
  for (const state of ['waiting', 'refused', 'asked', 'relayed', 'approved', 'on-air', 'answered', 'later', 'declined', 'merged', 'over']) assert.notEqual(fatePicto(state), 'question', state);
  const line = new Sheet('p');
  writeFate(line, 'send', 'Envoyée');
  const [drawing] = line.nodes;
  assert.equal(drawing.tagName, 'SVG');
  writeFate(line, 'send', 'Envoyée');
  assert.equal(line.nodes[0], drawing);
  writeFate(line, 'reply', 'Répondue');
  assert.deepEqual([line.textContent, line.nodes.length], ['Répondue', 2]);
  writeFate(line, 'reply', '');
  assert.equal(line.nodes.length, 0);
});
