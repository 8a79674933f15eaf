// What the studio warns of, whom it may invite, who has answered an exercise, when the chime rings, when a key may act.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmsOf, changedDevices, listenersOf, Loneliness } from '../../static/js/core/alarms.js';
import { answersOf, leftOf, runs } from '../../static/js/core/exercise.js';
import { candidates, cautionOf } from '../../static/js/core/invites.js';
import { followers, phoneLight, whatRoomsSee } from '../../static/js/core/onair.js';
import { mistakeOf, sizeOf, titleOf } from '../../static/js/core/sheetfile.js';
import { mayAct } from '../../static/js/core/shortcuts.js';
import { behind, Threshold } from '../../static/js/core/threshold.js';

const fine = { onair: true, open: true, hearing: 'heard', black: false, stopped: { video: false, audio: false }, changed: [], alone: false };

test('nothing is warned of when all is well, and everything that is not is, the worst first', () => {
  assert.deepEqual(alarmsOf(fine), []);
  assert.deepEqual(alarmsOf({ ...fine, hearing: 'silent', black: true, alone: true, changed: ['camera'] }), ['mic-silent', 'black', 'nobody', 'changed-camera']);
});

test('a switch on the device is told from a microphone that hears nothing', () => {
  assert.deepEqual(alarmsOf({ ...fine, hearing: 'silent', black: true, stopped: { video: true, audio: true } }), ['mic-off', 'camera-off']);
});

test('before the air a silent microphone and an empty room are no alarm: the preparation speaks of them', () => {
  assert.deepEqual(alarmsOf({ ...fine, onair: false, hearing: 'silent', alone: true, black: true }), ['black']);
  assert.deepEqual(alarmsOf({ ...fine, open: false, hearing: 'silent', black: true, alone: true, changed: ['microphone'] }), []);
});

test('nobody listens only after some time on air without anybody', () => {
  const l = new Loneliness();
  assert.equal(l.judge(true, 0, 0), false);
  assert.equal(l.judge(true, 0, 12000), false);
  assert.equal(l.judge(true, 0, 12001), true);
  assert.equal(l.judge(true, 1, 13000), false);
  assert.equal(l.judge(true, 0, 18999), false, 'a page that is loaded again');
  assert.equal(l.judge(true, 0, 19001), true);
  assert.equal(l.judge(false, 0, 20000), false);
  assert.equal(l.judge(true, 0, 21000), false, 'the air has just returned');
});

test('who listens: screens and homes; a desk alone hears nothing', () => {
  assert.equal(listenersOf({ homes: 2 }, [{ desks: 1, screens: 0 }, { screens: 3 }]), 5);
  assert.equal(listenersOf(undefined, []), 0);
});

test('a device with another name than last time is told; names the browser hides are not', () => {
  const before = { camera: 'Caméra A', microphone: 'Micro A' };
  assert.deepEqual(changedDevices(before, { camera: 'Caméra B', microphone: 'Micro A' }), ['camera']);
  assert.deepEqual(changedDevices(before, { camera: '', microphone: '' }), []);
  assert.deepEqual(changedDevices({ camera: '', microphone: '' }, before), []);
});

const avion = { id: 'avion', name: 'Maison de quartier', town: 'Avion' };
const lille = { id: 'lille', name: 'Ateliers', town: 'Lille' };
const there = { avion: { desks: 1, screens: 1 }, lille: { desks: 1, path: 'tcp' } };

test('those who asked come first, the oldest before; then the rooms with an animator, by name, none twice', () => {
  const requests = [
    { id: 'r2', site: 'avion', siteName: 'Maison de quartier', from: 'site', at: '2026-03-03T10:02:00Z' },
    { id: 'r1', site: 'lille', from: 'home', at: '2026-03-03T10:01:00Z' },
  ];
  const list = candidates(requests, [avion, lille, { id: 'vide', name: 'Vide' }], (site) => there[site]);
  assert.deepEqual(list.map((c) => c.key), ['request/r1', 'request/r2', 'site/lille']);
  assert.deepEqual(list.map((c) => c.invite), [{ request: 'r1' }, { request: 'r2' }, { site: 'lille' }]);
  assert.deepEqual(list.map((c) => c.caution), ['', '', 'backup'], 'a home speaks for itself, not for the room it comes through');
});

test('a room that is far behind, on the backup connection or gone is told before it is invited', () => {
  for (const [entity, caution] of [[{ screens: 1, delay: 400, path: 'udp' }, ''], [{ screens: 1, path: 'tcp' }, 'backup'], [{ screens: 1, path: 'tcp', delay: 6000 }, 'late'], [{}, 'absent'], [undefined, 'absent']]) {
    assert.equal(cautionOf(entity), caution);
  }
});

test('an exercise: who is done, who wants more, who is there and says nothing', () => {
  const sites = [{ id: 'avion', name: 'B', report: 'done' }, { id: 'lille', name: 'A' }, { id: 'vide', name: 'C' }, { id: 'x', name: 'D', report: 'more' }];
  const { done, more, missing } = answersOf(sites, (site) => there[site]);
  assert.deepEqual([done, more, missing].map((list) => list.map((s) => s.name)), [['B'], ['D'], ['A']]);
  const exercise = { number: 1, instruction: '', startedAt: '', until: '2026-03-03T10:05:00Z' };
  assert.equal(leftOf(exercise, Date.parse('2026-03-03T10:06:00Z')), -60000);
  assert.deepEqual([runs(exercise), runs({ ...exercise, endedAt: '2026-03-03T10:05:00Z' }), runs(undefined)], [true, false, false]);
});

test('the chime rings once each time the share is reached, and never when it is off', () => {
  const sites = [{ id: 'avion', pace: 'slower' }, { id: 'lille', pace: 'stuck' }, { id: 'x', pace: 'slower' }, { id: 'y', pace: 'following' }, { id: 'z' }];
  assert.deepEqual(behind(sites, (id) => id !== 'x'), { slow: 2, share: 0.5 }, 'rooms that are gone do not count');
  assert.deepEqual(behind([], () => true), { slow: 0, share: 0 });
  const t = new Threshold();
  assert.deepEqual([0.1, 0.15, 0.5, 0.1, 0.2].map((share) => t.crossed(share, 0.15)), [false, true, false, false, true]);
  assert.equal(new Threshold().crossed(1, 0), false);
});

const key = (name, more) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, ...more });
const element = (tagName, type, role, isContentEditable = false) => ({ tagName, type, isContentEditable, getAttribute: (name) => (name === 'role' ? role || null : null) });

test('no key acts where something is typed or chosen, nor with another key held', () => {
  for (const field of [element('INPUT', 'text'), element('INPUT', 'search'), element('INPUT', ''), element('INPUT', 'radio'), element('INPUT', 'file'), element('TEXTAREA'), element('SELECT'), element('DIV', undefined, null, true)]) {
    assert.equal(mayAct(key('c'), field), false, `${field.tagName} ${field.type}`);
    assert.equal(mayAct(key('ArrowRight'), field), false);
  }
  for (const held of ['ctrlKey', 'metaKey', 'altKey', 'isComposing']) assert.equal(mayAct(key('c', { [held]: true }), null), false, held);
});

test('keys act on a button, a box to tick and the bare page; arrows not where they have a sense of their own', () => {
  for (const focused of [null, element('BODY'), element('BUTTON', 'submit'), element('INPUT', 'checkbox')]) {
    assert.equal(mayAct(key('c'), focused), true);
    assert.equal(mayAct(key('ArrowRight'), focused), true);
  }
  assert.equal(mayAct(key('c'), element('BUTTON', 'button', 'tab')), true);
  assert.equal(mayAct(key('ArrowRight'), element('BUTTON', 'button', 'tab')), false);
  assert.equal(mayAct(key('ArrowRight'), element('VIDEO')), false);
});

test('what rooms see, with hands and with the two slates', () => {
  const on = { state: 'on-air', sending: true, slides: false, lost: { video: false, audio: false } };
  for (const [at, sees] of [
    [{ ...on, hands: true }, 'hands'], [{ ...on, hands: true, lost: { video: true, audio: false } }, 'hands'], [{ ...on, hands: true, lost: { video: false, audio: true } }, 'no-sound'],
    [{ ...on, hands: true, slides: true, lost: { video: true, audio: false } }, 'slides'], [{ ...on, slides: true, lost: { video: true, audio: false } }, 'slides-alone'],
    [{ ...on, state: 'paused', slate: 'incident' }, 'incident'], [{ ...on, state: 'paused', slate: 'pause' }, 'pause'], [{ ...on, state: 'paused' }, 'pause'],
  ]) assert.equal(whatRoomsSee(at), sees);
});

test('the lamp on the phone says what the house says', () => {
  const fed = { up: ['voice'] };
  for (const [room, air, light] of [
    [undefined, undefined, 'off'], [{ state: 'scheduled' }, fed, 'off'], [{ state: 'on-air' }, fed, 'on'], [{ state: 'on-air' }, { up: [] }, 'cut'], [{ state: 'on-air' }, undefined, 'cut'],
    [{ state: 'paused' }, fed, 'pause'], [{ state: 'paused', slate: 'incident' }, fed, 'incident'], [{ state: 'ended' }, fed, 'off'],
  ]) assert.equal(phoneLight(room, air), light);
  assert.deepEqual(followers({ homes: 3 }, [{ desks: 1 }, { screens: 2 }, { desks: 0 }]), { sites: 2, screens: 2, homes: 3 });
});

test('a file the house would not take is found before it is sent', () => {
  for (const [type, size, wrong] of [['application/pdf', 10, ''], ['image/png', 10 * 1024 * 1024, ''], ['image/jpeg', 10 * 1024 * 1024 + 1, 'large'], ['image/gif', 10, 'type'], ['', 10, 'type'], ['application/pdf', 0, 'empty']]) {
    assert.equal(mistakeOf({ type, size }), wrong, `${type} ${size}`);
  }
  assert.equal(titleOf('fiche_recette-v2.pdf'), 'fiche recette v2');
  assert.equal(titleOf('.pdf'), '.pdf');
  assert.equal(Array.from(titleOf('é'.repeat(300) + '.png')).length, 120);
  assert.deepEqual([sizeOf(10), sizeOf(999999), sizeOf(1240000)], [{ n: 1, unit: 'kb' }, { n: 1000, unit: 'kb' }, { n: 1.2, unit: 'mb' }]);
});
