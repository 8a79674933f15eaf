// Written answers that everybody may read, the newest first.

import { fatePicto, writeFate } from './fate-picto.js';
import { el, follow, make, show, write } from './page.js';

/** @param {import('../core/classroom.js').Classroom} classroom */
export function paintReplies(classroom) {
  const replies = classroom.all('reply/').sort((a, b) => (a.at < b.at ? 1 : -1));
  show(el('replies-box'), replies.length > 0);
  follow(el('replies'), replies, (r) => r.question, () => make('li.reply', null, [make('p.text'), make('p.fate'), make('p.from')]), (item, r) => {
    const [text, answer, from] = Array.from(item.children);
    write(text, r.text || '');
    writeFate(/** @type {HTMLElement} */ (answer), fatePicto('answered'), r.answer);
    write(from, r.siteName || '');
    show(/** @type {HTMLElement} */ (text), Boolean(r.text));
    show(/** @type {HTMLElement} */ (from), Boolean(r.siteName));
  });
}
