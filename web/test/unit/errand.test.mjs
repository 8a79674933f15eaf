// Requests to the house: what comes of an answer, a refusal, something else in between, and of silence.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Time, settle } from './dom.mjs';

const time = new Time().install();
const { errand, upload } = await import('../../static/js/core/errand.js');

let sent;
const reply = (status, body) => ({ ok: status < 300, status, json: async () => JSON.parse(body) });

beforeEach(() => {
  sent = [];
  globalThis.fetch = async (url, how) => { sent.push({ url, ...how }); return reply(201, '{"code":"ABCD"}'); };
});

test('the token goes in its header, what is said as JSON, and nothing where nothing is said', async () => {
  assert.deepEqual(await errand('POST', '/pair/phone', { token: 't', lang: 'fr', body: { a: '1' } }), { code: 'ABCD' });
  assert.deepEqual(sent[0].headers, { Authorization: 'Bearer t', 'Accept-Language': 'fr', 'Content-Type': 'application/json' });
  assert.equal(sent[0].body, '{"a":"1"}');
  await errand('DELETE', '/sheet/x');
  assert.deepEqual([sent[1].headers, sent[1].body], [{}, undefined]);
});

test('a refusal of the house is in its own words; that of a proxy in none', async () => {
  fetch = async () => reply(409, '{"code":"code-expired","text":"Trop tard.","retry":true}');
  await assert.rejects(errand('POST', '/x'), { code: 'code-expired', text: 'Trop tard.', retry: true });
  fetch = async () => reply(502, '<html>');
  await assert.rejects(errand('POST', '/x'), { code: 'http-502', text: '', retry: true });
  fetch = async () => reply(204, '');
  assert.equal(await errand('DELETE', '/x'), null);
});

test('nobody answers: said as a line that is cut, and not waited for without end', async () => {
  fetch = async () => { throw new TypeError('Failed to fetch'); };
  await assert.rejects(errand('POST', '/x'), { code: 'connection-lost' });
  fetch = (url, { signal }) => new Promise((resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  const silent = assert.rejects(errand('POST', '/x'), { code: 'connection-lost' });
  await time.pass(20000);
  await silent;
});

class Request {
  constructor() {
    this.upload = {};
    this.headers = {};
    Request.last = this;
  }

  open(method, url) { Object.assign(this, { method, url }); }

  setRequestHeader(name, value) { this.headers[name] = value; }

  send(file) { this.file = file; }

  abort() { this.onabort(); }

  answer(status, responseText) {
    Object.assign(this, { status, responseText });
    this.onload();
  }
}
globalThis.XMLHttpRequest = Request;
const file = { type: 'application/pdf', size: 10 };
const put = (shares = []) => upload('/sheet/x?title=a', file, { token: 't', progress: (share) => shares.push(share) });

test('a file is sent as what it is, and its progress is told', async () => {
  const shares = [];
  const { done } = put(shares);
  const request = Request.last;
  assert.deepEqual([request.method, request.url, request.headers, request.file], ['POST', '/sheet/x?title=a', { Authorization: 'Bearer t', 'Content-Type': 'application/pdf' }, file]);
  request.upload.onprogress({ lengthComputable: true, loaded: 5, total: 10 });
  request.upload.onprogress({ lengthComputable: false, loaded: 7, total: 0 });
  request.answer(201, '{"id":"1"}');
  assert.deepEqual([await done, shares], [{ id: '1' }, [0.5]]);
});

test('a file that is refused, cut, or stopped', async () => {
  let { done, stop } = put();
  Request.last.answer(415, '{"code":"sheet-type","text":"Ce n’est pas un PDF."}');
  await assert.rejects(done, { code: 'sheet-type', text: 'Ce n’est pas un PDF.' });
  ({ done, stop } = put());
  Request.last.onerror();
  await assert.rejects(done, { code: 'connection-lost' });
  ({ done, stop } = put());
  stop();
  await assert.rejects(done, { code: 'stopped' });
  await settle();
});
