// The régie by keyboard: arrows go from question to question, one letter acts on the one that holds the focus.
// Listed on the page, turned off by one box, deaf while something is being typed or chosen.

import { memory } from '../core/link.js';
import { el } from './page.js';

const ACTS = /** @type {Record<string, string>} */ ({ r: 'approve', g: 'merge', a: 'later', t: 'answer', e: 'decline' });

/** @param {() => boolean} cut  ends the guest's time; false when there is no guest */
export function listenToKeys(cut) {
  const box = /** @type {HTMLInputElement} */ (el('keys-on'));
  box.checked = memory('device', 'control.keys') !== 'off';
  box.addEventListener('change', () => memory('device', 'control.keys', box.checked ? 'on' : 'off'));
  document.addEventListener('keydown', (event) => {
    if (!box.checked || event.ctrlKey || event.metaKey || event.altKey || busy()) return;
    const done = event.key === 'ArrowDown' || event.key === 'ArrowUp' ? step(event.key === 'ArrowDown' ? 1 : -1) : !event.repeat && (event.key.toLowerCase() === 'c' ? cut() : press(event.key.toLowerCase()));
    if (done) event.preventDefault();
  });
}

/** @returns {boolean} */
function busy() {
  const active = document.activeElement;
  const typing = Boolean(active && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName) && active.id !== 'keys-on');
  return typing || document.body.classList.contains('veiled');
}

/** @returns {HTMLElement[]} the questions in the open trays, in reading order */
function rows() {
  return Array.from(document.querySelectorAll('.trays li.question:not(.leaving)'));
}

/** @returns {HTMLElement | null} */
function current() {
  const active = document.activeElement;
  return active ? active.closest('li.question') : null;
}

/** @param {1 | -1} way @returns {boolean} */
function step(way) {
  const all = rows();
  const here = current();
  const at = here ? all.indexOf(here) : -1;
  const next = all[at < 0 ? (way > 0 ? 0 : all.length - 1) : at + way];
  if (next) next.focus();
  return Boolean(next);
}

/** @param {string} key @returns {boolean} */
function press(key) {
  const row = current();
  const name = ACTS[key];
  const button = row && name ? /** @type {HTMLElement | null} */ (row.querySelector('[data-act="' + name + '"]')) : null;
  if (button) button.click();
  return Boolean(button);
}
