// One-letter keys of the studio: listed on the page, turned off by one box, deaf while something is being typed or chosen.

import { memory } from '../core/link.js';
import { el } from './page.js';

/** @typedef {{pause: () => void, share: () => void, take: () => void, answered: () => void}} KeyActs */

/** @param {KeyActs} acts @param {() => boolean} active */
export function listenToKeys(acts, active) {
  const box = /** @type {HTMLInputElement} */ (el('keys-on'));
  box.checked = memory('device', 'studio.keys') !== 'off';
  box.addEventListener('change', () => memory('device', 'studio.keys', box.checked ? 'on' : 'off'));
  document.addEventListener('keydown', (event) => {
    if (!box.checked || !active() || event.repeat || event.ctrlKey || event.metaKey || event.altKey || busy()) return;
    const act = { p: acts.pause, d: acts.share, q: acts.take, r: acts.answered }[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** @returns {boolean} */
function busy() {
  const active = document.activeElement;
  const typing = Boolean(active && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName) && active.id !== 'keys-on');
  return typing || document.body.classList.contains('veiled');
}
