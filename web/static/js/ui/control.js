// The régie: what comes up from the rooms is sorted here. Everything shown is the house's own state, so that two
// people at the régie always see the same.

import { Classroom } from '../core/classroom.js';
import { device, takeToken } from '../core/link.js';
import { followers } from '../core/onair.js';
import { sortTrays } from '../core/trays.js';
import { say, when } from '../core/words.js';
import { listenToKeys } from './control-keys.js';
import { Trays } from './control-trays.js';
import { announce, News } from './news.js';
import { Line } from './news-line.js';
import { el, follow, make, page, paintMark, show, write } from './page.js';
import { placeOf } from './question-words.js';
import { steadily } from './steady.js';

const token = takeToken('control/' + page.room);
const classroom = new Classroom({ token, device: device('tab'), lang: page.lang });
const news = new News(el('news'));
const trays = new Trays(classroom, news);
const line = new Line(classroom, news);

/** @type {Set<string> | null} questions to sort already spoken of */
let heard = null;

const render = steadily(() => {
  const room = classroom.get('room');
  if (!room) return;
  show(el('message'), false);
  show(el('work'), true);
  paintMark(el('mark'), room);
  write(el('title'), room.state === 'scheduled' || room.state === 'doors-open' ? room.title + ' · ' + when(room.at) : room.title);
  document.title = say('control.title') + ' · ' + room.title;
  show(el('doors'), room.state === 'scheduled');
  renderFacts(room, classroom.get('air'), classroom.get('presence'));
  renderPlaces(classroom.all('site/'), classroom.get('presence'));
  const sorted = sortTrays(classroom.all('question/'));
  trays.render(sorted);
  line.paint();
  announceNew(sorted.toSort);
});

/** @param {any} room @param {any} air @param {any} presence */
function renderFacts(room, air, presence) {
  const here = Boolean(presence && presence.mediators);
  const live = room.state === 'on-air' || room.state === 'paused';
  const cut = live && (!air || air.up.length === 0);
  write(el('fact-studio'), say(cut ? 'control.mediator.cut' : here || live ? 'control.mediator.here' : 'control.mediator.away'));
  el('fact-studio').dataset.well = cut ? 'no' : 'yes';
  if (!presence) return;
  const f = followers(presence);
  write(el('fact-sites'), f.sites ? say('control.sites', { n: f.sites }) : say('control.sites.none'));
  write(el('fact-homes'), f.homes ? say('control.homes', { n: f.homes }) : '');
  write(el('fact-moderators'), say('control.moderators', { n: presence.moderators || 1 }));
}

/** @param {any[]} sites @param {any} presence */
function renderPlaces(sites, presence) {
  const there = (presence && presence.sites) || {};
  follow(el('places'), sites, (s) => s.id, () => make('li'), (li, s) => {
    const p = there[s.id] || {};
    const name = s.town ? s.name + ', ' + s.town : s.name;
    write(li, name + ' : ' + describePlace(p));
    li.classList.toggle('absent', !(p.desks || p.screens || p.posts));
  });
}

/** @param {any} p  presence of a site @returns {string} */
function describePlace(p) {
  if (!p.desks && !p.screens && !p.posts) return say('control.place.absent');
  const screens = p.screens ? say('control.place.screens', { n: p.screens }) : say('control.place.no-screen');
  return say(p.desks ? 'control.place.desk' : 'control.place.no-desk') + ', ' + screens;
}

/** A new question is read aloud once; those already there at the beginning are not. @param {any[]} toSort */
function announceNew(toSort) {
  const fresh = heard ? toSort.filter((q) => /** @type {Set<string>} */ (heard).has(q.id) === false) : [];
  heard = heard || new Set();
  for (const q of toSort) heard.add(q.id);
  if (fresh.length) announce(el('arrivals'), say('control.new', { place: placeOf(fresh[fresh.length - 1]) }));
}

/** @param {string} text */
function refuse(text) {
  write(el('message'), text);
  el('message').classList.add('warn');
  show(el('message'), true);
  show(el('work'), false);
  news.stand('');
}

el('doors').addEventListener('click', () => {
  classroom.do({ name: 'open-doors' }).then(() => news.tell(say('control.doors.done')), (error) => news.refusal(error));
});
classroom.on('change', render);
classroom.on('up', render);
line.on('change', () => {
  if (!classroom.known) return write(el('message'), say(line.cut ? 'control.unreached' : 'control.arriving'));
  return news.stand(line.cut ? say('control.offline') : '');
});
classroom.on('refused', (refusal) => refuse(refusal.text || say('control.refusal')));
listenToKeys();
setInterval(render, 20000); // waiting times

if (token) classroom.start();
else refuse(say('control.no-link'));
