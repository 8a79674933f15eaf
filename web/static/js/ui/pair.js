// A screen that keeps its place. It has none yet, and shows its code; or it has one, and shows what comes next until the doors of
// a séance open, and that séance in a frame of its own window until it is over. Nobody touches it, and nobody presses F5.

import { audioContext, bell } from '../core/audio.js';
import { stayAwake } from '../core/awake.js';
import { errand } from '../core/errand.js';
import { memory } from '../core/link.js';
import { keepScreen, screenToken } from '../core/paired.js';
import { delay } from '../core/retry.js';
import { say, sentenceOf, when } from '../core/words.js';
import { el, page, show, write } from './page.js';
import { visit } from './pair-seance.js';
import { isOld } from './upgrade.js';
import { fillScreen, fillsScreen } from './window.js';

/** A séance that this screen has just been sent away from is not gone back to at once, ms. */
const REST = 15000;

/** An answer that was not waited for: the next question waits, ms. */
const SOON = 1000;

/** Refusals that pass: the code that is shown stays good. */
const PASSING = ['connection-lost', 'server-full', 'address-full', 'too-many'];

/** @param {number} ms @returns {Promise<void>} */
function sleep(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}

/** @param {'wait' | 'code' | 'poster'} what */
function display(what) {
  el('pair').dataset.show = what;
  show(el('code-box'), what === 'code');
  show(el('poster-box'), what === 'poster');
}

/** What the server says of a refusal; ours where nobody answered. @param {any} refusal @returns {string} */
function wordsOf(refusal) {
  return refusal.text || say('pair.lost');
}

// ---- a screen without a place ----

/**
 * Shows a code until somebody has confirmed it.
 * @returns {Promise<void>}
 */
async function askForPlace() {
  for (let attempt = 0; !screenToken(); attempt++) {
    try {
      const offer = await errand('POST', '/pair/screen', { lang: page.lang });
      attempt = 0;
      await showCode(offer);
    } catch (refusal) {
      const known = /** @type {any} */ (refusal).code;
      if (known === 'code-expired' || known === 'code-unknown') continue; // a new one is shown
      write(el('said'), wordsOf(refusal));
      await sleep(1000 + delay(attempt));
    }
  }
}

/** @param {{ code: string, secret: string, svg?: string }} offer */
async function showCode(offer) {
  write(el('code'), offer.code);
  const picture = /** @type {HTMLImageElement} */ (el('picture'));
  if (offer.svg) picture.src = 'data:image/svg+xml,' + encodeURIComponent(offer.svg);
  show(el('picture-box'), Boolean(offer.svg));
  display('code');
  allIsWell();
  for (let attempt = 0; ;) {
    const asked = Date.now();
    try {
      const told = await errand('GET', '/pair/screen', { token: offer.secret, lang: page.lang });
      attempt = 0;
      allIsWell();
      if (told.state === 'paired') {
        keepScreen(told.token);
        forgetWords();
        return;
      }
      if (Date.now() - asked < SOON) await sleep(SOON);
    } catch (refusal) {
      if (!PASSING.includes(/** @type {any} */ (refusal).code)) throw refusal;
      write(el('said'), wordsOf(refusal));
      await sleep(SOON + delay(attempt++));
    }
  }
}

/** What went wrong a moment ago is over; that the screen was forgotten is still to be read. */
function allIsWell() {
  if (el('said').dataset.lasts !== 'yes') write(el('said'), '');
}

function forgetWords() {
  delete el('said').dataset.lasts;
  write(el('said'), '');
}

// ---- a screen that has its place ----

/**
 * Shows the poster, and each séance while it is open.
 * @returns {Promise<void>} ends when the screen was forgotten
 */
async function showPoster() {
  let known = '';
  let missed = 0;
  for (let attempt = 0; ;) {
    const asked = Date.now();
    try {
      const view = await errand('GET', '/pair/room?known=' + encodeURIComponent(known), { token: screenToken(), lang: page.lang });
      attempt = 0;
      known = view.open ? '' : view.known;
      paint(view);
      if (!view.open) {
        if (Date.now() - asked < SOON) await sleep(SOON);
        continue;
      }
      if (!view.room || !mayEnter(view.room.id)) await sleep(1000);
      else if (await follow(view.room.id)) missed = 0;
      else await sleep(delay(missed++));
    } catch (refusal) {
      if (forgotten(/** @type {any} */ (refusal))) return;
      write(el('said'), wordsOf(refusal));
      await sleep(delay(attempt++));
    }
  }
}

/**
 * @param {string} room
 * @returns {Promise<boolean>} once the séance has been left; false when it could not be shown
 */
async function follow(room) {
  const { arrived, build } = await visit(addressOf(room), say('pair.title'), () => show(el('pair'), false));
  show(el('pair'), true);
  if (!arrived) write(el('said'), say('pair.lost'));
  renew(build);
  return arrived;
}

/** The house has newer pages: taken up between two séances, where no full screen ends by it. @param {string} build */
function renew(build) {
  if (!isOld(build, page.build) || fillsScreen() || memory('tab', 'pair.renewed') === build) return;
  memory('tab', 'pair.renewed', build); // once: a cache on the way may keep the old page
  window.location.reload();
}

/** @param {any} refusal @returns {boolean} the house does not know this screen any more, and it says so */
function forgotten(refusal) {
  if (!['link-revoked', 'link-unknown', 'link-expired', 'pair-role'].includes(refusal.code)) return false;
  keepScreen('');
  write(el('said'), say('pair.forgotten'));
  el('said').dataset.lasts = 'yes';
  return true;
}

/** @param {string} room @returns {boolean} */
function mayEnter(room) {
  const [left, at] = memory('tab', 'screen.left').split(' ');
  return left !== room || Math.abs(Date.now() - Number(at)) > REST;
}

/** @param {string} room */
function addressOf(room) {
  return '/screen?room=' + encodeURIComponent(room) + language();
}

/** The language that was chosen in the address stays. */
function language() {
  const chosen = new URLSearchParams(window.location.search).get('lang');
  return chosen ? '&lang=' + encodeURIComponent(chosen) : '';
}

/** @param {any} view */
function paint(view) {
  const { room } = view;
  write(el('poster-site'), [view.siteName, view.town].filter(Boolean).join(', '));
  show(el('poster-next'), Boolean(room));
  show(el('poster-none'), !room);
  if (room) {
    write(el('poster-title'), room.title);
    write(el('poster-when'), room.state === 'scheduled' && Date.parse(room.at) > Date.now() ? when(room.at) : sentenceOf(room, Date.now()));
    write(el('poster-needs-text'), room.needs);
    show(el('poster-needs'), Boolean(room.needs));
  }
  document.title = view.siteName || 'Antenne';
  forgetWords();
  display('poster');
}

// ---- one gesture of whoever switches the projector on ----

/** @type {AudioContext | null} */
let context = null;

function trySound() {
  context = context || audioContext();
  if (context) bell(context, Number(memory('device', 'screen.volume') || 10) / 20);
  fillScreen();
}

/** A screen that came in by a link of one séance goes back to it, until that is over. */
function goBack() {
  const last = memory('device', 'screen.room');
  if (!last || !memory('device', 'token.screen/' + last)) return false;
  window.location.replace(addressOf(last));
  return true;
}

async function live() {
  if (!screenToken() && goBack()) return;
  stayAwake().on();
  el('try').addEventListener('click', trySound);
  for (;;) {
    await askForPlace();
    await showPoster();
  }
}

live();
