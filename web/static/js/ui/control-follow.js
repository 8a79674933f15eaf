// What is left to answer after the séance, by room: on the page and on paper.

import { leftToAnswer } from '../core/board.js';
import { say } from '../core/words.js';
import { el, follow, make, show, write } from './page.js';
import { textOf } from './question-words.js';

export class FollowUp {
  constructor() {
    el('print').addEventListener('click', () => window.print());
  }

  /** @param {any[]} questions @param {boolean} over  the séance has ended */
  render(questions, over) {
    show(el('follow-box'), over);
    if (!over) return;
    const rooms = leftToAnswer(questions);
    show(el('follow-empty'), rooms.length === 0);
    show(el('print'), rooms.length > 0);
    follow(el('follow'), rooms, (room) => room.site || '-', () => make('li', null, [make('h3'), make('ul.follow-questions')]), (item, room) => {
      write(/** @type {Element} */ (item.firstElementChild), [room.siteName, room.town].filter(Boolean).join(', ') || say('question.place.home-alone'));
      follow(/** @type {HTMLElement} */ (item.lastElementChild), room.questions, (q) => q.id, () => make('li', null, [make('span.follow-text'), ' ', make('span.hint')]), (line, q) => {
        write(/** @type {Element} */ (line.firstElementChild), textOf(q));
        write(/** @type {Element} */ (line.lastElementChild), say(q.state === 'later' ? 'control.follow.later' : 'control.follow.never'));
      });
    });
  }
}
