// The whole window: the page that fills it, which is this one, or the poster that shows this page in its frame. Only a page of
// this house may stand around one of ours (frame-ancestors 'self'), so that both are one origin and may speak.

/** @returns {Element | null} the poster's frame that shows this page, null for a page that has the window to itself */
function frame() {
  return window.frameElement || null;
}

/** @returns {any} the document that fills the window; Safari 14 knows full screen under its old names */
function outermost() {
  const around = frame();
  return around ? around.ownerDocument : document;
}

/**
 * Tells the poster around this page.
 * @param {'here' | 'left'} what  'here': it can be looked at; 'left': another may take its place, and this page is gone
 * @returns {boolean} there is one
 */
export function tellPoster(what) {
  const around = frame();
  if (around) around.dispatchEvent(new Event(what));
  return around !== null;
}

/** @returns {boolean} */
export function fillsScreen() {
  const d = outermost();
  return Boolean(d.fullscreenElement || d.webkitFullscreenElement);
}

/** Asks for all of the screen; call it in a gesture. What fills it is the outermost page: it stays when the séance in it goes. */
export function fillScreen() {
  if (fillsScreen()) return;
  const root = outermost().documentElement;
  quietly(root, root.requestFullscreen || root.webkitRequestFullscreen);
}

/** Fills the screen, or gives it back. */
export function toggleScreen() {
  const d = outermost();
  if (fillsScreen()) quietly(d, d.exitFullscreen || d.webkitExitFullscreen);
  else fillScreen();
}

/** Where it is refused, or unknown, the page is good without it. @param {any} owner @param {any} ask */
function quietly(owner, ask) {
  const answer = ask && ask.call(owner);
  if (answer && answer.catch) answer.catch(() => undefined);
}
