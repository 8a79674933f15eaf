// The wall of sites, as the studio (compact), the régie and the coordination see it: one tile a room, the totals over them.
//
//   const wall = new Wall(el('wall'), { compact, onSee });
//   wall.show(classroom);   at each change, and each 20 s for the minutes
//
// quiet: another wall of the same page reads aloud what is new.
// onSee hears of a person's tap: { site } from a tile, { pace } from a total; what it gives goes with the command
// `see-pace`. Without onSee nothing on the wall can be pressed but what unfolds it. It never speaks of « vu » by itself.
// The page links css/wall.css and borrows the sentences « wall. ».

import { arrivals, canSee, fold, tiles, totals, worst } from '../core/wall.js';
import { latestOf } from '../core/pace.js';
import { say } from '../core/words.js';
import { announce } from './news.js';
import { make, show, write } from './page.js';
import { paced } from './paced.js';
import { picto, repaint } from './picto.js';
import { missed, SteadyList } from './steady.js';
import { Totals } from './wall-totals.js';
import { brief, facts, pictoOf } from './wall-words.js';

const STRIP = 5; // tiles of the compact wall
const ROOMY = 56; // tiles beside which the three worst may stand twice as wide
const TOLD = 3; // rooms named one by one; more are counted

/** @typedef {import('../core/wall.js').Tile} Tile */
/** @typedef {{site: string, until?: string} | {pace: string, until?: string}} See  until: what came later was not on the page */

export class Wall {
  /**
   * @param {HTMLElement} box  an empty element of the page
   * @param {{compact?: boolean, quiet?: boolean, onSee?: (what: See) => void}} [options]
   */
  constructor(box, { compact = false, quiet = false, onSee } = {}) {
    /** @private */
    this.compact = compact;
    /** @private */
    this.quiet = quiet;
    /** @private */
    this.onSee = onSee;
    /** @private @type {Map<string, string>} */
    this.known = new Map();
    /** @private the first look tells nothing: all of it is on the page */
    this.first = true;
    /** @private */
    this.whole = false;
    /** @private @type {any} */
    this.classroom = null;
    /** @private the rooms as they are drawn @type {any[]} */
    this.drawn = [];
    /** @private */
    this.draw = paced(() => this.paint());
    /** @private ms of the last drawing, by the server's clock */
    this.now = 0;
    /** @private */
    this.totals = new Totals(onSee && ((/** @type {string} */ pace) => this.see({ pace })), compact);
    /** @private */
    this.hint = make('p.hint.wall-hint', { hidden: '' }, [say('wall.hint')]);
    /** @private */
    this.list = make('ul.wall-tiles', { 'aria-label': say('wall.rooms') });
    /** @private */
    this.rest = make('p.wall-rest', { hidden: '' });
    /** @private */
    this.unfold = make('button.small.wall-unfold', { type: 'button', 'aria-expanded': 'false', hidden: '' });
    /** @private */
    this.said = make('p.sr', { role: 'status', hidden: '' });
    /** @private @type {SteadyList<Tile>} */
    this.steady = new SteadyList(this.list, { keyOf: (t) => t.id, create: () => this.create(), update: (element, t) => this.update(element, t) });
    box.classList.add('wall-of-sites');
    box.classList.toggle('compact', compact);
    box.append(this.totals.element, this.hint, this.list, this.rest, this.unfold, this.said);
    this.unfold.addEventListener('click', () => { this.whole = !this.whole; this.draw(); });
    this.list.addEventListener('keydown', (event) => this.walk(event));
    this.list.addEventListener('focusin', (event) => this.hold(/** @type {Element} */ (event.target).closest('.tile-face')));
  }

  /** Draws what the class knows, at once or in a moment. @param {import('../core/classroom.js').Classroom} classroom */
  show(classroom) {
    if (!this.classroom) classroom.on('mine', this.draw.now);
    this.classroom = classroom;
    this.draw();
  }

  /** @private */
  paint() {
    const seen = look(this.classroom);
    if (!seen.room) return;
    const sorted = tiles(seen);
    const folded = this.compact ? worst(sorted, STRIP) : fold(sorted, this.whole);
    this.now = seen.now;
    this.drawn = seen.sites;
    this.list.dataset.layout = folded.layout;
    this.list.dataset.wide = String(folded.layout === 'folded' || folded.shown.length <= ROOMY);
    this.steady.show(folded.shown);
    this.hold(this.list.querySelector('.tile-face[tabindex="0"]') || this.list.querySelector('.tile-face'));
    this.totals.show(totals(sorted, seen), folded);
    show(this.hint, Boolean(this.onSee) && !this.compact && sorted.some(canSee));
    this.drawRest(folded, sorted.length);
    this.tell(arrivals(this.known, sorted));
  }

  /** @private @param {import('../core/wall.js').Fold} folded @param {number} all */
  drawRest(folded, all) {
    const empty = folded.shown.length === 0 && all > 0;
    write(this.rest, empty ? say('wall.calm') : folded.more ? say('wall.more', { n: folded.more }) : '');
    show(this.rest, this.rest.textContent !== '');
    const folds = !this.compact && (folded.layout === 'folded' || this.whole);
    show(this.unfold, folds);
    this.unfold.setAttribute('aria-expanded', String(this.whole));
    write(this.unfold, this.whole ? say('wall.fold') : say('wall.unfold', { n: all }));
  }

  /** @private @returns {HTMLElement} */
  create() {
    const place = make('span.tile-place', null, [make('span.tile-name'), ' ', make('span.tile-town')]);
    const word = make('span.tile-word', null, [picto('people'), make('span.tile-said')]);
    const short = make('span.tile-brief', { 'aria-hidden': 'true' }, [picto('people'), make('span.tile-few')]);
    const parts = [place, make('span.tile-line', null, [word, make('span.tile-since'), short]), make('span.tile-also'), make('span.tile-report'),
      make('span.tile-facts'), make('span.tile-seen')];
    const face = this.onSee ? make('button.tile-face', { type: 'button', tabindex: '-1' }, parts) : make('div.tile-face', null, parts);
    const item = make('li.tile', null, [face]);
    if (this.onSee) face.addEventListener('click', () => (face.getAttribute('aria-disabled') === 'true' ? missed(face, 'nothing') : this.see({ site: item.dataset.key || '' })));
    return item;
  }

  /** Touches the page only when something that is written on the tile has changed. @private @param {HTMLElement} item @param {Tile} t */
  update(item, t) {
    const since = t.since ? Math.max(0, Math.floor((this.now - t.since) / 60000)) : -1;
    const drawn = [t.name, t.town, t.need, t.word, t.also, since, t.people, t.path, t.delay, t.seen, t.suspended, t.report, canSee(t)].join('|');
    if (item.dataset.drawn === drawn) return;
    item.dataset.drawn = drawn;
    item.dataset.need = t.need;
    item.dataset.word = t.word;
    item.dataset.fresh = String(since === 0);
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (item.querySelector('.tile-' + name));
    write(part('name'), t.name);
    write(part('town'), t.town);
    repaint(/** @type {Element} */ (part('word').firstElementChild), pictoOf(t.word));
    write(part('said'), say('wall.word.' + t.word));
    write(part('since'), since < 0 ? '' : say(since < 1 ? 'wall.since.now' : 'wall.since', { n: since }));
    write(part('also'), [t.also && say('wall.word.' + t.also), t.suspended && say('wall.suspended')].filter(Boolean).join(', '));
    write(part('facts'), facts(t));
    write(part('few'), brief(t));
    show(part('brief'), part('few').textContent !== '');
    write(part('report'), t.report && say('wall.report.' + t.report));
    this.paintSeen(part('seen'), t);
    if (this.onSee) /** @type {Element} */ (item.firstElementChild).setAttribute('aria-disabled', String(!canSee(t)));
  }

  /** @private @param {HTMLElement} mark @param {Tile} t */
  paintSeen(mark, t) {
    if (mark.dataset.by === t.seen) return;
    mark.dataset.by = t.seen;
    mark.textContent = '';
    if (t.seen) mark.append(picto('seen'), make('span.tile-seen-word', null, [say('wall.seen.' + t.seen)]));
  }

  /** @private @param {See} what */
  see(what) {
    const meant = this.drawn.filter((site) => ('site' in what ? site.id === what.site : site.pace === what.pace));
    const until = latestOf(meant);
    if (this.onSee) this.onSee(until ? Object.assign({ until }, what) : what);
  }

  /** One stop of the Tab key for the whole wall: the tile last visited. @private @param {Element | null} face */
  hold(face) {
    if (!this.onSee || !face || face.getAttribute('tabindex') === '0') return;
    for (const other of Array.from(this.list.querySelectorAll('.tile-face[tabindex="0"]'))) other.setAttribute('tabindex', '-1');
    face.setAttribute('tabindex', '0');
  }

  /** Arrows go from tile to tile. @private @param {KeyboardEvent} event */
  walk(event) {
    const faces = /** @type {HTMLElement[]} */ (Array.from(this.list.querySelectorAll('.tile-face')));
    const next = faces[neighbour(faces, faces.indexOf(/** @type {HTMLElement} */ (document.activeElement)), event.key)];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  }

  /** @private @param {Tile[]} fresh */
  tell(fresh) {
    const first = this.first;
    this.first = false;
    if (first || this.quiet || !fresh.length) return;
    const named = fresh.map((t) => say('wall.told', { site: t.name, what: say('wall.word.' + t.word) })).join(' ');
    announce(this.said, fresh.length > TOLD ? say('wall.told.many', { n: fresh.length }) : named);
  }
}

/** What the wall reads of the class. @param {import('../core/classroom.js').Classroom} classroom @returns {import('../core/wall.js').Seen} */
function look(classroom) {
  const sites = classroom.all('site/');
  const there = new Map(sites.map((s) => [s.id, classroom.get('there/' + s.id)]));
  return {
    room: classroom.get('room'), air: classroom.get('air'), presence: classroom.get('presence'), exercise: classroom.get('exercise'),
    sites, there, now: classroom.now(),
  };
}

/** Where an arrow leads from a tile, -1 for nowhere. @param {HTMLElement[]} faces @param {number} at @param {string} key @returns {number} */
function neighbour(faces, at, key) {
  if (at < 0) return -1;
  if (key === 'ArrowRight') return at + 1;
  if (key === 'ArrowLeft') return at - 1;
  if (key === 'Home') return 0;
  if (key === 'End') return faces.length - 1;
  const way = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
  const here = faces[at].getBoundingClientRect();
  return way ? faces.findIndex((face) => below(face.getBoundingClientRect(), here, way)) : -1;
}

/** Whether a tile is in the next row and the same column. @param {DOMRect} box @param {DOMRect} here @param {number} way */
function below(box, here, way) {
  const rows = (box.top - here.top) * way;
  return Math.abs(box.left - here.left) < here.width / 2 && rows > here.height / 2 && rows < here.height * 2;
}
