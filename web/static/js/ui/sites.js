// The coordination's page: the wall of sites, from the day before to the end. It has nothing to press, and nothing to send:
// whoever holds this link only looks.

import { Classroom } from '../core/classroom.js';
import { device, takeToken } from '../core/link.js';
import { say, when } from '../core/words.js';
import { News, tellMissed } from './news.js';
import { Line } from './news-line.js';
import { el, page, paintMark, show, write } from './page.js';
import { Wall } from './wall.js';
import { offerUpgrade } from './upgrade.js';

const token = takeToken('wall/' + page.room);
const classroom = new Classroom({ token, device: device('tab'), lang: page.lang });
const news = new News(el('news'));
tellMissed(news);
const line = new Line(classroom, news);
const wall = new Wall(el('wall'));

function render() {
  const room = classroom.get('room');
  if (!room) return;
  show(el('message'), false);
  show(el('work'), true);
  paintMark(el('mark'), room);
  write(el('title'), room.state === 'scheduled' || room.state === 'doors-open' ? room.title + ' · ' + when(room.at) : room.title);
  document.title = say('sites.title') + ' · ' + room.title;
  wall.show(classroom);
}

/** @param {string} text */
function refuse(text) {
  write(el('message'), text);
  el('message').classList.add('warn');
  show(el('message'), true);
  show(el('work'), false);
  news.stand('');
}

classroom.on('change', render);
classroom.on('up', render);
line.on('change', () => {
  if (!classroom.known) return write(el('message'), say(line.cut ? 'sites.unreached' : 'sites.arriving'));
  return news.stand(line.cut ? say('sites.offline') : '');
});
classroom.on('refused', (refusal) => refuse(refusal.text || say('sites.refusal')));
setInterval(render, 20000); // since when

offerUpgrade(classroom);
if (token) classroom.start();
else refuse(say('sites.no-link'));
