// One-letter keys of the studio: listed on the page, turned off by one box, deaf while something is being typed or chosen.

import { memory } from '../core/link.js';
import { mayAct } from '../core/shortcuts.js';
import { el } from './page.js';

/**
 * What each key does, by its name in lower case: in `down` when it is pressed, in `up` when it is let go.
 * @typedef {{ down: Record<string, () => void>, up: Record<string, () => void> }} KeyActs
 */

/** @param {KeyActs} acts @param {() => boolean} active */
export function listenToKeys(acts, active) {
  const box = /** @type {HTMLInputElement} */ (el('keys-on'));
  box.checked = memory('device', 'studio.keys') !== 'off';
  box.addEventListener('change', () => memory('device', 'studio.keys', box.checked ? 'on' : 'off'));
  document.addEventListener('keydown', (event) => {
    const act = acts.down[event.key.toLowerCase()];
    if (!act || event.defaultPrevented || !box.checked || !active() || veiled() || !mayAct(event, document.activeElement)) return;
    event.preventDefault();
    if (!event.repeat) act();
  });
  document.addEventListener('keyup', (event) => {
    const act = acts.up[event.key.toLowerCase()];
    if (act) act(); // wherever the keyboard is by now: what a key began ends with it
  });
}

/** A dialog is open. @returns {boolean} */
function veiled() {
  return document.body.classList.contains('veiled');
}
