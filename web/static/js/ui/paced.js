// A drawing that follows a storm of changes: at once after a calm, and no more often than a person can see.

import { steadily } from './steady.js';

const PACE = 100; // ms between two drawings

/**
 * The same function, which draws at most ten times a second and waits while a finger is down.
 * @param {() => void} draw
 * @returns {() => void}
 */
export function paced(draw) {
  let last = -Infinity;
  let timer = 0;
  const now = steadily(() => { last = performance.now(); draw(); });
  return () => {
    if (timer) return;
    timer = window.setTimeout(() => { timer = 0; now(); }, Math.max(0, last + PACE - performance.now()));
  };
}
