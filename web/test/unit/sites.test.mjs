import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrivals, canSee, fold, tiles, totals, worst } from '../../static/js/core/wall.js';

const at = (minute) => new Date(Date.UTC(2026, 2, 3, 10, minute)).toISOString();
const now = Date.parse(at(30));
const well = { desks: 1, screens: 1, posts: 0, opened: true, picture: 'moving', sound: 'on' };
const onAir = { state: 'on-air', at: at(0), startedAt: at(1) };

/** What the wall sees of these sites: [entity, there]. */
function seen(places, more = {}) {
  const sites = places.map(([site], i) => ({ id: `s${i}`, name: `Centre ${String(i).padStart(3, '0')}`, town: 'Lens', ...site }));
  const there = new Map(places.map(([, t], i) => [`s${i}`, t === undefined ? well : t]));
  return { room: onAir, air: { up: ['camera', 'voice'] }, sites, there, presence: { homes: 148 }, now, ...more };
}

const words = (s) => tiles(s).map((t) => t.word);

test('the most urgent need comes first, whatever the order of the rooms', () => {
  const s = seen([
    [{ pace: 'following', paceAt: at(2) }],
    [{}, null],
    [{}, { ...well, sound: 'locked' }],
    [{ pace: 'slower', paceAt: at(3) }],
    [{ trouble: 'no-picture', troubleAt: at(9) }],
    [{ pace: 'stuck', paceAt: at(29) }],
  ].map(([site, t]) => [site, t === null ? {} : t]));
  assert.deepEqual(words(s), ['stuck', 'no-picture', 'slower', 'locked', 'absent', 'following']);
  assert.deepEqual(tiles(s).map((t) => t.look), [true, true, true, true, true, false]);
});

test('of two rooms with one need, the one that waits longest comes first', () => {
  const s = seen([[{ pace: 'stuck', paceAt: at(20) }], [{ pace: 'stuck', paceAt: at(4) }], [{ trouble: 'no-sound', troubleAt: at(25) }], [{ trouble: 'no-picture', troubleAt: at(11) }]]);
  assert.deepEqual(tiles(s).map((t) => t.id), ['s1', 's0', 's3', 's2']);
  assert.equal(tiles(s)[0].since, Date.parse(at(4)));
});

test('rooms that are well do not change places when they say so again', () => {
  const s = seen([[{ pace: 'following', paceAt: at(20) }], [{ pace: 'following', paceAt: at(4) }], [{}]]);
  assert.deepEqual(tiles(s).map((t) => t.id), ['s0', 's1', 's2']);
});

test('a trouble and a pace do not erase one another', () => {
  const [tile] = tiles(seen([[{ pace: 'stuck', paceAt: at(20), trouble: 'no-sound', troubleAt: at(2) }]]));
  assert.equal(tile.word, 'stuck');
  assert.equal(tile.also, 'no-sound');
  const [following] = tiles(seen([[{ pace: 'following', paceAt: at(20), trouble: 'no-sound', troubleAt: at(2) }]]));
  assert.deepEqual([following.need, following.word, following.also, following.since], ['trouble', 'no-sound', 'following', Date.parse(at(2))]);
});

test('after the end nobody is called by what a room said during the séance', () => {
  const places = [[{ pace: 'stuck', paceAt: at(20), trouble: 'no-sound', troubleAt: at(2) }], [{ pace: 'slower', paceAt: at(3) }], [{ pace: 'following', paceAt: at(4) }]];
  assert.deepEqual(tiles(seen(places)).map((t) => t.look), [true, true, false]);
  const over = seen(places, { room: { ...onAir, state: 'ended', endedAt: at(29) }, air: { up: [] } });
  assert.deepEqual(tiles(over).map((t) => [t.need, t.word, t.pace]), [['well', 'here', ''], ['well', 'here', ''], ['well', 'here', '']]);
  const sum = totals(tiles(over), over);
  assert.deepEqual([sum.pace, sum.trouble], [{ stuck: 0, slower: 0, following: 0 }, { 'no-sound': 0, 'no-picture': 0 }]);
});

test('a screen is blamed for its picture only while the studio sends one', () => {
  const frozen = [[{}, { ...well, picture: 'frozen' }]];
  assert.deepEqual(words(seen(frozen)), ['frozen']);
  assert.deepEqual(words(seen(frozen, { air: { up: [] } })), ['here']);
  assert.deepEqual(words(seen(frozen, { room: { ...onAir, state: 'paused' } })), ['here']);
  assert.deepEqual(words(seen([[{}, { ...well, screens: 0 }]])), ['no-screen']);
  assert.deepEqual(words(seen([[{}, { ...well, opened: false }]])), ['shut']);
});

test('the day before says how far each room is, and calls nobody absent', () => {
  const s = seen([[{}, {}], [{ came: true }, {}], [{ came: true, screen: true }, {}], [{ came: true, screen: true, sound: true }, {}]], { room: { state: 'scheduled', at: at(40) } });

  assert.deepEqual(tiles(s).map((t) => [t.word, t.look]), [['not-come', true], ['came', true], ['screen-ready', false], ['ready', false]]);
  assert.deepEqual(totals(tiles(s), s).ready, { 'not-come': 1, came: 1, 'screen-ready': 1, ready: 1 });
});

test('a minute after its hour, a room that is not there is absent; after the end none is', () => {
  const absent = [[{ came: true }, {}]];
  const room = (state, hour) => ({ room: { state, at: hour } });
  assert.deepEqual(words(seen(absent, room('doors-open', at(30)))), ['came']);
  assert.deepEqual(words(seen(absent, room('doors-open', at(29)))), ['absent']);
  assert.deepEqual(tiles(seen(absent, room('ended', at(0)))).map((t) => [t.word, t.look]), [['gone', false]]);
});

test('six are never folded, sixty all stand, more leave only what needs a look', () => {
  const many = (n, bad) => tiles(seen(Array.from({ length: n }, (_, i) => [{ pace: i < bad ? 'stuck' : 'following', paceAt: at(1) }])));
  assert.deepEqual([fold(many(6, 0)).layout, fold(many(6, 0)).shown.length], ['few', 6]);
  assert.deepEqual([fold(many(60, 3)).layout, fold(many(60, 3)).shown.length], ['all', 60]);
  const folded = fold(many(220, 16));
  assert.deepEqual([folded.layout, folded.shown.length, folded.ok, folded.look, folded.more], ['folded', 16, 204, 16, 0]);
  assert.deepEqual([fold(many(220, 100)).shown.length, fold(many(220, 100)).more], [60, 40]);
  assert.equal(fold(many(220, 16), true).shown.length, 220);
});

test('the strip of the studio shows the worst, all of few, and how many more there are', () => {
  const s = tiles(seen(Array.from({ length: 61 }, (_, i) => [{ pace: i < 9 ? 'slower' : 'following', paceAt: at(i % 20) }])));
  assert.deepEqual([worst(s, 5).shown.length, worst(s, 5).more, worst(s, 5).ok], [5, 4, 52]);
  assert.equal(worst(tiles(seen([[{}], [{}]])), 5).shown.length, 2);
});

test('rooms that are not there never hide those that call: they are counted', () => {
  const s = seen([...Array.from({ length: 6 }, () => [{}, {}]), [{}, { ...well, sound: 'locked' }]], { room: { state: 'on-air', at: at(0) } });
  const sorted = tiles(s);
  assert.deepEqual([worst(sorted, 5).shown.map((t) => t.need), worst(sorted, 5).more, totals(sorted, s).absent], [['screen'], 0, 6]);
});

test('totals count people as rooms say them, homes as connections, and paces apart from troubles', () => {
  const s = seen([[{ people: 12, pace: 'slower', paceAt: at(1), seenAt: at(2), seenBy: 'mediator' }], [{ people: 0, pace: 'slower', paceAt: at(1) }], [{ pace: 'stuck', trouble: 'no-sound' }], [{}, {}]]);
  const t = totals(tiles(s), s);
  assert.deepEqual([t.sites, t.here, t.people, t.homes], [4, 3, 12, 148]);
  assert.deepEqual(t.pace, { stuck: 1, slower: 2, following: 0 });
  assert.deepEqual(t.unseen, { stuck: 1, slower: 1, following: 0 });
  assert.deepEqual(t.trouble, { 'no-sound': 1, 'no-picture': 0 });
  assert.equal(t.exercise, null);
});

test('an exercise shows who is missing among those who are there, and nobody once it is over', () => {
  const places = [[{ report: 'done' }], [{ report: 'more' }], [{}], [{}, {}]];
  const running = seen(places, { exercise: { number: 1, until: at(40) } });
  const t = totals(tiles(running), running);
  assert.deepEqual([t.exercise.done, t.exercise.more, t.exercise.missing.map((m) => m.id)], [1, 1, ['s2']]);
  const over = seen(places, { exercise: { number: 1, until: at(20), endedAt: at(20) } });
  assert.equal(totals(tiles(over), over).exercise, null);
  assert.equal(tiles(over)[0].report, '');
});

test('only a pace that nobody has seen is there to be seen', () => {
  const [unseen, none, taken] = ['s0', 's1', 's2'].map((id) => tiles(seen([[{ pace: 'stuck' }], [{}], [{ pace: 'stuck', seenAt: at(3), seenBy: 'moderator' }]])).find((t) => t.id === id));
  assert.deepEqual([canSee(unseen), canSee(none), canSee(taken)], [true, false, false]);
  assert.equal(taken.seen, 'moderator');
});

test('a room that comes to need somebody is told once, and again when its need changes', () => {
  const before = new Map();
  const told = (site) => arrivals(before, tiles(seen([[site]]))).map((t) => t.word);
  assert.deepEqual(told({ pace: 'following' }), []);
  assert.deepEqual(told({ pace: 'stuck' }), ['stuck']);
  assert.deepEqual(told({ pace: 'stuck' }), []);
  assert.deepEqual(told({ pace: 'slower' }), ['slower']);
  assert.deepEqual(told({ pace: 'following' }), []);
  assert.deepEqual(told({ pace: 'slower' }), ['slower']);
});
