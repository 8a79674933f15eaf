// A page from before an upgrade: it says so in words and offers to load itself again. Nothing is lost by that: what is being
// written, what waits and the link are kept by the browser.

import { say } from '../core/words.js';
import { announce } from './news.js';
import { el, make, page, show } from './page.js';
import { picto } from './picto.js';

/**
 * Puts the words over the page as soon as the house serves other pages than this one.
 * @param {import('../core/classroom.js').Classroom} classroom
 * @param {{ may?: () => boolean }} [how] may: asked whenever the class changes; while false, nothing is offered (on air)
 */
export function offerUpgrade(classroom, how = {}) {
  const words = make('p', { role: 'status', hidden: '' });
  const button = make('button.small', { type: 'button', hidden: '' }, [picto('retry'), say('common.upgrade.do')]);
  const bar = make('div.upgrade', null, [words, button]);
  button.addEventListener('click', () => window.location.reload());
  el('main').insertBefore(bar, el('main').firstChild);
  const paint = () => {
    const old = isOld(classroom.build, page.build) && (!how.may || how.may());
    if (button.hidden !== old) return;
    show(button, old);
    announce(words, old ? say('common.upgrade') : '');
  };
  classroom.on('build', paint);
  classroom.on('change', paint);
}

/** @param {string} served @param {string} own @returns {boolean} both are known and differ */
export function isOld(served, own) {
  return served !== '' && own !== '' && served !== own;
}
