// « Je suis perdu·e »: what the post says of a press, and of a press that did not arrive.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Time, settle } from './dom.mjs';
import { Sheet, install } from './sheet.mjs';

const time = new Time().install();
install({ 'post.lost.coming': 'On arrive.', 'post.lost.told': 'C’est dit.', 'post.lost.sending': 'Un instant…', 'common.not-done': 'Pas passé.', 'common.failed': 'Pas marché.' });
const sheets = new Map();
const known = document.getElementById;
document.getElementById = (id) => known(id) || sheets.get(id);

const { PostLost } = await import('../../static/js/ui/post-lost.js');

beforeEach(() => {
  for (const id of ['lost', 'lost-word', 'lost-said', 'lost-error']) sheets.set(id, new Sheet('p'));
  const box = new Sheet('section');
  box.classList.toggle = () => false;
  sheets.get('lost').querySelector = () => null;
  sheets.set('lost-box', box);
  sheets.get('lost-error').hidden = true;
});

function post() {
  const asked = [];
  const kept = { you: { lost: false } };
  const on = {};
  const classroom = { get: (key) => kept[key], on: (name, run) => { on[name] = run; }, now: () => time.now, do: (command) => new Promise((resolve, reject) => asked.push({ command, resolve, reject })) };
  const lost = new PostLost(classroom);
  lost.paint();
  return { lost, asked, kept, on };
}

const text = (id) => sheets.get(id).textContent;

test('a press that was refused says why, and goes on saying so whatever the class tells meanwhile', async () => {
  const { lost, asked } = post();
  sheets.get('lost').tap();
  assert.equal(text('lost-said'), 'Un instant…');
  asked[0].reject(Object.assign(new Error('no'), { code: 'link-role', text: 'Ce poste ne le peut pas.' }));
  await time.pass(500);
  assert.deepEqual([text('lost-said'), text('lost-error')], ['', 'Ce poste ne le peut pas.']);
  lost.paint();
  await time.pass(500);
  assert.equal(text('lost-error'), 'Ce poste ne le peut pas.');
  assert.equal(sheets.get('lost-error').hidden, false);
});

test('the next press wipes the complaint away', async () => {
  const { asked, kept } = post();
  sheets.get('lost').tap();
  asked[0].reject(Object.assign(new Error('no'), { code: 'link-role', text: 'Non.' }));
  await time.pass(500);
  sheets.get('lost').tap();
  kept.you = { lost: true };
  asked[1].resolve(7);
  await settle();
  assert.deepEqual([text('lost-error'), text('lost-said')], ['', 'C’est dit.']);
  assert.deepEqual(asked.map(({ command }) => command.lost), ['yes', 'yes']);
});

test('that somebody comes is said once the animator said so, and for a moment', async () => {
  const { lost, kept } = post();
  kept.you = { lost: true };
  lost.paint();
  assert.equal(text('lost-said'), 'C’est dit.');
  kept.you = { lost: false, helpedAt: new Date(time.now).toISOString() };
  lost.paint();
  assert.equal(text('lost-said'), 'On arrive.');
  await time.pass(29000);
  assert.equal(text('lost-said'), 'On arrive.');
  await time.pass(2000);
  assert.equal(text('lost-said'), '');
});

test('a press that was lost with the line is complained of until the line is back', async () => {
  const { asked, on } = post();
  sheets.get('lost').tap();
  asked[0].reject(Object.assign(new Error('no'), { code: 'connection-lost', text: '' }));
  await time.pass(500);
  assert.equal(text('lost-error'), 'Pas passé.');
  on.up();
  await time.pass(500);
  assert.equal(text('lost-error'), '');
});
