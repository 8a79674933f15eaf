// A screen's code goes from the page that the phone's camera opened to « Ma salle », which is open beside it in the same browser. No
// token goes that way: « Ma salle » has its own, and a person confirms there.

import { memory } from './link.js';

const OFFERED = 'handover';
const TAKEN = 'handover.taken';
/** A code that nobody took is forgotten after so long, ms: the screen shows another one by then. */
const LASTS = 10 * 60000;

/**
 * @param {string} key
 * @param {number} now
 * @returns {string} '' for none, or for one of long ago
 */
function fresh(key, now) {
  const [code, at] = memory('device', key).split(' ');
  return code && Math.abs(now - Number(at)) < LASTS ? code : '';
}

/** @param {string} code @param {number} [now] ms since 1970 */
export function offer(code, now = Date.now()) {
  memory('device', TAKEN, '');
  memory('device', OFFERED, code + ' ' + now);
}

/** @param {string} code @param {number} [now] @returns {boolean} « Ma salle » has it */
export function isTaken(code, now = Date.now()) {
  return fresh(TAKEN, now) === code;
}

/** @param {number} [now] @returns {string} the code that was handed over, once; '' for none */
export function take(now = Date.now()) {
  const code = fresh(OFFERED, now);
  if (code) memory('device', TAKEN, code + ' ' + now);
  if (memory('device', OFFERED)) memory('device', OFFERED, '');
  return code;
}

/**
 * Calls when another page of this browser may have offered or taken one.
 * @param {() => void} heed
 */
export function onHandover(heed) {
  window.addEventListener('storage', heed);
  document.addEventListener('visibilitychange', heed);
  window.addEventListener('pageshow', heed);
}
