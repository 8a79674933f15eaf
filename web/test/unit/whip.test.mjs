import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Time } from './dom.mjs';

const time = new Time().install();
const { Publisher } = await import('../../static/js/core/whip.js');

/** A peer that takes everything and stands when told to. */
class FakePeer {
  constructor() {
    peers.push(this);
    this.connectionState = 'new';
    this.senders = [];
  }

  addTransceiver(source) {
    const sender = { track: typeof source === 'string' ? null : source, kind: source.kind || source, transport: null };
    sender.replaceTrack = async (track) => { sender.track = track; };
    this.senders.push(sender);
    return { sender };
  }

  getSenders() { return this.senders; }
  async createOffer() { return { type: 'offer', sdp: 'offer' }; }
  async setLocalDescription() {}
  async setRemoteDescription() { await reads; }
  async getStats() {
    looks += 1;
    return [];
  }

  close() { this.connectionState = 'closed'; }
}

let reads; // how long a peer takes to read an answer: a promise
let looks;
const peers = [];
const knocks = [];
const heard = [];
let answer;
let publisher;

const refusal = (status, body, after) => async () => new Response(JSON.stringify(body), { status, headers: after ? { 'Retry-After': String(after) } : {} });
const full = refusal(503, { code: 'engine-full', text: 'Le serveur est plein.' }, 20);

beforeEach(() => {
  globalThis.RTCPeerConnection = FakePeer;
  globalThis.MediaStream = class {};
  window.location.href = 'http://house/studio/r';
  peers.length = knocks.length = heard.length = 0;
  reads = undefined;
  looks = 0;
  answer = full;
  globalThis.fetch = (url, how) => {
    if (how.method === 'POST') knocks.push(time.now);
    return how.method === 'POST' ? answer() : Promise.resolve(new Response(''));
  };
  publisher = new Publisher({ door: '/whip/r', token: 't' });
  for (const name of ['live', 'lost', 'refused', 'delayed']) publisher.on(name, (told) => heard.push([name, told && told.text]));
  publisher.start({ kind: 'audio' }, { kind: 'video' });
});

afterEach(() => publisher.stop());

test('a house without room is asked again when it said, and its words are given once each time', async () => {
  const began = time.now;
  await time.pass(1000);
  publisher.replace({ kind: 'video' }); // another camera is no reason to knock
  await time.pass(18500);
  assert.equal(knocks.length, 1, 'it asked for twenty seconds');
  assert.deepEqual(heard, [['delayed', 'Le serveur est plein.']]);
  assert.ok(publisher.delayed.until - began >= 20000 && publisher.delayed.until - began <= 23001, String(publisher.delayed.until - began));
  await time.pass(4000);
  assert.equal(knocks.length, 2);
  assert.equal(peers.filter((p) => p.connectionState !== 'closed').length, 0, 'no connection is left behind');
});

test('the words are taken back by an answer, by the end, and by a house that cannot be reached', async () => {
  await time.pass(100);
  answer = async () => new Response('answer', { status: 201, headers: { Location: '/whip/r/sessions/s1' } });
  await time.pass(24000);
  assert.deepEqual(heard, [['delayed', 'Le serveur est plein.'], ['delayed', null]]);
  assert.equal(publisher.session, 's1');
  answer = full;
  publisher.stop();
  publisher.start({ kind: 'audio' }, { kind: 'video' });
  await time.pass(100);
  assert.ok(publisher.delayed);
  publisher.stop();
  assert.equal(publisher.delayed, null);
  publisher.start({ kind: 'audio' }, { kind: 'video' });
  await time.pass(100);
  answer = async () => { throw new TypeError('no network'); };
  await time.pass(60000);
  assert.equal(publisher.delayed, null, 'nobody knows any more whether it is full');
  assert.ok(knocks.length > 10, 'what cannot be reached is asked at once');
});

test('no address holds the name of the browser', async () => {
  publisher.stop();
  const asked = [];
  globalThis.fetch = (url, how) => {
    asked.push([how.method, url, how.headers['Antenne-Device']]);
    return refusal(403, { code: 'door-forbidden', text: 'Non.' })();
  };
  publisher = new Publisher({ door: '/whip/r', token: 't', device: 'secret-1' });
  publisher.start({ kind: 'audio' }, { kind: 'video' });
  await time.pass(100);
  assert.deepEqual(asked, [['POST', '/whip/r', 'secret-1']]);
});

test('a refusal for good stays one', async () => {
  answer = refusal(403, { code: 'source-fast', text: 'Trop de débit.' });
  await time.pass(24000);
  assert.deepEqual(heard.slice(-2), [['delayed', null], ['refused', 'Trop de débit.']]);
  const asked = knocks.length;
  await time.pass(60000);
  assert.equal(knocks.length, asked);
});

test('a line that is stopped while an answer is read leaves no clock running', async () => {
  publisher.stop();
  let read;
  reads = new Promise((done) => { read = done; });
  answer = async () => new Response('answer', { status: 201, headers: { Location: '/whip/r/sessions/s1' } });
  publisher.start({ kind: 'audio' }, { kind: 'video' });
  await time.pass(100);
  publisher.stop();
  read();
  await time.pass(20000);
  assert.equal(looks, 0);
  publisher.start({ kind: 'audio' }, { kind: 'video' });
  await time.pass(5000);
  assert.ok(looks >= 2, 'a line that stands is looked after');
});

test('a line for a picture that comes later stands from the first offer, and takes it without a new session', async () => {
  publisher.stop();
  answer = async () => new Response('answer', { status: 201, headers: { Location: '/whip/r/guest/sessions/s1' } });
  publisher = new Publisher({ door: '/whip/r/guest', token: 't', later: true });
  publisher.start({ kind: 'audio' }, null);
  await time.pass(100);
  const peer = peers[peers.length - 1];
  const offers = knocks.length;
  assert.deepEqual(peer.senders.map((s) => [s.kind, Boolean(s.track)]), [['audio', true], ['video', false]]);
  const camera = { kind: 'video' };
  await publisher.show(camera);
  assert.equal(peer.senders[1].track, camera);
  await publisher.show(null);
  assert.equal(peer.senders[1].track, null);
  assert.equal(knocks.length, offers, 'nothing was offered again');
  await publisher.show(camera);
  publisher.publish();
  await time.pass(100);
  const after = peers[peers.length - 1];
  assert.equal(after.senders[1].track, camera, 'a new session takes the picture along');
  await publisher.show(null);
  assert.deepEqual([after.senders[1].track, peer.senders[1].track], [null, camera], 'and leaves the old one alone');
});

test('before the house has let us in, a picture waits for it', async () => {
  publisher.stop();
  publisher = new Publisher({ door: '/whip/r/guest', token: 't', later: true });
  publisher.start({ kind: 'audio' }, null);
  await time.pass(100);
  const camera = { kind: 'video' };
  await publisher.show(camera);
  answer = async () => new Response('answer', { status: 201, headers: { Location: '/whip/r/guest/sessions/s1' } });
  await time.pass(30000);
  assert.equal(peers[peers.length - 1].senders[1].track, camera);
});
