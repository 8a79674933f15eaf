/**
 * A length of time as a clock writes it.
 * @param {number} ms
 * @returns {string} 4:05 or 1:04:05
 */
export function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => (n < 10 ? '0' : '') + n;
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor(s / 60) % 60;
  return (hours ? hours + ':' + two(minutes) : String(minutes)) + ':' + two(s % 60);
}
