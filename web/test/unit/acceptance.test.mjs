// Taking up an invitation: an answer that is lost on the way costs nothing, and one that comes is worth what this tab made alone.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Shelf, Time, settle } from './dom.mjs';

const time = new Time().install();
const { Acceptance } = await import('../../static/js/core/acceptance.js');

const GRANT = '0d6f8a36-7d0c-4b77-b1d9-1f2a6a1c7e02';
const ACCEPTED = { url: '/guest/cuisine' };
let sent, answers, entities, lost;

const classroom = { get: (key) => entities[key], all: () => [], now: () => time.now };
const desk = (who = { token: 't' }) => new Acceptance(classroom, { room: 'cuisine', lang: 'fr', ...who });
const invited = (stage = 'invited', seconds = 120) => ({
  you: { role: 'animator', site: 'lens' },
  floor: { grant: GRANT, stage, from: 'site', site: 'lens', since: new Date(time.now).toISOString(), until: new Date(time.now + seconds * 1000).toISOString() },
});
const drop = () => Promise.reject(new TypeError('Failed to fetch'));
const say = (status, body) => () => Promise.resolve({ ok: status < 300, status, json: async () => body });
const secrets = () => sent.map(({ body }) => body.secret);

/** The house, as it answers one after the other; the last for all that follow. */
function house(...list) {
  answers = list;
}

beforeEach(() => {
  time.install();
  globalThis.window.sessionStorage = new Shelf();
  globalThis.fetch = (url, how) => {
    sent.push({ url, headers: how.headers, body: JSON.parse(how.body) });
    return (answers.length > 1 ? answers.shift() : answers[0])();
  };
  [sent, lost, entities] = [[], 0, invited()];
  house(say(201, ACCEPTED));
});

/** Whatever comes of it, without waiting for it. */
function taking(acceptance) {
  const outcome = { href: '', error: null };
  acceptance.accept(GRANT, () => { lost += 1; }).then((href) => { outcome.href = href; }, (error) => { outcome.error = error; });
  return outcome;
}

test('the tab makes the secret, keeps it before it asks, and goes on with it', async () => {
  const acceptance = desk();
  house(() => {
    assert.equal(window.sessionStorage.getItem('antenne.accept.cuisine'), GRANT + ' ' + sent[0].body.secret, 'kept before it is said');
    return say(201, ACCEPTED)();
  });
  assert.ok(!acceptance.began(GRANT));
  const href = await acceptance.accept(GRANT, assert.fail);
  const { secret } = sent[0].body;
  assert.match(secret, /^[A-Za-z0-9_-]{22}$/, '128 bits');
  assert.equal(href, '/guest/cuisine#' + secret);
  assert.deepEqual([sent[0].url, sent[0].body.grant, sent[0].headers.Authorization], ['/floor/cuisine', GRANT, 'Bearer t']);
  assert.ok(acceptance.began(GRANT) && !acceptance.began('') && !acceptance.began('another'));
});

test('from home, by the secret of the browser, which no address holds', async () => {
  await desk({ device: 'd-1' }).accept(GRANT, assert.fail);
  assert.deepEqual([sent[0].url, sent[0].headers['Antenne-Device'], sent[0].headers.Authorization], ['/floor/cuisine', 'd-1', undefined]);
});

test('the answer is lost: the same is said again, by itself, and said to be so once', async () => {
  house(drop, say(502, null), drop, say(201, ACCEPTED));
  const outcome = taking(desk());
  await time.pass(5000);
  assert.equal(sent.length, 4);
  assert.equal(new Set(secrets()).size, 1, 'one secret');
  assert.deepEqual([outcome.href, outcome.error, lost], ['/guest/cuisine#' + secrets()[0], null, 1]);
});

test('also once the house has said that it was accepted; a tap meanwhile asks nothing more', async () => {
  house(drop, drop, drop, drop, say(201, ACCEPTED));
  const acceptance = desk();
  const outcome = taking(acceptance);
  await settle();
  entities = invited('accepted', 60);
  assert.equal(await acceptance.accept(GRANT, assert.fail), '');
  await time.pass(8000);
  assert.equal(outcome.href, '/guest/cuisine#' + secrets()[0]);
  assert.equal(sent.length, 5);
});

test('a reload in between: the next tap says the same', async () => {
  house(() => new Promise(() => {})); // the page is gone before anything comes
  taking(desk());
  await settle();
  const again = desk();
  assert.ok(again.began(GRANT));
  house(say(201, ACCEPTED));
  assert.equal(await again.accept(GRANT, assert.fail), '/guest/cuisine#' + secrets()[0]);
  assert.equal(new Set(secrets()).size, 1);
});

test('a browser that keeps nothing still says the same, as long as the page lives', async () => {
  window.sessionStorage.full = true;
  house(drop, say(201, ACCEPTED));
  const outcome = taking(desk());
  await time.pass(2000);
  assert.equal(outcome.href, '/guest/cuisine#' + secrets()[0]);
  assert.equal(new Set(secrets()).size, 1);
});

test('it ends with the invitation: by its time, by the house, or by a refusal', async () => {
  house(drop);
  let outcome = taking(desk());
  await time.pass(119000);
  assert.equal(outcome.error, null);
  await time.pass(4000);
  assert.equal(outcome.error.code, 'connection-lost', 'its time is over');

  entities = invited();
  outcome = taking(desk());
  await settle();
  entities = { you: entities.you, 'floor-ended': { grant: GRANT, why: 'withdrawn' } };
  await time.pass(4000);
  assert.equal(outcome.error.code, 'connection-lost', 'the house took it back');

  entities = invited();
  house(say(409, { code: 'grant-used', text: 'Déjà.' }));
  const before = sent.length;
  outcome = taking(desk());
  await time.pass(10000);
  assert.equal(outcome.error.code, 'grant-used');
  assert.equal(sent.length, before + 1, 'what is refused is not asked again');
});

test('another invitation has another secret', async () => {
  const acceptance = desk();
  await acceptance.accept(GRANT, assert.fail);
  const next = GRANT.replace('7e02', '7e03');
  entities.floor.grant = next;
  await acceptance.accept(next, assert.fail);
  assert.notEqual(secrets()[0], secrets()[1]);
  assert.ok(acceptance.began(next) && !acceptance.began(GRANT));
});

test('how long it still waits', async () => {
  const acceptance = desk();
  assert.equal(acceptance.left(), 120);
  await time.pass(30500);
  assert.equal(acceptance.left(), 90);
  await time.pass(200000);
  assert.equal(acceptance.left(), 0);
  entities = invited('backstage');
  assert.equal(acceptance.left(), null);
  entities = { you: { role: 'animator', site: 'douai' }, floor: invited().floor };
  assert.equal(acceptance.left(), null, 'of another room');
});
