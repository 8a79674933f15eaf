// What a device that was let in by a code remembers, over a reboot: a screen its place, a post its séance. Nothing else, and no name.

import { memory } from './link.js';

const SCREEN = 'paired.screen';
const POST = 'paired.post';
const TOKEN = /^[A-Za-z0-9_-]{16,128}$/;

/** @returns {string} the token of a paired screen, '' for none */
export function screenToken() {
  const kept = memory('device', SCREEN);
  return TOKEN.test(kept) ? kept : '';
}

/** @param {string} token '' to forget */
export function keepScreen(token) {
  memory('device', SCREEN, token);
}

/**
 * @typedef {Object} Post
 * @property {string} room
 * @property {string} token
 */

/** @returns {Post | null} the séance that this post joined by a code */
export function keptPost() {
  const [room, token] = memory('device', POST).split(' ');
  return room && TOKEN.test(token || '') ? { room, token } : null;
}

/** @param {Post | null} post null to forget */
export function keepPost(post) {
  memory('device', POST, post ? post.room + ' ' + post.token : '');
}

/** The symbols of a code: none looks like another. */
const SYMBOLS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const HALF = 4;

/**
 * A code as it is shown, while it is being typed: XXXX-XXXX, in any case, with or without its dash. What no code has is left out.
 * @param {string} typed
 * @returns {string}
 */
export function asCode(typed) {
  const symbols = Array.from(typed.toUpperCase()).filter((c) => SYMBOLS.includes(c)).slice(0, 2 * HALF).join('');
  return symbols.length > HALF ? symbols.slice(0, HALF) + '-' + symbols.slice(HALF) : symbols;
}

/**
 * @param {string} code
 * @returns {boolean} all of its symbols are there
 */
export function isWhole(code) {
  return asCode(code).length === 2 * HALF + 1;
}
