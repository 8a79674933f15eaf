// A link's secret arrives in the URL fragment, leaves the address bar at once and
// is kept by the tab; by the browser only for a paired device (the screen, which
// must come back after a reboot with nobody there).

/** @typedef {'tab' | 'device'} Keep */

/**
 * @param {Keep} keep
 * @returns {Storage | null} null where storage is refused (private modes)
 */
function store(keep) {
  try {
    const storage = keep === 'device' ? window.localStorage : window.sessionStorage;
    storage.getItem('antenne');
    return storage;
  } catch (error) {
    return null;
  }
}

/**
 * @param {Keep} keep
 * @param {string} key
 * @returns {string}
 */
function read(keep, key) {
  const storage = store(keep);
  return (storage && storage.getItem(key)) || '';
}

/**
 * @param {Keep} keep
 * @param {string} key
 * @param {string} value
 */
function write(keep, key, value) {
  const storage = store(keep);
  if (!storage) return;
  try {
    storage.setItem(key, value);
  } catch (error) {
    // full or refused: the page works, it just will not remember
  }
}

/**
 * The token of this page for a room, '' when there is none. What the tab knows goes before what the browser keeps: two screens
 * of one room may be open in one browser, each with its own link.
 * @param {string} place what the token opens: page name and room, e.g. "desk/abc"
 * @param {Keep} [keep]
 * @returns {string}
 */
export function takeToken(place, keep = 'tab') {
  const key = 'antenne.token.' + place;
  const fresh = decodeURIComponent(window.location.hash.slice(1));
  if (/^[A-Za-z0-9_-]{16,128}$/.test(fresh)) {
    forgetFragment();
    return keepToken(place, fresh, keep);
  }
  return read('tab', key) || read(keep, key);
}

/**
 * A token that came another way than by the address: for a code, from the house.
 * @param {string} place
 * @param {string} token
 * @param {Keep} [keep]
 * @returns {string} the token
 */
export function keepToken(place, token, keep = 'tab') {
  write(keep, 'antenne.token.' + place, token);
  write('tab', 'antenne.token.' + place, token);
  return token;
}

/**
 * A code of eight symbols in the address, as a QR brings it; it leaves the address at once.
 * @returns {string} '' for none
 */
export function takeCode() {
  const fresh = decodeURIComponent(window.location.hash.slice(1)).toUpperCase();
  if (!/^[A-Z2-9]{4}-?[A-Z2-9]{4}$/.test(fresh)) return '';
  forgetFragment();
  return fresh;
}

function forgetFragment() {
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
}

/**
 * The secret by which the house knows this tab or this browser again. Never shown.
 * @param {Keep} keep 'tab' for the studio (each tab is a device of its own)
 * @param {string} [place]  a page and room where it may have been changed alone: see newDevice
 * @returns {string} a UUID
 */
export function device(keep, place) {
  const known = (place && read(keep, 'antenne.device.' + place)) || read(keep, 'antenne.device');
  if (known) return known;
  const made = uuid();
  write(keep, 'antenne.device', made);
  return made;
}

/**
 * From now on this page of this browser is somebody else.
 * @param {Keep} keep
 * @param {string} place
 * @returns {string} the new secret
 */
export function newDevice(keep, place) {
  const made = uuid();
  write(keep, 'antenne.device.' + place, made);
  return made;
}

/**
 * A random UUID (version 4). crypto.randomUUID is younger than our floor.
 * @returns {string}
 */
export function uuid() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = Array.from(b, (n) => (n + 256).toString(16).slice(1)).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * Remembers a word for this page (the chosen quality, the last room of a screen).
 * @param {Keep} keep
 * @param {string} key
 * @param {string} [value] when given, it is kept
 * @returns {string} what is kept, '' for nothing
 */
export function memory(keep, key, value) {
  if (value !== undefined) write(keep, 'antenne.' + key, value);
  return value !== undefined ? value : read(keep, 'antenne.' + key);
}
