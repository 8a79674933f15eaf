// « Ma salle »: an animator with one hand and a phone. One sentence about the room, one field, and the fate of
// the room's questions. All of it lives in the house or in the outbox: a lock, a cut or a crash loses nothing.

import { Classroom } from '../core/classroom.js';
import { device, takeToken } from '../core/link.js';
import { Outbox } from '../core/outbox.js';
import { say } from '../core/words.js';
import { AskForm } from './desk-ask.js';
import { DeskQuestions } from './desk-questions.js';
import { VerdictCard } from './desk-verdict.js';
import { announce, News } from './news.js';
import { Line } from './news-line.js';
import { el, page, paintMark, show, write } from './page.js';
import { placeOf } from './question-words.js';
import { shifted, steadily } from './steady.js';

const place = 'desk/' + page.room;
const token = takeToken(place);
const classroom = new Classroom({ token, device: device('device'), lang: page.lang });
const outbox = new Outbox(classroom, place);
const news = new News(el('news'));
const verdict = new VerdictCard();
const form = new AskForm(outbox, page.room);
const questions = new DeskQuestions(classroom, outbox, news, form);
const line = new Line(classroom, news);

/** The question on air that was read aloud last. */
let onAir = '';

function render() {
  const room = classroom.get('room');
  verdict.render({ up: classroom.up, late: line.cut, why: classroom.delayed ? classroom.delayed.text : '', room, air: classroom.get('air'), screens: classroom.all('screen/') });
  if (room) renderRoom();
}

/** What may push what is below it. */
const renderRoom = steadily(() => {
  const room = classroom.get('room');
  renderHead(room, classroom.get('you'));
  renderCard(classroom.get('card'), classroom.get('you'));
  renderHelpers(classroom.get('presence'));
  form.open(room.state !== 'ended');
  questions.render();
  line.paint();
});

/** @param {any} room @param {any} you */
function renderHead(room, you) {
  paintMark(el('mark'), room);
  write(el('title'), room.title);
  write(el('place'), (you && you.siteName) || say('desk.title'));
  document.title = say('desk.title') + ' · ' + room.title;
}

/** What is on air: ours is a feast, another room's is news. @param {any} card @param {any} you */
function renderCard(card, you) {
  if (el('card').hidden === Boolean(card)) shifted();
  show(el('card'), Boolean(card));
  if (!card) {
    onAir = '';
    return;
  }
  const ours = Boolean(you && card.site && card.site === you.site);
  el('card').classList.toggle('ours', ours);
  write(el('card-title'), ours ? say('desk.onair') : say('desk.onair.other', { place: placeOf(card) }));
  write(el('card-text'), card.text);
  if (card.question !== onAir) announce(el('card-said'), el('card-title').textContent + ' ' + card.text);
  onAir = card.question;
}

/** @param {any} presence */
function renderHelpers(presence) {
  write(el('helpers'), presence ? say(presence.moderators ? 'desk.helpers.control' : 'desk.helpers.mediator') : '');
}

/** @param {string} text */
function refuse(text) {
  verdict.refuse(text);
  form.open(false);
}

classroom.on('change', render);
classroom.on('up', render);
classroom.on('down', render);
classroom.on('delayed', render);
classroom.on('refused', (refusal) => refuse(refusal.text || say('common.failed')));
line.on('change', render);
outbox.on('change', () => questions.render());
setInterval(render, 20000);

if (token) classroom.start();
else refuse(say('desk.no-link'));
questions.render();
