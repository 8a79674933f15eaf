// A drawing beside its word: the fates of questions, and what may be done with them.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Time } from './dom.mjs';
import { Sheet, install } from './sheet.mjs';

new Time().install();
install({ 'question.over': 'Finie', 'question.asked': 'Envoyée', 'question.answered': 'Répondue',
  'live.ask.rewrite': 'Corriger', 'live.ask.forget': 'Oublier', 'live.ask.withdraw': 'Retirer' });
document.createElementNS = (ns, name) => new Sheet(name);
const { Ask } = await import('../../static/js/ui/ask.js');
const { DRAWINGS } = await import('../../static/js/ui/control-trays.js');
const { fatePicto } = await import('../../static/js/ui/fate-picto.js');
const { fate, stateOf } = await import('../../static/js/ui/fate.js');

const file = (name) => readFile(new URL('../../' + name, import.meta.url), 'utf8');
const STATES = ['waiting', 'refused', 'asked', 'relayed', 'approved', 'on-air', 'answered', 'later', 'declined', 'merged'];
const nameOf = (svg) => svg.firstElementChild.getAttribute('href').split('#')[1];

test('every drawing that is named is in the sheet', async () => {
  const sheet = await file('static/img/picto.svg');
  for (const name of [...STATES.map(fatePicto), fatePicto('over'), ...Object.values(DRAWINGS)]) assert.ok(sheet.includes(`<symbol id="${name}"`), name);
});

test('the end comes before what still waits, and not before what is done', () => {
  for (const state of STATES) {
    assert.equal(stateOf({ state }), state);
    const waits = ['waiting', 'asked', 'relayed', 'approved'].includes(state);
    assert.equal(stateOf({ state }, true), waits ? 'over' : state, state);
  }
  assert.deepEqual([fate({ state: 'asked' }, true), fate({ state: 'answered' }, true)], ['Finie', 'Répondue']);
});

test('what an asker may do with a question carries a drawing and a word', () => {
  const ask = Object.create(Ask.prototype);
  for (const [state, drawings] of [['asked', ['decline']], ['refused', ['retry', 'decline']], ['answered', []]]) {
    const acts = ask.buttons({ id: 'q', state });
    assert.deepEqual(acts.map((button) => nameOf(button.firstElementChild)), drawings, state);
    assert.ok(acts.every((button) => button.textContent !== ''), state);
  }
});

test('what is pressed most has its drawing in the page already', async () => {
  for (const page of ['live', 'post']) assert.match(await file(`templates/${page}.html`), /<button type="submit"[^>]*>\{\{picto \$ "send"\}\}/, page);
  assert.match(await file('templates/phone.html'), /id="question-act" hidden>\{\{picto \. "on-air"\}\}<span id="question-act-word">/);
});
