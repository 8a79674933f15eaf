// A drawing that follows a storm of changes: at once after a calm, and no more often than a person can see. What this page has asked for
// itself waits for no turn.

import { steadily } from './steady.js';

const PACE = 100; // ms between two drawings

/** @typedef {(() => void) & { now: () => void }} Paced  now: in this very turn, unless a finger is down */

/**
 * The same function, which draws at most ten times a second and waits while a finger is down.
 * @param {() => void} draw
 * @returns {Paced}
 */
export function paced(draw) {
  let last = -Infinity;
  let timer = 0;
  const now = steadily(() => { last = performance.now(); draw(); });
  const later = () => {
    if (timer) return;
    timer = window.setTimeout(() => { timer = 0; now(); }, Math.max(0, last + PACE - performance.now()));
  };
  later.now = () => {
    clearTimeout(timer);
    timer = 0;
    now();
  };
  return later;
}
