// The régie: what comes up from the rooms is sorted here. Everything shown is the house's own state, so that two
// people at the régie always see the same.

import { Classroom } from '../core/classroom.js';
import { device, takeToken } from '../core/link.js';
import { sortTrays } from '../core/trays.js';
import { say, when } from '../core/words.js';
import { Acts } from './control-acts.js';
import { FloorPanel } from './control-floor.js';
import { FollowUp } from './control-follow.js';
import { listenToKeys } from './control-keys.js';
import { Places } from './control-places.js';
import { Tell } from './control-tell.js';
import { Trays } from './control-trays.js';
import { announce, News, tellMissed } from './news.js';
import { Line } from './news-line.js';
import { paced } from './paced.js';
import { el, page, paintMark, show, write } from './page.js';
import { placeOf } from './question-words.js';
import { offerUpgrade } from './upgrade.js';

const token = takeToken('control/' + page.room);
const classroom = new Classroom({ token, device: device('tab'), lang: page.lang });
const news = new News(el('news'));
tellMissed(news);
const trays = new Trays(classroom, new Acts(classroom, news));
const floor = new FloorPanel(classroom, news);
const tell = new Tell(classroom, news);
const places = new Places(classroom, news);
const followUp = new FollowUp();
const line = new Line(classroom, news);

/** @type {Set<string> | null} questions to sort already spoken of */
let heard = null;

const render = paced(() => {
  const room = classroom.get('room');
  if (!room) return;
  show(el('message'), false);
  show(el('work'), true);
  paintMark(el('mark'), room);
  write(el('title'), room.state === 'scheduled' || room.state === 'doors-open' ? room.title + ' · ' + when(room.at) : room.title);
  document.title = say('control.title') + ' · ' + room.title;
  show(el('doors'), room.state === 'scheduled');
  show(el('tools'), room.state !== 'ended'); // nobody is there to be told, set to work or invited
  renderFacts(room, classroom.get('air'), classroom.get('presence'));
  const questions = classroom.all('question/');
  const sorted = sortTrays(questions);
  trays.render(sorted);
  floor.render();
  tell.render();
  places.render();
  followUp.render(questions, room.state === 'ended');
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
  if (presence) write(el('fact-moderators'), say('control.moderators', { n: presence.moderators || 1 }));
}

/** A new question is read aloud once; those already there at the beginning are not. @param {any[]} toSort */
function announceNew(toSort) {
  const known = heard;
  const fresh = known ? toSort.filter((q) => !known.has(q.id)) : [];
  heard = known || new Set();
  for (const q of known ? fresh : toSort) heard.add(q.id);
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
classroom.on('mine', render.now);
classroom.on('up', render);
line.on('change', () => {
  if (!classroom.known) return write(el('message'), say(line.cut ? 'control.unreached' : 'control.arriving'));
  return news.stand(line.cut ? say('control.offline') : '');
});
classroom.on('refused', (refusal) => refuse(refusal.text || say('control.refusal')));
listenToKeys(() => floor.cut());
setInterval(render, 20000); // waiting times
setInterval(() => tell.tick(), 1000);

offerUpgrade(classroom);
if (token) classroom.start();
else refuse(say('control.no-link'));
