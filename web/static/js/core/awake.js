// Keeps the device's screen lit while somebody needs it. Browsers let go of the lock when the tab is
// hidden: it is asked for again each time the tab comes back.

/**
 * @returns {{on: () => void, off: () => void}} on() and off() may be called at any time, any number of times
 */
export function stayAwake() {
  let wanted = false;
  /** @type {any} */
  let lock = null;
  const ask = async () => {
    const wakeLock = /** @type {any} */ (navigator).wakeLock;
    if (!wanted || lock || !wakeLock || document.visibilityState !== 'visible') return;
    try {
      const got = await wakeLock.request('screen');
      got.addEventListener('release', () => { if (lock === got) lock = null; });
      lock = got;
      if (!wanted) letGo();
    } catch (error) {
      lock = null; // refused on a low battery: the séance goes on, the screen may sleep
    }
  };
  const letGo = () => {
    if (lock) lock.release().catch(() => undefined);
    lock = null;
  };
  document.addEventListener('visibilitychange', ask);
  return {
    on() { wanted = true; ask(); },
    off() { wanted = false; letGo(); },
  };
}
