// The page's sentences. The server puts those of this page into the HTML; the
// page hands them over once with learn().

/** @type {Record<string, string>} */
let sentences = {};
let language = 'fr';
let zone = 'Europe/Paris';

/**
 * @param {Record<string, string>} given key → sentence with {params}
 * @param {string} lang
 * @param {string} [timeZone] the territory's, not the browser's
 */
export function learn(given, lang, timeZone) {
  sentences = given;
  language = lang;
  if (timeZone) zone = timeZone;
}

/** @returns {string} 'fr' or 'en' */
export function lang() {
  return language;
}

/**
 * @param {string} key
 * @returns {boolean}
 */
export function knows(key) {
  return Object.prototype.hasOwnProperty.call(sentences, key);
}

/**
 * The sentence for a key. With params.n a key may have a ".one" form.
 * @param {string} key
 * @param {Record<string, string | number>} [params]
 * @returns {string} the key itself when the sentence is missing: visible, never empty
 */
export function say(key, params = {}) {
  const one = key + '.one';
  const singular = params.n !== undefined && Math.abs(Number(params.n)) < 2 && knows(one);
  const sentence = knows(key) || singular ? sentences[singular ? one : key] : key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}

/**
 * @param {string} iso
 * @param {Intl.DateTimeFormatOptions} options
 * @returns {Record<string, string>}
 */
function parts(iso, options) {
  const format = new Intl.DateTimeFormat(language, Object.assign({ timeZone: zone }, options));
  /** @type {Record<string, string>} */
  const found = {};
  for (const part of format.formatToParts(new Date(iso))) found[part.type] = part.value;
  return found;
}

/**
 * « 10 h », « 14 h 30 »; "10 am", "2:30 pm".
 * @param {string} iso
 * @returns {string}
 */
export function clock(iso) {
  const p = parts(iso, { hour: 'numeric', minute: '2-digit', hour12: false });
  const hour = Number(p.hour) % 24;
  const minute = Number(p.minute);
  if (language === 'fr') return hour + '\u00a0h' + (minute ? '\u00a0' + String(100 + minute).slice(1) : '');
  return (hour % 12 || 12) + (minute ? ':' + String(100 + minute).slice(1) : '') + (hour < 12 ? '\u00a0am' : '\u00a0pm');
}

/** A minute after its hour, a séance that has not begun is late. */
const LATE = 60000;

/**
 * @param {{ state: string, at: string }} room
 * @param {number} now  ms since 1970, by the house's clock
 */
export function isLate(room, now) {
  return (room.state === 'scheduled' || room.state === 'doors-open') && now - Date.parse(room.at) >= LATE;
}

/**
 * The last part of state.…: what people are told of it. A pause that nobody wanted is an incident.
 * @param {{ state: string, slate?: string }} room
 * @returns {string}
 */
export function stateOf(room) {
  return room.state === 'paused' && room.slate === 'incident' ? 'incident' : room.state;
}

/**
 * Where a séance is, in a sentence; the same as the server writes into the page.
 * @param {{ state: string, slate?: string, at: string }} room
 * @param {number} now
 * @returns {string}
 */
export function sentenceOf(room, now) {
  return say('state.say.' + (isLate(room, now) ? 'late' : stateOf(room)), { when: when(room.at), clock: clock(room.at) });
}

/**
 * « mardi 3 mars à 10 h »; "Tuesday 3 March at 10 am".
 * @param {string} iso
 * @returns {string}
 */
export function when(iso) {
  const p = parts(iso, { weekday: 'long', day: 'numeric', month: 'long' });
  const day = language === 'fr' && p.day === '1' ? '1er' : p.day;
  return p.weekday + ' ' + day + ' ' + p.month + (language === 'fr' ? ' à ' : ' at ') + clock(iso);
}
