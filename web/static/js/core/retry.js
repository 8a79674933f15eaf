// When to try again. Quick at first (a restarted server is back in a second),
// then slower, always with jitter: sixty rooms come back at the same moment.
// There is no last attempt: nobody is standing next to a wall to press F5.

const FIRST = 250;
const QUICK = 4; // attempts at FIRST before slowing down
const SLOWEST = 1500; // keeps "picture within 2 s of the server listening again"

/**
 * @param {number} attempt 0 for the first retry
 * @param {() => number} [random] in [0, 1)
 * @returns {number} milliseconds to wait
 */
export function delay(attempt, random = Math.random) {
  if (attempt < QUICK) return FIRST * (0.8 + 0.4 * random());
  const grown = Math.min(SLOWEST, FIRST * Math.pow(1.5, attempt - QUICK + 1));
  return grown * (0.5 + 0.5 * random());
}

/**
 * How long one attempt may take before it is given up: short when the server is
 * near and dead, long enough in the end for a bad mobile line.
 * @param {number} attempt 0 for the first
 * @returns {number} milliseconds
 */
export function patience(attempt) {
  return Math.min(8000, attempt < QUICK ? 1000 : 1000 * Math.pow(2, attempt - QUICK + 1));
}

const LONGEST = 60; // seconds: longer than that nobody waits in front of a page

/**
 * How long to wait when the house said how long. All who were refused together come back spread out.
 * @param {number} seconds  its Retry-After, 0 when it said nothing
 * @param {() => number} [random] in [0, 1)
 * @returns {number} milliseconds, 0 when it said nothing
 */
export function obeyed(seconds, random = Math.random) {
  if (!(seconds > 0)) return 0;
  return Math.min(LONGEST, seconds) * 1000 * (1 + 0.15 * random());
}
