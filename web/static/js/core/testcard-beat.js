// The test card's worker may never start (blocked, an old browser, a lost connection) or stop on an error.
// No DOM: workers come in.

const START = 1000; // ms a worker has to say that its first picture went out

/**
 * The little of a worker that this needs.
 * @typedef {{ postMessage: (order: any) => void, terminate: () => void, onmessage: ((event: any) => void) | null, onerror: ((event: any) => void) | null }} Beater
 */

/**
 * Tells once when the worker is of no use: no message in time, or an error at any time.
 * @param {Beater} worker
 * @param {() => void} dead
 * @returns {() => void} stops looking
 */
export function watchWorker(worker, dead) {
  const forget = () => {
    clearTimeout(timer);
    worker.onmessage = null;
    worker.onerror = null;
  };
  const fail = () => { forget(); dead(); };
  const timer = setTimeout(fail, START);
  worker.onmessage = () => clearTimeout(timer);
  worker.onerror = fail;
  return forget;
}

/**
 * Calls step at the worker's beat, which keeps its pace in a hidden tab; at the page's own until the first one, and
 * whenever the worker fails.
 * @param {Beater | null} worker
 * @param {() => void} step
 * @param {number} period ms
 * @returns {() => void} stops it
 */
export function beat(worker, step, period) {
  let timer = window.setInterval(step, period);
  const own = () => {
    clearInterval(timer);
    timer = window.setInterval(step, period);
  };
  if (!worker) return () => clearInterval(timer);
  worker.onmessage = () => {
    clearInterval(timer);
    step();
  };
  worker.onerror = own;
  worker.postMessage({ kind: 'tick' });
  return () => {
    clearInterval(timer);
    worker.terminate();
  };
}
