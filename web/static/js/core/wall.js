// The wall of sites: what each room needs, where a hand is wanted first, and what fits on one screen. Pure.

/** What a room may need, the most urgent first. Up to UNREADY a person should look; after that, none needs to. */
export const NEEDS = ['stuck', 'trouble', 'slower', 'screen', 'absent', 'unready', 'well'];
const LOOK = NEEDS.indexOf('well');

export const FEW = 6; // rooms that are never folded and have room for everything that is known of them
export const SCREENFUL = 60; // rooms that one screen holds
const NEVER = Number.MAX_SAFE_INTEGER; // not infinity: the difference of two is no number
const names = new Intl.Collator('fr');
const LATE = 60000; // ms after its hour from which a room that is not there is missed

/**
 * @typedef {Object} Seen  what the wall is drawn from: entities of the class
 * @property {any} room
 * @property {any} [air]
 * @property {any[]} sites
 * @property {Map<string, any>} there  what is connected, by site; a site of which nothing is connected may be missing
 * @property {any} [presence]
 * @property {any} [exercise]
 * @property {number} now  ms since 1970, the server's clock
 *
 * @typedef {Object} Tile
 * @property {string} id
 * @property {string} name
 * @property {string} town
 * @property {string} need   one of NEEDS
 * @property {string} word   what is said of it first: 'stuck', 'no-sound', 'frozen', 'following', 'ready'…
 * @property {string} also   what is true besides: a room may be stuck and without sound
 * @property {boolean} look  a person should look
 * @property {number} since  ms since 1970; 0 when nobody knows
 * @property {boolean} here  something of it is connected
 * @property {number | null} people  as the room counts them; null when it has not
 * @property {'' | 'udp' | 'tcp'} path  of its worst screen
 * @property {number | null} delay  ms
 * @property {string} pace   '' when nothing was said
 * @property {'' | 'mediator' | 'moderator'} seen  who has seen this pace; '' for nobody yet
 * @property {boolean} suspended  its questions are stopped
 * @property {'' | 'done' | 'more' | 'missing'} report  of the exercise that runs
 */

/** @param {Seen} seen @returns {Tile[]} those who need somebody first, then those who wait longest */
export function tiles(seen) {
  const moment = momentOf(seen);
  return seen.sites.map((site) => tile(site, seen.there.get(site.id) || {}, moment)).sort(byNeed);
}

/** @typedef {{before: boolean, over: boolean, late: boolean, picture: boolean, exercise: boolean, hour: number}} Moment */

/** @param {Seen} seen @returns {Moment} picture: the studio sends one, so that screens should move */
function momentOf({ room, air, exercise, now }) {
  const state = (room && room.state) || 'scheduled';
  const hour = room ? Date.parse(room.startedAt || room.at) : 0;
  const before = state === 'scheduled' || state === 'doors-open';
  const up = (air && air.up) || [];
  return {
    before, hour, over: state === 'ended',
    late: before ? now - hour >= LATE : state !== 'ended',
    picture: state === 'on-air' && ['camera', 'slides', 'guest-camera'].some((slot) => up.indexOf(slot) >= 0),
    exercise: Boolean(exercise && !exercise.endedAt),
  };
}

/** @param {any} site @param {any} there @param {Moment} moment @returns {Tile} */
function tile(site, there, moment) {
  const here = Boolean(there.desks || there.screens || there.posts);
  const said = wordsOf(site, there, here, moment);
  const first = said[0];
  return {
    id: site.id, name: site.name, town: site.town || '',
    need: first.need, word: first.word, also: said[1] ? said[1].word : '', since: first.since,
    look: NEEDS.indexOf(first.need) < LOOK, here,
    people: typeof site.people === 'number' ? site.people : null,
    path: there.path || '', delay: typeof there.delay === 'number' ? there.delay : null,
    pace: (!moment.over && site.pace) || '', seen: moment.over ? '' : seenBy(site),
    suspended: Boolean(site.suspended),
    report: moment.exercise ? site.report || (here ? 'missing' : '') : '',
  };
}

/** @param {any} site @returns {Tile['seen']} */
function seenBy(site) {
  return site.pace && site.seenAt ? site.seenBy || 'mediator' : '';
}

/** @typedef {{need: string, word: string, since: number}} Said */

/** All that is to be said of a room, the most urgent first; never empty. @param {any} site @param {any} there @param {boolean} here @param {Moment} moment @returns {Said[]} */
function wordsOf(site, there, here, moment) {
  /** @type {Said[]} */
  const said = [];
  const add = (/** @type {string} */ need, /** @type {string} */ word, /** @type {string} */ at = '') => said.push({ need, word, since: at ? Date.parse(at) : 0 });
  const pace = moment.over ? '' : site.pace; // what was said during the séance calls nobody after it
  if (pace === 'stuck') add('stuck', 'stuck', site.paceAt);
  if (!moment.over && site.trouble && site.trouble !== 'none') add('trouble', site.trouble, site.troubleAt);
  if (pace === 'slower') add('slower', 'slower', site.paceAt);
  if (!here) said.push(away(site, moment));
  else if (badScreen(there, moment)) add('screen', badScreen(there, moment));
  if (here && moment.before) said.push(readiness(site));
  if (pace === 'following') add('well', 'following', site.paceAt);
  if (!said.length) add('well', 'here');
  return said;
}

/** A room of which nothing is connected. @param {any} site @param {Moment} moment @returns {Said} */
function away(site, moment) {
  if (moment.late) return { need: 'absent', word: 'absent', since: site.came ? 0 : moment.hour };
  return moment.before ? readiness(site) : { need: 'well', word: 'gone', since: 0 };
}

/** How far a room is before its hour. @param {any} site @returns {Said} */
function readiness(site) {
  if (site.sound) return { need: 'well', word: 'ready', since: 0 };
  if (site.screen) return { need: 'well', word: 'screen-ready', since: 0 };
  return { need: 'unready', word: site.came ? 'came' : 'not-come', since: 0 };
}

/** What is wrong with the screens of a room, '' for nothing. @param {any} there @param {Moment} moment @returns {string} */
function badScreen(there, moment) {
  if (moment.before && !there.screens) return '';
  if (!there.screens) return moment.picture ? 'no-screen' : '';
  if (there.opened === false) return 'shut';
  if (there.sound === 'locked') return 'locked';
  return moment.picture && (there.picture === 'frozen' || there.picture === 'none') ? 'frozen' : '';
}

/** @param {Tile} a @param {Tile} b */
function byNeed(a, b) {
  return NEEDS.indexOf(a.need) - NEEDS.indexOf(b.need) || sinceOf(a) - sinceOf(b) || names.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);
}

/** Those of whom nobody knows since when come after the others; those who are well stay where they are. @param {Tile} tile */
function sinceOf(tile) {
  return tile.look && tile.since ? tile.since : NEVER;
}

/**
 * @typedef {Object} Fold
 * @property {'few' | 'all' | 'folded'} layout
 * @property {Tile[]} shown
 * @property {number} ok    rooms that need nobody
 * @property {number} look  rooms to look at
 * @property {number} more  rooms to look at that do not fit on a screen
 */

/**
 * What one screen shows: all up to sixty; above, only what needs a look.
 * @param {Tile[]} sorted  as tiles() gives them
 * @param {boolean} [whole]  show all the same
 * @returns {Fold}
 */
export function fold(sorted, whole = false) {
  const look = sorted.filter((t) => t.look);
  const ok = sorted.length - look.length;
  if (sorted.length <= FEW) return { layout: 'few', shown: sorted, ok, look: look.length, more: 0 };
  if (sorted.length <= SCREENFUL || whole) return { layout: 'all', shown: sorted, ok, look: look.length, more: 0 };
  const shown = look.slice(0, SCREENFUL);
  return { layout: 'folded', shown, ok, look: look.length, more: look.length - shown.length };
}

/**
 * The few that the mediator sees beside the picture: rooms that call. Those that are not there are counted (see Totals.absent): on a
 * bad day they would be all five.
 * @param {Tile[]} sorted @param {number} most @returns {Fold}
 */
export function worst(sorted, most) {
  const look = sorted.filter((t) => t.look);
  const calling = look.filter((t) => t.need !== 'absent');
  const shown = sorted.length <= most ? sorted : calling.slice(0, most);
  return { layout: 'few', shown, ok: sorted.length - look.length, look: look.length, more: Math.max(0, calling.length - shown.length) };
}

/**
 * @typedef {Object} Totals
 * @property {number} sites   rooms that follow this séance
 * @property {number} here    of those, rooms of which something is connected
 * @property {number} absent  rooms that are missed
 * @property {number} people  as the rooms count them
 * @property {number} homes   connections, never people
 * @property {Record<'stuck' | 'slower' | 'following', number>} pace
 * @property {Record<'stuck' | 'slower' | 'following', number>} unseen  of those, rooms whom nobody has told « vu »
 * @property {Record<'no-sound' | 'no-picture', number>} trouble
 * @property {Record<'not-come' | 'came' | 'screen-ready' | 'ready', number> | null} ready  before the séance; else null
 * @property {{done: number, more: number, missing: Tile[]} | null} exercise  while one runs; else null
 */

/** @param {Tile[]} sorted @param {Seen} seen @returns {Totals} */
export function totals(sorted, seen) {
  const count = (/** @type {(t: Tile) => boolean} */ is) => sorted.filter(is).length;
  const moment = momentOf(seen);
  const paced = (/** @type {(t: Tile) => boolean} */ is) => ({
    stuck: count((t) => t.pace === 'stuck' && is(t)), slower: count((t) => t.pace === 'slower' && is(t)), following: count((t) => t.pace === 'following' && is(t)),
  });
  const troubled = (/** @type {string} */ word) => (moment.over ? 0 : seen.sites.filter((s) => s.trouble === word).length);
  return {
    sites: sorted.length, here: count((t) => t.here), absent: count((t) => t.need === 'absent'),
    people: sorted.reduce((sum, t) => sum + (t.people || 0), 0),
    homes: (seen.presence && seen.presence.homes) || 0,
    pace: paced(() => true), unseen: paced((t) => !t.seen),
    trouble: { 'no-sound': troubled('no-sound'), 'no-picture': troubled('no-picture') },
    ready: moment.before ? readyCounts(seen.sites) : null,
    exercise: moment.exercise ? {
      done: count((t) => t.report === 'done'), more: count((t) => t.report === 'more'), missing: sorted.filter((t) => t.report === 'missing'),
    } : null,
  };
}

/** @param {any[]} sites @returns {Record<'not-come' | 'came' | 'screen-ready' | 'ready', number>} */
function readyCounts(sites) {
  const counts = { 'not-come': 0, came: 0, 'screen-ready': 0, ready: 0 };
  for (const site of sites) counts[/** @type {keyof typeof counts} */ (readiness(site).word)] += 1;
  return counts;
}

/** Whether a tap on a tile tells its room something new. @param {Tile} tile */
export function canSee(tile) {
  return tile.pace !== '' && !tile.seen;
}

/**
 * The rooms that have come to need somebody since the last look; all that did before is forgotten.
 * @param {Map<string, string>} before  word by site; filled here
 * @param {Tile[]} sorted
 * @returns {Tile[]}
 */
export function arrivals(before, sorted) {
  const urgent = sorted.filter((t) => t.need === 'stuck' || t.need === 'trouble' || t.need === 'slower');
  const fresh = urgent.filter((t) => before.get(t.id) !== t.word);
  before.clear();
  for (const t of urgent) before.set(t.id, t.word);
  return fresh;
}
