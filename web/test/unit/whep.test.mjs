import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Time } from './dom.mjs';

const time = new Time().install();
const { Viewer } = await import('../../static/js/core/whep.js');
const { knock } = await import('../../static/js/core/doors.js');

/** A peer that stands, and receives what the test says. */
class FakePeer {
  constructor() {
    this.connectionState = 'connected';
    this.transceivers = [];
  }

  addTransceiver(kind) {
    const mid = String(this.transceivers.length);
    this.transceivers.push({ mid, receiver: { track: { id: 't' + mid, kind }, transport: null } });
  }

  getTransceivers() { return this.transceivers; }
  getReceivers() { return this.transceivers.map((t) => t.receiver); }
  async createOffer(how) { return { type: 'offer', sdp: how && how.iceRestart ? 'offer again' : 'offer' }; }
  async setLocalDescription(description) { said.push(description.type === 'rollback' ? 'rollback' : description.sdp); }
  async setRemoteDescription(description) {
    said.push(description.sdp);
    await reads;
  }

  async getStats() {
    if (flows) packets += 20;
    return [{ type: 'inbound-rtp', mid: '0', kind: 'audio', timestamp: time.now, packetsReceived: packets, bytesReceived: packets * 100 }];
  }

  close() { this.connectionState = 'closed'; }
}

let reads; // how long a peer takes to read an answer: a promise
let packets;
let flows;
let viewer;
let answer;
const answers = (status, body, type = 'application/json') => async () => new Response(body, { status, headers: { 'Content-Type': type, Location: '/whep/r/sessions/s1' } });
const refusals = [];
const said = []; // descriptions given to peers
const asked = []; // method and address of each request

beforeEach(() => {
  globalThis.RTCPeerConnection = FakePeer;
  window.location.href = 'http://house/live/r';
  reads = undefined;
  packets = 0;
  flows = false;
  answer = answers(201, 'answer', 'application/sdp');
  globalThis.fetch = (url, how) => {
    asked.push(how.method + ' ' + url);
    return answer(url, how);
  };
  said.length = asked.length = 0;
  refusals.length = 0;
  viewer = new Viewer({ room: 'r' });
  viewer.on('refused', (refusal) => refusals.push(refusal));
  viewer.start();
});

afterEach(() => viewer.stop());

test('a long pause is no silence: the audience keeps its sessions when the air returns', async () => {
  viewer.expect(true);
  flows = true;
  await time.pass(5000);
  viewer.expect(false);
  flows = false;
  await time.pass(120000);
  viewer.expect(true);
  let longest = 0;
  viewer.on('sample', (sample) => { longest = Math.max(longest, sample.silent); });
  await time.pass(1000);
  flows = true;
  await time.pass(5000);
  assert.equal(viewer.built, 1, viewer.reason);
  assert.ok(longest < 2000, `${longest} ms of silence after the air came back`);
});

test('no address holds the secret of the browser; as somebody else it makes a new session', async () => {
  viewer.stop();
  const knocks = [];
  answer = async (url, how) => {
    if (how.method === 'POST') knocks.push([url, how.headers['Antenne-Device'], how.headers.Authorization]);
    return answers(201, 'answer', 'application/sdp')();
  };
  viewer = new Viewer({ room: 'r', token: 't', device: 'secret-1' });
  viewer.rename('secret-2'); // nothing is open
  viewer.start();
  await time.pass(100);
  viewer.rename('secret-3');
  await time.pass(100);
  assert.deepEqual(knocks, [['/whep/r?slots=5', 'secret-2', 'Bearer t'], ['/whep/r?slots=5', 'secret-3', 'Bearer t']]);
  assert.ok(!asked.join().includes('secret'), asked.join());
});

test('a first picture is looked at when it comes, and the looks go on as before', async () => {
  flows = true;
  const looks = [];
  viewer.on('sample', () => looks.push(time.now - began));
  const began = time.now;
  await time.pass(200);
  viewer.glance();
  await time.pass(900);
  assert.deepEqual(looks.map((at) => Math.round(at / 50) * 50), [200, 700]);
  await time.pass(100 + 20);
  viewer.glance(); // what the browser said 20 ms ago it would say again
  await time.pass(30);
  assert.equal(looks.length, 3);
  await time.pass(30);
  assert.equal(looks.length, 4);
  viewer.stop();
  await time.pass(2000);
  assert.equal(looks.length, 4, 'nobody looks at what was stopped');
  viewer.glance();
  await time.pass(2000);
  assert.equal(looks.length, 4);
});

test('a silence that does not heal is mended by one new session', async () => {
  viewer.expect(true);
  flows = true;
  await time.pass(5000);
  flows = false;
  await time.pass(14000);
  assert.equal(viewer.built, 1);
  await time.pass(2500);
  assert.deepEqual([viewer.built, viewer.reason], [2, 'silent']);
});

test('says since when the session does not stand, and that it does again', async () => {
  let last;
  viewer.on('sample', (sample) => { last = sample; });
  await time.pass(2000);
  assert.deepEqual([last.connected, last.apart], [true, 0]);
  viewer.peer.connectionState = 'disconnected';
  await time.pass(26000);
  assert.ok(!last.connected && last.apart > 25000, JSON.stringify(last));
  viewer.peer.connectionState = 'connected';
  await time.pass(1000);
  assert.equal(last.apart, 0);
});

test('a portal that answers in the place of the house is asked again; the house is believed', async () => {
  await time.pass(100);
  viewer.stop();
  answer = answers(403, '<html>Connectez-vous au portail</html>', 'text/html');
  viewer.start();
  await time.pass(5000);
  assert.deepEqual(refusals, []);
  answer = answers(403, JSON.stringify({ code: 'link-revoked', text: 'Ce lien a été retiré.' }));
  await time.pass(3000);
  assert.deepEqual(refusals, [{ status: 403, code: 'link-revoked', text: 'Ce lien a été retiré.' }]);
});

test('which refusals of a door are for good', async () => {
  for (const [status, body, final] of [
    [403, '', false], [404, 'Not found', false], [403, '{"error":"blocked"}', false], [403, '{"code":7,"text":"x"}', false], [400, 'null', false],
    [404, '{"code":"room-unknown","text":"Nous ne trouvons pas cette séance."}', true],
    [410, '{"code":"room-ended","text":"Terminé."}', true],
    [429, '{"code":"address-full","text":"Trop de monde."}', false], [503, '{"code":"server-full","text":"Complet."}', false],
  ]) {
    answer = answers(status, body);
    const error = await knock('/whep/r', 'offer', { wait: 1000 }).catch((e) => e);
    assert.deepEqual([error.status, error.final], [status, final], `${status} ${body}`);
  }
});

const house = (patch) => async (url, how) => (how.method === 'PATCH' ? patch(how) : answers(201, 'answer', 'application/sdp')());

test('another network is told to the house in the same session', async () => {
  answer = house(async (how) => new Response('answer to ' + how.body, { status: 200, headers: { 'Content-Type': 'application/sdp' } }));
  await time.pass(1000);
  said.length = asked.length = 0;
  time.fire('online');
  await time.pass(100);
  assert.deepEqual(asked, ['PATCH http://house/whep/r/sessions/s1']);
  assert.deepEqual(said, ['offer again', 'answer to offer again']);
  assert.deepEqual([viewer.built, viewer.moved], [1, 1]);
});

test('two seconds apart are taken for another network, a moment is not', async () => {
  answer = house(async () => new Response('again', { status: 200 }));
  await time.pass(1000);
  viewer.peer.connectionState = 'disconnected';
  viewer.peer.onconnectionstatechange();
  await time.pass(1500);
  assert.equal(viewer.moved, 0);
  viewer.peer.connectionState = 'connected';
  viewer.peer.onconnectionstatechange();
  await time.pass(5000);
  assert.equal(viewer.moved, 0);
  viewer.peer.connectionState = 'disconnected';
  viewer.peer.onconnectionstatechange();
  await time.pass(3000);
  assert.equal(viewer.moved, 1);
});

test('a house that cannot move a session gives a new one; one that cannot be reached is asked again', async () => {
  answer = house(async () => new Response(JSON.stringify({ code: 'media-unknown', text: 'Inconnue.' }), { status: 404 }));
  await time.pass(1000);
  time.fire('online');
  await time.pass(500);
  assert.deepEqual([viewer.built, viewer.reason, viewer.moved], [2, 'not-moved', 0]);
  answer = house(async () => { throw new TypeError('no network'); });
  said.length = 0;
  time.fire('online');
  await time.pass(500);
  assert.deepEqual([viewer.built, viewer.moved], [2, 0]);
  assert.deepEqual(said, ['offer again', 'rollback'], 'the old path may heal by itself');
});

test('how much picture is wanted is in the address of a session, and asks for a new one only when nobody else hears it', async () => {
  await time.pass(100);
  viewer.want('low', true);
  await time.pass(1000);
  assert.equal(viewer.built, 1, 'the class tells it');
  asked.length = 0;
  viewer.want('none', false);
  await time.pass(1000);
  assert.equal(viewer.built, 2);
  assert.ok(asked.includes('POST /whep/r?slots=5&picture=none'), asked.join());
  assert.ok(viewer.soundOnly);
});

test('what came is counted with all that was around it, over all sessions', async () => {
  let last;
  viewer.on('sample', (sample) => { last = sample; });
  flows = true;
  await time.pass(5000);
  assert.equal(last.total, packets * (100 + 44));
  viewer.rebuild('choice');
  await time.pass(200);
  const before = last.total;
  await time.pass(2000);
  assert.ok(last.total > before);
});

const full = (after, code = 'engine-full') => async () => new Response(JSON.stringify({ code, text: 'Le serveur est plein.' }), { status: 503, headers: { 'Retry-After': String(after) } });
const knocks = () => asked.filter((line) => line.startsWith('POST')).length;

/** A page that comes to a house which answers so; what it says of its wait, in order. */
function comes(how) {
  viewer.stop();
  answer = how;
  asked.length = 0;
  const told = [];
  viewer = new Viewer({ room: 'r' });
  viewer.on('refused', (refusal) => refusals.push(refusal));
  viewer.on('delayed', (delayed) => told.push(delayed && delayed.text));
  viewer.start();
  return told;
}

test('a house without room is asked when it said, whatever happens to the page, and its words are given', async () => {
  const told = comes(full(20));
  const began = time.now;
  await time.pass(100);
  assert.deepEqual([viewer.delayed.code, told], ['engine-full', ['Le serveur est plein.']]);
  assert.ok(viewer.delayed.until - began >= 20000 && viewer.delayed.until - began <= 23100, String(viewer.delayed.until - began));
  viewer.want('none', false); // a tap
  viewer.rebuild('room-back');
  viewer.wake();
  time.fire('online');
  time.fire('pageshow', { persisted: true });
  viewer.classLost();
  viewer.classBack(false);
  viewer.expect(true);
  await time.pass(19500);
  assert.equal(knocks(), 1);
  answer = answers(201, 'answer', 'application/sdp');
  await time.pass(4000);
  assert.equal(knocks(), 2);
  assert.ok(asked.some((line) => line.includes('picture=none')), 'with what is wanted by then');
  assert.deepEqual(told, ['Le serveur est plein.', null], 'the words are gone once it is in');
  assert.deepEqual(refusals, []);
});

test('a wait is a minute at most, and one that a proxy asks for is kept without a word', async () => {
  comes(full(3600));
  await time.pass(59000);
  assert.equal(knocks(), 1);
  await time.pass(12000);
  assert.equal(knocks(), 2);
  const told = comes(async () => new Response('<html>', { status: 503, headers: { 'Retry-After': '30' } }));
  await time.pass(29000);
  assert.equal(knocks(), 1);
  assert.deepEqual(told, []);
});

test('a new server has not said when to come back', async () => {
  const told = comes(full(20, 'shutdown'));
  await time.pass(100);
  viewer.classLost();
  answer = answers(201, 'answer', 'application/sdp');
  viewer.classBack(true);
  await time.pass(100);
  assert.deepEqual([knocks(), told], [2, ['Le serveur est plein.', null]]);
});

test('a house that can no longer be reached has no more words', async () => {
  const told = comes(full(5));
  await time.pass(100);
  answer = async () => { throw new TypeError('no network'); };
  await time.pass(6000);
  assert.deepEqual(told, ['Le serveur est plein.', null]);
  assert.equal(viewer.delayed, null);
});

test('who is in keeps what plays when another session has no room, and gives back a place that plays nothing more', async () => {
  await time.pass(1000);
  const { peer } = viewer;
  answer = full(20);
  viewer.want('none', false);
  await time.pass(500);
  assert.equal(viewer.peer, peer);
  await time.pass(24000);
  peer.connectionState = 'failed';
  asked.length = 0;
  await time.pass(24000);
  assert.equal(viewer.peer, null);
  assert.ok(asked.includes('DELETE http://house/whep/r/sessions/s1'), asked.join());
});

test('a page that stops while an answer is read shows nothing of it', async () => {
  let read;
  reads = new Promise((done) => { read = done; });
  const shown = [];
  viewer.stop();
  viewer = new Viewer({ room: 'r' });
  viewer.on('streams', (tracks) => shown.push(tracks.voice));
  viewer.start();
  await time.pass(100);
  viewer.stop();
  read();
  await time.pass(1000);
  assert.deepEqual(shown, [null]);
});

test('a page that stops on its way in leaves nothing behind: neither a session nor a connection', async () => {
  viewer.stop();
  let open;
  answer = () => new Promise((done) => { open = () => answers(201, 'answer', 'application/sdp')().then(done); });
  viewer = new Viewer({ room: 'r' });
  viewer.start();
  await time.pass(100);
  const { peer } = viewer.prepared;
  viewer.stop();
  answer = answers(200, '');
  open();
  await time.pass(100);
  assert.ok(asked.includes('DELETE http://house/whep/r/sessions/s1'), asked.join());
  assert.deepEqual([peer.connectionState, viewer.peer, viewer.prepared], ['closed', null, null]);
  viewer = new Viewer({ room: 'r' });
  asked.length = 0;
  viewer.start();
  viewer.stop(); // before the offer is made
  await time.pass(100);
  assert.deepEqual([asked, viewer.prepared], [[], null]);
});
