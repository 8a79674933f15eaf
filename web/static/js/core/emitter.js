// A very small emitter: named events, one payload. Listeners that throw do not
// stop the others; their error is reported to the console by the browser.

/** @typedef {(payload: any) => void} Listener */

export class Emitter {
  constructor() {
    /** @private @type {Map<string, Set<Listener>>} */
    this.listeners = new Map();
  }

  /**
   * @param {string} name
   * @param {Listener} listener
   * @returns {() => void} call it to stop listening
   */
  on(name, listener) {
    const set = this.listeners.get(name) || new Set();
    this.listeners.set(name, set);
    set.add(listener);
    return () => { set.delete(listener); };
  }

  /**
   * @param {string} name
   * @param {any} [payload]
   */
  emit(name, payload) {
    for (const listener of Array.from(this.listeners.get(name) || [])) {
      try {
        listener(payload);
      } catch (error) {
        setTimeout(() => { throw error; });
      }
    }
  }
}
