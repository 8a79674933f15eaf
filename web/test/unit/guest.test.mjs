// The guest's page: which step a person is at, and when a microphone may open at all.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phaseOf } from '../../static/js/core/floor.js';
import { mayTalk, overBy, stepOf, wayBack } from '../../static/js/core/guest.js';

const you = { role: 'guest', site: 'lens', link: 'g1' };
const floor = (stage, more) => ({ grant: 'g1', stage, site: 'lens', from: 'site', connected: true, ...more });
const standing = (stage, more) => phaseOf(stage ? floor(stage, more) : null, null, you);
const seen = (stage, more) => ({ over: false, error: '', open: true, standing: standing(stage), room: { state: 'on-air' }, line: 'live', classUp: true, visible: true, ...more });

test('the steps follow what the person allowed, then what the studio decided', () => {
  assert.equal(stepOf(seen('on-air', { open: false })), 'consent', 'nothing goes on without a yes');
  assert.equal(stepOf(seen('accepted')), 'joining');
  assert.equal(stepOf(seen('backstage')), 'backstage');
  assert.equal(stepOf(seen('on-air')), 'on-air');
  assert.equal(stepOf(seen('on-air', { room: { state: 'paused' } })), 'paused');
  assert.equal(stepOf(seen('on-air', { error: 'refused' })), 'refused');
  assert.equal(stepOf(seen('on-air', { over: true, error: 'refused' })), 'ended');
  assert.equal(stepOf(seen('backstage', { room: { state: 'paused' } })), 'backstage', 'the studio hears in a pause as well');
});

test('a microphone may open only towards somebody, over a line that stands, under eyes', () => {
  assert.equal(mayTalk(seen('on-air')), true);
  assert.equal(mayTalk(seen('backstage')), true);
  for (const less of [{ line: 'lost' }, { line: 'joining' }, { classUp: false }, { visible: false }, { over: true }, { open: false }, { error: 'busy' }, { room: { state: 'paused' } }]) {
    assert.equal(mayTalk(seen('on-air', less)), false, JSON.stringify(less));
  }
  assert.equal(mayTalk(seen('accepted')), false);
});

test('the end is told with its reason, and is never guessed before the house has spoken', () => {
  assert.equal(overBy(standing(''), undefined), null);
  assert.equal(overBy(standing('backstage'), you), null);
  assert.equal(overBy(phaseOf(floor('on-air'), null, you, { grant: 'g1' }), you), 'cut');
  assert.equal(overBy(phaseOf(null, null, you, null, { grant: 'g1', why: 'absent' }), you), 'absent');
  assert.equal(overBy(phaseOf(floor('backstage', { grant: 'g2' }), null, you), you), '', 'somebody else has the floor now');
  assert.equal(overBy(standing(''), you), '');
});

test('the way back is the way they came', () => {
  assert.deepEqual(wayBack('crepes', floor('on-air'), you, true), { place: 'desk', href: '/desk/crepes' });
  assert.deepEqual(wayBack('crepes', floor('on-air', { from: 'home' }), you, false), { place: 'live', href: '/live/crepes?c=lens' });
  assert.deepEqual(wayBack('crepes', null, null, false), { place: 'live', href: '/live/crepes' });
  assert.deepEqual(wayBack('crepes', null, null, true), { place: 'desk', href: '/desk/crepes' }, 'refused before anything was told');
});
