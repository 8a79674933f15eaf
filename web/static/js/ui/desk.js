// « Ma salle »: an animator with one hand and a phone. One sentence about the room, five buttons for its weather, its
// people, its questions and their fate. All of it lives in the house or in the outbox: a lock, a cut or a crash loses nothing.

import { Classroom } from '../core/classroom.js';
import { device, takeToken } from '../core/link.js';
import { Outbox } from '../core/outbox.js';
import { say } from '../core/words.js';
import { Announcement } from './desk-announce.js';
import { AskForm } from './desk-ask.js';
import { BEFORE, CheckList } from './desk-check.js';
import { ExerciseCard } from './desk-exercise.js';
import { FloorCard } from './desk-floor.js';
import { LostPosts } from './desk-lost.js';
import { OpenRoom } from './desk-open.js';
import { PaceButtons } from './desk-pace.js';
import { PeopleCounter } from './desk-people.js';
import { DeskQuestions } from './desk-questions.js';
import { StepsCard } from './desk-steps.js';
import { VerdictCard } from './desk-verdict.js';
import { announce, News, tellMissed } from './news.js';
import { Line } from './news-line.js';
import { el, page, paintMark, show, write } from './page.js';
import { picto } from './picto.js';
import { placeOf } from './question-words.js';
import { shifted, steadily } from './steady.js';
import { offerUpgrade } from './upgrade.js';

const place = 'desk/' + page.room;
const token = takeToken(place);
const classroom = new Classroom({ token, device: device('device'), lang: page.lang });
const outbox = new Outbox(classroom, place);
const news = new News(el('news'));
tellMissed(news);
const verdict = new VerdictCard();
const form = new AskForm(classroom, outbox, page.room);
const questions = new DeskQuestions(classroom, outbox, news, form);
const lost = new LostPosts(classroom, news);
const cards = [
  new FloorCard(classroom, token, news), new ExerciseCard(classroom, news), lost, new Announcement(classroom),
  new CheckList(classroom, news), new PaceButtons(classroom, news), new PeopleCounter(classroom, news), new StepsCard(classroom),
  new OpenRoom(classroom, token, news, () => verdict.sentAway()),
];
const line = new Line(classroom, news);

/** ms the word of a return stays: a hand takes a phone out of a pocket, then the eyes come. */
const READ = 30000;

/** ms two devices must both be there before it is said: one that reconnects is counted twice for a moment. */
const TWICE = 4000;

/** The question on air that was read aloud last. */
let onAir = '';

let twice = 0;

function render() {
  const room = classroom.get('room');
  verdict.render({ up: classroom.up, late: line.cut, why: classroom.delayed ? classroom.delayed.text : '', room, air: classroom.get('air'), screens: classroom.all('screen/'), sound: Boolean(ownSite().sound) });
  if (room) renderRoom();
}

/** @returns {any} this room as the class tells it, or an empty one */
function ownSite() {
  const you = classroom.get('you');
  return (you && classroom.get('site/' + you.site)) || {};
}

/** What may push what is below it. */
const renderRoom = steadily(() => {
  const room = classroom.get('room');
  const you = classroom.get('you');
  const site = ownSite();
  renderCard(classroom.get('card'), you);
  renderHelpers(classroom.get('presence'));
  renderTwice(you && classroom.get('there/' + you.site));
  renderSuspended(site);
  placeOpening(room);
  form.open(room.state !== 'ended' && !site.suspended);
  for (const id of ['pace', 'people-card', 'ask-card', 'bar-room']) show(el(id), room.state !== 'ended');
  for (const card of cards) card.render();
  const waiting = questions.render();
  renderHead(room, you, waiting + lost.lost().length);
  line.paint();
});

/** @param {any} room @param {any} you @param {number} waiting  what waits for this hand */
function renderHead(room, you, waiting) {
  paintMark(el('mark'), room);
  write(el('title'), room.title);
  write(el('place'), (you && you.siteName) || say('desk.title'));
  write(el('bar-count'), waiting ? String(waiting) : '');
  document.title = (waiting ? '(' + waiting + ') ' : '') + say('desk.title') + ' · ' + room.title;
}

/** What is on air: ours is a feast, another room's is news. @param {any} card @param {any} you */
function renderCard(card, you) {
  if (el('card').hidden === Boolean(card)) shifted();
  show(el('card'), Boolean(card));
  if (!card) {
    if (onAir) announce(el('card-said'), '');
    onAir = '';
    return;
  }
  const ours = Boolean(you && card.site && card.site === you.site);
  el('card').classList.toggle('ours', ours);
  write(el('card-title'), ours ? say('desk.onair') : say('desk.onair.other', { place: placeOf(card) }));
  write(el('card-text'), card.text || say('question.wordless'));
  if (card.question !== onAir) announce(el('card-said'), el('card-title').textContent + ' ' + el('card-text').textContent);
  onAir = card.question;
}

/** @param {any} presence */
function renderHelpers(presence) {
  write(el('helpers'), presence ? say(presence.moderators ? 'desk.helpers.control' : 'desk.helpers.mediator') : '');
}

/** Another phone, or another tab, of the same room: what one does the other shows. @param {any} there */
function renderTwice(there) {
  const n = (there && there.desks) || 0;
  if (n < 2) {
    clearTimeout(twice);
    twice = 0;
    tellWith(el('twice'), 'phone', '');
  } else if (!el('twice').hidden) {
    tellWith(el('twice'), 'phone', say('desk.twice', { n }));
  } else if (!twice) {
    twice = window.setTimeout(() => { tellWith(el('twice'), 'phone', say('desk.twice', { n })); render(); }, TWICE);
  }
}

/** Before the class the room is opened; later that is for one more post, far below. @param {any} room */
function placeOpening(room) {
  const box = el('open-room');
  const home = el(BEFORE.indexOf(room.state) >= 0 ? 'open-first' : 'open-later');
  if (box.parentElement === home || box.contains(document.activeElement)) return;
  shifted();
  home.append(box);
}

/** @param {any} site */
function renderSuspended(site) {
  tellWith(el('suspended'), 'pause', site.suspended ? say('desk.suspended') : '');
}

/** Words that appear now and then, with their drawing. @param {HTMLElement} region @param {string} icon @param {string} text */
function tellWith(region, icon, text) {
  if (region.textContent === text && region.hidden === (text === '')) return;
  if (region.hidden === (text !== '')) shifted();
  show(region, text !== '');
  region.textContent = '';
  if (text) region.append(picto(icon), text);
}

/** @param {string} text */
function refuse(text) {
  verdict.refuse(text);
  form.open(false);
  el('desk').classList.add('shut');
  show(el('bar'), false);
}

/** Heard again after a sleep, or a long cut: what is there is up to date, and so are the lists. @param {number} ms */
function back(ms) {
  const minutes = Math.round(ms / 60000);
  news.tell(say(outbox.list().length ? 'desk.back.kept' : 'desk.back', { n: minutes }), READ);
}

classroom.on('change', render);
classroom.on('up', render);
classroom.on('down', render);
classroom.on('delayed', render);
classroom.on('back', back);
classroom.on('refused', (refusal) => refuse(refusal.text || say('common.failed')));
line.on('change', render);
outbox.on('change', () => questions.render());
setInterval(render, 20000);
offerUpgrade(classroom);

if (token) classroom.start();
else refuse(say('desk.no-link'));
questions.render();
