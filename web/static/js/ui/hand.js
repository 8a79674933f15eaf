// What a phone's camera opens: the code of a screen, handed to « Ma salle » in the same browser.

import { isTaken, offer, onHandover } from '../core/handover.js';
import { asCode, isWhole } from '../core/paired.js';
import { say } from '../core/words.js';
import { announce } from './news.js';
import { el, show, write } from './page.js';

/** « Ma salle » answers at once where it is open, ms. */
const SOON = 1500;

const code = asCode(decodeURIComponent(window.location.hash.slice(1)));

function heed() {
  if (!isTaken(code)) return;
  announce(el('said'), say('hand.taken'));
  show(el('how'), false);
  show(el('link-hint'), false);
}

function explain() {
  if (isTaken(code)) return;
  announce(el('said'), say('hand.nobody'));
  show(el('how'), true);
  show(el('link-hint'), true);
}

if (isWhole(code)) {
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  write(el('code'), code);
  onHandover(heed);
  offer(code);
  window.setTimeout(explain, SOON);
} else {
  announce(el('said'), say('hand.none'));
}
