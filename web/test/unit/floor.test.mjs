// Where the floor stands for each page, and what may be pressed there.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ends, endWord, floorOf, isOurs, ownRequest, phaseOf, withoutMicrophone } from '../../static/js/core/floor.js';
import { learn } from '../../static/js/core/words.js';

const site = { role: 'animator', site: 'lens', link: 'a' };
const elsewhere = { role: 'animator', site: 'lille', link: 'b' };
const home = { role: 'viewer', site: 'lens' };
const guest = { role: 'guest', site: 'lens', link: 'g1' };
const mediator = { role: 'mediator', link: 'm' };
const wall = { role: 'screen', site: 'lens' };

const floor = (stage, more) => ({ grant: 'g1', stage, site: 'lens', from: 'site', connected: true, camera: false, ...more });
const fromHome = (stage, more) => floor(stage, { from: 'home', ...more });
const asSeen = (stage) => ({ stage, site: 'lens', from: 'site' }); // what everybody else is told: no grant
const acts = (f, you, request, shut, ended) => phaseOf(f, request, you, shut, ended).acts.join(' ');

test('a floor goes from the invitation to the air, and each page offers what it may', () => {
  const table = {
    invited: { site: 'accept refuse-invite', mediator: 'cancel-invite', phone: '', guest: '' },
    accepted: { site: 'cut', mediator: 'cut', phone: 'cut', guest: 'cut' },
    backstage: { site: 'cut', mediator: 'put-on-air cut', phone: 'cut', guest: 'cut guest-camera' },
    'on-air': { site: 'cut', mediator: 'put-backstage cut', phone: 'cut', guest: 'cut guest-camera' },
  };
  for (const [stage, wanted] of Object.entries(table)) {
    const offered = { site: acts(floor(stage), site), mediator: acts(floor(stage), mediator), phone: acts(floor(stage), { role: 'phone' }), guest: acts(floor(stage), guest) };
    assert.deepEqual(offered, wanted, stage);
    assert.equal(phaseOf(floor(stage), null, site).phase, stage);
    assert.equal(acts(floor(stage), { role: 'moderator' }), acts(floor(stage), mediator), 'the régie offers what the studio does');
    for (const role of ['coordinator', 'screen', 'post', 'captioner']) assert.equal(acts(floor(stage), { role, site: 'lens' }), '', `${role} offers nothing`);
  }
});

test('a guest whose media is not there yet cannot be put on air', () => {
  assert.equal(acts(floor('backstage', { connected: false }), mediator), 'cut');
});

test('a room asks for the floor while another one has it, and may take its word back', () => {
  assert.equal(acts(null, site), 'request-floor');
  assert.equal(acts(asSeen('on-air'), elsewhere), 'request-floor');
  const request = { id: 'r', site: 'lille', from: 'site' };
  const waiting = phaseOf(null, request, elsewhere);
  assert.deepEqual([waiting.phase, waiting.acts.join(), waiting.request], ['requested', 'cancel-request', request]);
  assert.equal(acts(asSeen('on-air'), elsewhere, request), 'cancel-request');
});

test('one home is invited; the room it came through, and other homes, are not', () => {
  assert.equal(acts(fromHome('invited'), home), 'accept refuse-invite');
  assert.equal(phaseOf(fromHome('invited'), null, site).ours, false, 'its centre sees nothing to accept');
  assert.equal(acts(fromHome('invited'), site), 'request-floor');
  assert.equal(phaseOf({ stage: 'on-air', from: 'home', site: 'lens' }, null, home).ours, false, 'a home that is told no grant');
});

test('only what is of this room is ours', () => {
  assert.equal(isOurs(floor('on-air'), wall), true);
  assert.equal(isOurs(asSeen('on-air'), wall), true);
  assert.equal(isOurs(fromHome('on-air'), wall), false, 'a family on air does not silence the room it came through');
  assert.equal(isOurs(floor('on-air'), { role: 'screen', site: 'lille' }), false);
  assert.equal(isOurs(floor('on-air', { site: undefined }), { role: 'screen' }), false, 'two rooms without a name are not the same');
  assert.equal(isOurs(floor('on-air', { grant: 'g2' }), guest), false, 'an older guest page');
  assert.equal(isOurs(undefined, guest), false);
  assert.equal(isOurs(floor('on-air'), undefined), false);
});

test('a cut at the gates ends the floor on every page, whatever the log says', () => {
  const shut = { grant: 'g1' };
  for (const you of [site, mediator, guest, wall, home]) {
    const at = phaseOf(floor('on-air'), null, you, shut);
    assert.deepEqual([at.phase, at.why, at.floor], ['ended', 'cut', null], you.role);
  }
  assert.equal(phaseOf(asSeen('on-air'), null, elsewhere, shut).phase, 'ended', 'also where no grant is told');
  assert.equal(phaseOf(floor('on-air', { grant: 'g2' }), null, mediator, shut).phase, 'on-air', 'the next guest is not the one who was cut');
  assert.equal(acts(floor('on-air'), mediator, null, shut), 'invite');
});

test('after an end the page can say why, until something else happens', () => {
  const ended = { grant: 'g1', why: 'absent', at: '2026-11-22T10:00:00Z' };
  const at = phaseOf(null, null, site, null, ended);
  assert.deepEqual([at.phase, at.why, at.grant, at.acts.join(), at.ours], ['ended', 'absent', 'g1', 'request-floor', true]);
  assert.equal(phaseOf(null, { id: 'r' }, site, null, ended).phase, 'requested', 'a new request goes before an old end');
  assert.equal(phaseOf(floor('invited', { grant: 'g2' }), null, site, null, ended).phase, 'invited');
  assert.equal(phaseOf(null, null, mediator, null, ended).ours, false);
});

test('an end is told with whose side did it, from the gates as from the log, in words where the page has some', () => {
  const by = (shut, ended) => { const at = phaseOf(floor('on-air'), null, guest, shut, ended); return [at.phase, at.why, at.by]; };
  assert.deepEqual(by({ grant: 'g1', why: 'absent', by: 'house' }), ['ended', 'absent', 'house'], 'a cut of the house is no « coupé »');
  assert.deepEqual(by({ grant: 'g1', why: 'cut', by: 'moderator' }), ['ended', 'cut', 'moderator']);
  assert.deepEqual(by({ grant: 'g1' }), ['ended', 'cut', '']);
  assert.deepEqual(by(null), ['on-air', '', '']);
  assert.equal(phaseOf(null, null, site, null, { grant: 'g1', why: 'cut', by: 'mediator' }).by, 'mediator');
  learn({ 'x.cut': '', 'x.cut.mediator': '', 'x.absent': '' }, 'fr');
  assert.equal(endWord('x.', { why: 'cut', by: 'mediator' }), 'x.cut.mediator');
  assert.equal(endWord('x.', { why: 'cut', by: 'moderator' }), 'x.cut');
  assert.equal(endWord('x.', { why: 'absent', by: '' }), 'x.absent');
});

test('each end is news once, and none that was there before the page', () => {
  const ends = new Ends();
  const at = (known, ended) => ends.news({ known, get: () => ended });
  const first = { grant: 'g1', why: 'cut' };
  assert.equal(at(false, first), null, 'the class has said nothing yet');
  assert.equal(at(true, first), null);
  assert.equal(at(true, undefined), null);
  const second = { grant: 'g2', why: 'absent' };
  assert.equal(at(true, second), second);
  assert.equal(at(true, second), null);
});

test('a stage that this page does not know yet is no stage', () => {
  assert.equal(phaseOf(floor('somersault'), null, site).phase, 'none');
});

test('a page finds its own request among all it is told', () => {
  const lens = { id: '1', site: 'lens', from: 'site' };
  const family = { id: '2', site: 'lens', from: 'home' };
  assert.equal(ownRequest([family, lens], site), lens);
  assert.equal(ownRequest([family, lens], mediator), null);
  const mine = { id: '3', from: 'home', mine: true };
  assert.equal(ownRequest([family, mine], home), mine);
  const store = new Map([['you', site], ['request/1', lens]]);
  const classroom = { get: (key) => store.get(key), all: (prefix) => [...store].filter(([k]) => k.startsWith(prefix)).map(([, v]) => v) };
  assert.equal(floorOf(classroom).phase, 'requested');
});

test('who has the floor and no microphone there is told so, and nobody else', () => {
  const floor = { connected: false };
  for (const [standing, without] of [
    [{ ours: true, phase: 'on-air', floor }, true], [{ ours: true, phase: 'backstage', floor }, true],
    [{ ours: true, phase: 'on-air', floor: { connected: true } }, false], [{ ours: true, phase: 'accepted', floor }, false],
    [{ ours: false, phase: 'on-air', floor }, false], [{ ours: true, phase: 'on-air', floor: null }, false],
  ]) assert.equal(withoutMicrophone(standing), without);
});
