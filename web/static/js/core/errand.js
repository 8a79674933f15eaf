// Requests to the house besides the class and the media: pairing, the sheet. Plain HTTP, answers in JSON.

import { Refusal } from './classroom.js';
import { headers } from './doors.js';

const PATIENCE = 15000;

/**
 * @typedef {Object} Errand
 * @property {string} [token]
 * @property {string} [device]  the secret by which the house knows this browser
 * @property {string} [lang]
 * @property {unknown} [body]  sent as JSON
 */

/**
 * @param {string} method
 * @param {string} url
 * @param {Errand} [how]
 * @returns {Promise<any>} the answer, null for none; rejects with a Refusal ('connection-lost' when nobody answered)
 */
export async function errand(method, url, how = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE);
  /** @type {Response} */
  let response;
  let said;
  try {
    const body = how.body === undefined ? undefined : JSON.stringify(how.body);
    response = await fetch(url, { method, headers: headersOf(how, body), body, signal: abort.signal, cache: 'no-store' });
    said = await response.json().catch(() => null);
  } catch (error) {
    throw new Refusal('connection-lost', '', true);
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) throw refusalOf(response.status, said);
  return said;
}

/** @param {Errand} how @param {string | undefined} body @returns {Record<string, string>} */
function headersOf(how, body) {
  return Object.assign(headers(how), body === undefined ? null : { 'Content-Type': 'application/json' });
}

/** @param {number} status @param {any} said @returns {Refusal} */
function refusalOf(status, said) {
  const known = said && typeof said.code === 'string' && typeof said.text === 'string';
  return known ? new Refusal(said.code, said.text, Boolean(said.retry)) : new Refusal('http-' + status, '', status >= 500);
}

/**
 * Sends a file and says how far it is: fetch cannot.
 * @param {string} url
 * @param {File} file
 * @param {{ token: string, lang?: string, progress: (share: number) => void }} how  share 0..1
 * @returns {{ done: Promise<any>, stop: () => void }} done rejects with a Refusal; after stop() too, its code is 'stopped'
 */
export function upload(url, file, how) {
  const request = new XMLHttpRequest();
  let stopped = false;
  const done = new Promise((resolve, reject) => {
    request.open('POST', url);
    for (const [name, value] of Object.entries(headers(how))) request.setRequestHeader(name, value);
    request.setRequestHeader('Content-Type', file.type);
    request.upload.onprogress = (event) => { if (event.lengthComputable) how.progress(event.loaded / event.total); };
    request.onload = () => {
      const said = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(said);
      else reject(refusalOf(request.status, said));
    };
    request.onabort = () => reject(new Refusal(stopped ? 'stopped' : 'connection-lost', '', !stopped));
    request.onerror = () => reject(new Refusal('connection-lost', '', true));
    request.send(file);
  });
  return { done, stop: () => { stopped = true; request.abort(); } };
}

/** @param {string} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return null;
  }
}
