// The one Trusted Types policy of the house: addresses of its own worker scripts, and nothing else.

/** @type {{createScriptURL(url: string): unknown} | null} */
let policy = null;

/**
 * @param {string} url  absolute; must be of this very origin
 * @returns {unknown} what new Worker() accepts: a TrustedScriptURL where they exist, else the address
 */
export function trustedScript(url) {
  const trustedTypes = /** @type {any} */ (window).trustedTypes;
  if (!trustedTypes) return sameOrigin(url);
  policy = policy || trustedTypes.createPolicy('antenne', { createScriptURL: sameOrigin });
  return /** @type {NonNullable<typeof policy>} */ (policy).createScriptURL(url);
}

/** @param {string} url @returns {string} */
function sameOrigin(url) {
  if (new URL(url).origin !== window.location.origin) throw new TypeError('not a script of this house');
  return url;
}
