// How the state of a room is said on the wall, and which pictogram stands beside the word.

import { lang, say } from '../core/words.js';

const SLOW = 1000; // ms from which a delay changes who can be asked something live

/** The pictogram of each word. @type {Record<string, string>} */
const PICTOS = {
  stuck: 'stuck', slower: 'slower', following: 'following', 'no-sound': 'no-sound', 'no-picture': 'no-picture',
  frozen: 'no-picture', 'no-screen': 'screen', shut: 'screen', locked: 'no-sound', absent: 'absent', gone: 'ended',
  'not-come': 'soon', came: 'people', 'screen-ready': 'screen', ready: 'done', here: 'people',
};

/** @param {string} word  of a tile @returns {string} */
export function pictoOf(word) {
  return PICTOS[word] || 'people';
}

/** « 12 personnes · reçu en 0,4 s ». @param {import('../core/wall.js').Tile} t @returns {string} */
export function facts(t) {
  const people = t.people === null ? '' : say('wall.people', { n: t.people });
  return [people, t.path === 'tcp' ? say('wall.backup') : '', t.delay === null ? '' : say('wall.delay', { seconds: seconds(t.delay) })].filter(Boolean).join(' · ');
}

/** What is left of it where sixty tiles stand side by side: people, and a way or a delay that is not as usual. @param {import('../core/wall.js').Tile} t @returns {string} */
export function brief(t) {
  const slow = t.delay !== null && t.delay >= SLOW ? seconds(t.delay) + '\u00a0s' : '';
  return [t.people === null ? '' : String(t.people), t.path === 'tcp' ? say('wall.backup.short') : '', slow].filter(Boolean).join(' · ');
}

/** @param {number} ms @returns {string} tenths, with the comma of the language */
function seconds(ms) {
  const text = (ms / 1000).toFixed(1);
  return lang() === 'fr' ? text.replace('.', ',') : text;
}
