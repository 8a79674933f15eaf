// A séance in the poster's own window. The poster never goes away: leaving a page ends full screen, and in some browsers the
// right to sound; what a frame shows may change as often as it likes. The séance is the page it always was, at its own address.

import { make } from './page.js';

/** How long a séance may take to appear before it is tried again, ms: a slow line brings 200 kB in that time. */
const PATIENCE = 45000;

/** What a frame of our own may do besides: nothing that the poster may not. */
const ALLOWED = 'autoplay; fullscreen; screen-wake-lock';

/**
 * @typedef {Object} Visit
 * @property {boolean} arrived  the séance was there to be looked at
 * @property {string} build     the pages that the house served for it, '' while unknown
 */

/**
 * Shows a séance until it leaves by itself, or cannot be had.
 * @param {string} address
 * @param {string} title  of the frame, for who does not see it
 * @param {() => void} shown  it lies over the poster from now on
 * @returns {Promise<Visit>}
 */
export function visit(address, title, shown) {
  const frame = /** @type {HTMLIFrameElement} */ (make('iframe.seance', { src: address, title, allow: ALLOWED }));
  const seen = { arrived: false, build: '' };
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      if (!frame.isConnected) return;
      frame.remove();
      resolve(seen);
    };
    const timer = setTimeout(end, PATIENCE);
    frame.addEventListener('here', () => {
      clearTimeout(timer);
      seen.arrived = true;
      frame.classList.add('here');
      frame.focus({ preventScroll: true }); // its keys: sound, volume
      shown();
    });
    frame.addEventListener('left', end);
    frame.addEventListener('load', () => {
      const inside = frame.contentDocument; // null for the browser's own words about a house that does not answer
      if (!inside || inside.body.dataset.page !== 'screen') return end();
      seen.build = inside.body.dataset.build || '';
      document.title = inside.title;
      return undefined;
    });
    document.body.append(frame);
  });
}
