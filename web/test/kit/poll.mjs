// Waiting for something to become true, never for a time to pass.

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Asks again and again until the answer is truthy; at the deadline it fails with the last answer.
 * @template T
 * @param {string} what in words, for the failure
 * @param {() => T | Promise<T>} ask
 * @param {{within?: number, every?: number, seen?: () => unknown}} [o] seen: what to show on failure
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, ask, { within = 20000, every = 150, seen } = {}) {
  const end = Date.now() + within;
  let last;
  for (;;) {
    try {
      last = await ask();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= end) break;
    await sleep(every);
  }
  const shown = seen ? await Promise.resolve(seen()).catch(String) : last;
  throw new Error(`not within ${within} ms: ${what}${shown === undefined || shown === false ? "" : `\n    last seen: ${brief(shown)}`}`);
}

function brief(value) {
  const text = value instanceof Error ? value.message : typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 1500 ? `${text.slice(0, 1500)}…` : text;
}
