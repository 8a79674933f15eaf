// The media doors (WHIP, WHEP) as plain requests: offer in, answer out.

/** Refusals of our own that pass by themselves. */
const PASSING = [408, 409, 425, 429];

/** A door said no. Final means: asking again will not help. */
export class DoorError extends Error {
  /**
   * @param {number} status 0 when the door could not be reached
   * @param {string} code
   * @param {string} text a sentence for people, '' when unreachable
   * @param {number} after seconds to wait before asking again, 0 when not said
   * @param {boolean} ours the house itself said it: what a proxy or a portal says in its place may pass
   */
  constructor(status, code, text, after, ours) {
    super(text || code);
    this.status = status;
    this.code = code;
    this.text = text;
    this.after = after;
    this.final = ours && status >= 400 && status < 500 && PASSING.indexOf(status) < 0;
  }
}

/**
 * A refusal that passes by itself, as a page says it.
 * @typedef {{ code: string, text: string, until: number }} Delay  until: when it is tried again, by performance.now()
 */

/**
 * @param {any} error
 * @param {number} wait  ms until the next try
 * @returns {Delay | null} null when the house itself said nothing: it could not be reached, or something else answered
 */
export function delayOf(error, wait) {
  if (!error || !error.text) return null;
  return { code: error.code, text: error.text, until: performance.now() + wait };
}

/**
 * @typedef {Object} Session
 * @property {string} answer
 * @property {string} url  the session's own address: DELETE it to leave
 * @property {string} id
 */

/**
 * @typedef {Object} Knocker  who asks; secrets travel in headers, since addresses are written into logs on the way
 * @property {string} [token]
 * @property {string} [device]  the secret by which the house knows this browser, or its public name
 * @property {string} [lang]
 */

/**
 * @param {Knocker} who
 * @returns {Record<string, string>}
 */
export function headers({ token, device, lang }) {
  /** @type {Record<string, string>} */
  const h = {};
  if (device) h['Antenne-Device'] = device;
  if (token) h.Authorization = 'Bearer ' + token;
  if (lang) h['Accept-Language'] = lang;
  return h;
}

/**
 * @param {string} url
 * @param {string} offer
 * @param {Knocker & { wait: number, abort?: AbortController }} how wait in ms
 * @returns {Promise<Session>} rejects with a DoorError
 */
export async function knock(url, offer, how) {
  return submit('POST', url, offer, how, async (response) => {
    if (response.status !== 201) throw await refusal(response);
    return welcome(response, url);
  });
}

/**
 * Takes a session over to another network: offers the same lines with new paths.
 * @param {string} url  the session's own address
 * @param {string} offer
 * @param {Knocker & { wait: number }} how wait in ms
 * @returns {Promise<string>} the answer; rejects with a DoorError, of status 0 when the house could not be reached
 */
export async function move(url, offer, how) {
  return submit('PATCH', url, offer, how, async (response) => {
    if (response.status !== 200) throw await refusal(response);
    return response.text();
  });
}

/**
 * Sends an offer and reads what comes back, within the time there is for both.
 * @template T
 * @param {string} method
 * @param {string} url
 * @param {string} offer
 * @param {Knocker & { wait: number, abort?: AbortController }} how wait in ms
 * @param {(response: Response) => Promise<T>} read
 * @returns {Promise<T>} rejects with a DoorError
 */
async function submit(method, url, offer, how, read) {
  const abort = how.abort || new AbortController();
  const timer = setTimeout(() => abort.abort(), how.wait);
  try {
    const response = await fetch(url, {
      method,
      headers: Object.assign(headers(how), { 'Content-Type': 'application/sdp' }),
      body: offer,
      signal: abort.signal,
      cache: 'no-store',
    });
    return await read(response);
  } catch (error) {
    if (error instanceof DoorError) throw error;
    throw new DoorError(0, 'unreachable', '', 0, false);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {Response} response
 * @param {string} url
 * @returns {Promise<Session>}
 */
async function welcome(response, url) {
  const location = new URL(response.headers.get('Location') || '', new URL(url, window.location.href)).href;
  return { answer: await response.text(), url: location, id: location.slice(location.lastIndexOf('/') + 1) };
}

/**
 * @param {Response} response
 * @returns {Promise<DoorError>}
 */
async function refusal(response) {
  const after = Number(response.headers.get('Retry-After')) || 0;
  const said = (await response.json().catch(() => null)) || {};
  const ours = typeof said.code === 'string' && typeof said.text === 'string' && said.code !== '' && said.text !== '';
  if (!ours) return new DoorError(response.status, 'http-' + response.status, '', after, false);
  return new DoorError(response.status, said.code, said.text, after, true);
}

/**
 * Leaves a session. Works while the page goes away.
 * @param {string} url
 * @param {string} token
 */
export function leave(url, token) {
  fetch(url, { method: 'DELETE', headers: headers({ token }), keepalive: true }).catch(() => undefined);
}
