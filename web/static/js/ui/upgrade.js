// A page from before an upgrade: it says so in words and offers to load itself again. Nothing is lost by that: what is being
// written, what waits and the link are kept by the browser.

import { say } from '../core/words.js';
import { announce } from './news.js';
import { el, make, page, show } from './page.js';
import { picto } from './picto.js';

/**
 * Puts the words over the page as soon as the house serves other pages than this one.
 * @param {import('../core/classroom.js').Classroom} classroom
 * @param {{ may?: () => boolean, later?: string }} [how] may: asked whenever the class changes; while false (on air) nothing is
 *   offered, and `later` is said, which tells what it waits for, or nothing
 * @returns {() => void} to be called where may() changes without the class
 */
export function offerUpgrade(classroom, how = {}) {
  const words = make('p', { role: 'status', hidden: '' });
  const button = make('button.small', { type: 'button', hidden: '' }, [picto('retry'), say('common.upgrade.do')]);
  const bar = make('div.upgrade', null, [words, button]);
  button.addEventListener('click', () => window.location.reload());
  el('main').insertBefore(bar, el('main').firstChild);
  let said = '';
  const paint = () => {
    const old = isOld(classroom.build, page.build);
    const now = old && (!how.may || how.may());
    const text = now ? say('common.upgrade') : (old && how.later) || '';
    show(button, now);
    if (text === said) return;
    said = text;
    announce(words, text);
  };
  classroom.on('build', paint);
  classroom.on('change', paint);
  return paint;
}

/** @param {string} served @param {string} own @returns {boolean} both are known and differ */
export function isOld(served, own) {
  return served !== '' && own !== '' && served !== own;
}
