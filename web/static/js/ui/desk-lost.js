// Posts of the room where somebody is lost: which, since when, and « J'y vais ».

import { say } from '../core/words.js';
import { announce } from './news.js';
import { el, make, write } from './page.js';
import { picto } from './picto.js';
import { shifted, SteadyList } from './steady.js';

export class LostPosts {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./news.js').News} news */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private posts that were read aloud @type {Set<string>} */
    this.told = new Set();
    /** @private @type {SteadyList<any>} */
    this.list = new SteadyList(el('lost'), { keyOf: (post) => post.link, create: (post) => this.row(post), update: (row, post) => this.update(row, post) });
  }

  /** @returns {any[]} the one who waits longest first */
  lost() {
    return this.classroom.all('post/').filter((post) => post.lostAt).sort((a, b) => Date.parse(a.lostAt) - Date.parse(b.lostAt));
  }

  render() {
    const lost = this.lost();
    if (el('lost').children.length !== lost.length) shifted();
    this.list.show(lost);
    const before = this.told;
    this.told = new Set(lost.map((post) => post.link));
    if (Array.from(before).some((link) => !this.told.has(link))) announce(el('lost-said'), ''); // words that nobody sees must not stay when they are false
    const fresh = lost.filter((post) => !before.has(post.link));
    if (fresh.length) announce(el('lost-said'), fresh.map((post) => say('desk.lost', { label: post.label })).join(' '));
  }

  /** @private @param {any} post @returns {HTMLElement} */
  row(post) {
    const go = make('button.primary', { type: 'button', 'data-act': 'attend-post' }, [picto('people'), say('desk.lost.go')]);
    go.addEventListener('click', () => {
      this.classroom.do({ name: 'attend-post', post: post.link }).catch((error) => this.news.refusal(error));
    });
    return make('li.lost-post', { tabindex: '-1' }, [picto('lost'), make('p', null, [make('strong'), make('span.hint')]), go]);
  }

  /** @private @param {HTMLElement} row @param {any} post */
  update(row, post) {
    const minutes = Math.floor((this.classroom.now() - Date.parse(post.lostAt)) / 60000);
    write(/** @type {Element} */ (row.querySelector('strong')), say('desk.lost', { label: post.label }));
    write(/** @type {Element} */ (row.querySelector('.hint')), minutes > 0 ? say('desk.lost.since', { n: minutes }) : '');
  }
}
