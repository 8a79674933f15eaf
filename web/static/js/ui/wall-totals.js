// The totals over a wall of sites: who follows, how many at each pace (a button, where one may say « vu » to all of them),
// how far rooms are before the hour, who has finished an exercise.

import { lang, say } from '../core/words.js';
import { make, show, write } from './page.js';
import { picto, repaint } from './picto.js';
import { missed } from './steady.js';
import { pictoOf } from './wall-words.js';

const PACES = /** @type {const} */ (['stuck', 'slower', 'following']);
const TROUBLES = /** @type {const} */ (['no-sound', 'no-picture']);
const READY = /** @type {const} */ (['ready', 'screen-ready', 'came', 'not-come']);
const SHARED = ['stuck', 'slower']; // said as a share of the rooms that are there
const NAMED = 6; // rooms named of those that an exercise waits for

export class Totals {
  /**
   * @param {((pace: string) => void) | undefined} onSee
   * @param {boolean} compact
   */
  constructor(onSee, compact) {
    /** @private */
    this.onSee = onSee;
    /** @private */
    this.compact = compact;
    /** @private */
    this.who = make('p.wall-who');
    /** @private @type {Map<string, HTMLElement>} */
    this.parts = new Map();
    this.row = make('ul.wall-counts', { 'aria-label': say('wall.totals') });
    for (const pace of PACES) this.add(pace, pace, onSee);
    for (const word of [...TROUBLES, 'absent', ...READY]) this.add(word, pictoOf(word));
    /** @private */
    this.exercise = make('p.wall-exercise', null, [picto('exercise'), make('span')]);
    this.element = make('div.wall-totals', null, [this.who, this.row, this.exercise]);
  }

  /** @private @param {string} word @param {string} drawing @param {(pace: string) => void} [act] */
  add(word, drawing, act) {
    const content = [picto(drawing), make('span.wall-count-text')];
    const face = act ? make('button.small.wall-count', { type: 'button', 'data-pace': word }, content) : make('span.wall-count', null, content);
    if (act) face.addEventListener('click', () => (face.getAttribute('aria-disabled') === 'true' ? missed(face, 'nothing') : act(word)));
    const item = make('li', { hidden: '', 'data-word': word }, [face]);
    this.parts.set(word, item);
    this.row.append(item);
  }

  /** @param {import('../core/wall.js').Totals} t @param {import('../core/wall.js').Fold} folded */
  show(t, folded) {
    const homes = t.homes ? say('wall.homes', { n: t.homes }) : '';
    const people = t.people ? say('wall.people', { n: grouped(t.people) }) : '';
    const judged = t.sites > 0 && !t.ready ? say('wall.judged', { ok: folded.ok, look: folded.look }) : '';
    write(this.who, [say('wall.here', { n: t.here, of: t.sites }), people, homes, judged].filter(Boolean).join(' · '));
    for (const pace of PACES) this.count(pace, t.pace[pace], t.here, t.unseen[pace] > 0);
    for (const trouble of TROUBLES) this.count(trouble, t.trouble[trouble], t.here, false);
    this.count('absent', this.compact ? t.absent : 0, t.sites, false); // the whole wall shows each of them
    for (const word of READY) this.count(word, t.ready ? t.ready[word] : 0, t.sites, false);
    this.showExercise(t.exercise);
  }

  /** @private @param {string} word @param {number} n @param {number} of @param {boolean} unseen */
  count(word, n, of, unseen) {
    const item = /** @type {HTMLElement} */ (this.parts.get(word));
    const face = /** @type {HTMLElement} */ (item.firstElementChild);
    show(item, n > 0 && !(this.compact && word === 'following'));
    write(/** @type {Element} */ (item.querySelector('.wall-count-text')), say(SHARED.indexOf(word) >= 0 ? 'wall.count' : 'wall.count.short', { word: say('wall.word.' + word), n, of }));
    if (this.onSee && item.querySelector('button')) face.setAttribute('aria-disabled', String(!unseen));
  }

  /** @private @param {import('../core/wall.js').Totals['exercise']} e */
  showExercise(e) {
    show(this.exercise, Boolean(e));
    if (!e) return;
    repaint(/** @type {Element} */ (this.exercise.firstElementChild), e.missing.length ? 'exercise' : 'done');
    const named = e.missing.slice(0, NAMED).map((t) => t.name).join(', ');
    const missing = e.missing.length > NAMED ? say('wall.exercise.missing.more', { names: named, n: e.missing.length - NAMED }) : say('wall.exercise.missing', { names: named });
    write(/** @type {Element} */ (this.exercise.lastElementChild), say('wall.exercise', { done: e.done, more: e.more }) + ' ' + (e.missing.length ? missing : say('wall.exercise.all')));
  }
}

/** « 2 775 »: thousands apart, as the language writes them; small numbers as they are, for their singular. @param {number} n @returns {string | number} */
function grouped(n) {
  return n < 1000 ? n : new Intl.NumberFormat(lang()).format(n);
}
