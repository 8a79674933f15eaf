// The words that stand in the place of the picture.

import { say } from '../core/words.js';
import { el, show, write } from './page.js';

/** @type {Record<string, [string, string]>} title and text by slate */
const WORDS = {
  opening: ['', 'slate.opening'],
  paused: ['slate.paused.title', 'slate.paused.text'],
  incident: ['slate.broken.title', 'slate.incident.text'],
  line: ['slate.broken.title', 'slate.broken.line'],
  source: ['slate.broken.title', 'slate.broken.source'],
  frozen: ['slate.broken.title', 'slate.broken.picture'],
  sound: ['slate.sound.title', 'slate.sound.text'],
  ended: ['slate.ended.title', 'slate.ended.text'],
};

/**
 * @param {import('../core/slates.js').Slate} slate
 * @param {{ title: string, text: string }} [own] the page's own words: poster, gone
 * @param {string} [next] what to do, when waiting has not helped
 */
export function showSlate(slate, own, next) {
  const box = el('slate');
  const words = WORDS[slate];
  box.dataset.slate = slate;
  show(box, slate !== 'none');
  show(el('slate-next'), false);
  if (words) put(words[0] && say(words[0]), next || say(words[1]));
  else if (own) put(own.title, next || own.text);
}

/**
 * The door lets us in later: its own words, read aloud once, and when it is asked again, which is only seen.
 * @param {{ text: string, seconds: number }} delayed
 * @param {string} [title] where there is room for one
 */
export function showDelay({ text, seconds }, title = '') {
  el('slate').dataset.slate = 'delayed';
  show(el('slate'), true);
  put(title, text);
  write(el('slate-next'), seconds ? say('slate.delayed.next', { n: seconds }) : say('slate.delayed.now'));
  show(el('slate-next'), true);
}

/**
 * @param {string} title
 * @param {string} text
 */
function put(title, text) {
  write(el('slate-title'), title);
  show(el('slate-title'), Boolean(title));
  write(el('slate-text'), text);
  show(el('slate-text'), Boolean(text));
}
