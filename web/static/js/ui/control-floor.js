// Who asks for the floor, who may be invited, who is backstage or on air; and the one press that ends it (C).

import { endWord, floorOf } from '../core/floor.js';
import { candidates } from '../core/invites.js';
import { uuid } from '../core/link.js';
import { minutesSince } from '../core/trays.js';
import { knows, say } from '../core/words.js';
import { choiceSearch, FIRST_CHOICES } from './choices.js';
import { openDialog } from './dialog.js';
import { announce } from './news.js';
import { el, make, show, write } from './page.js';
import { picto, repaint } from './picto.js';
import { placeOf, waiting } from './question-words.js';
import { Aim, showAbove, SteadyList } from './steady.js';

/** @typedef {import('../core/floor.js').Standing} Standing */
/** @typedef {import('../core/invites.js').Candidate} Candidate */

const STAGES = ['invited', 'accepted', 'backstage', 'on-air'];
const ACTS = /** @type {const} */ (['put-on-air', 'put-backstage', 'cut', 'cancel-invite']);

export class FloorPanel {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./news.js').News} news */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private requests heard of; null before the first look @type {Set<string> | null} */
    this.heard = null;
    /** @private */
    this.told = '';
    /** @private @type {SteadyList<any>} */
    this.requests = new SteadyList(el('requests'), { keyOf: (r) => r.id, create: (r) => this.row(r), update: (row, r) => this.update(row, r) });
    /** @private one act comes where another stood */
    this.aim = new Aim(el('floor-now'), { spared: '#floor-cut' });
    /** @private « Couper » waits for nothing but its own coming */
    this.cutAim = new Aim(el('floor-cut'), { alone: true });
    for (const name of ACTS) el('floor-' + name).addEventListener('click', () => this.act(name));
    el('invite').addEventListener('click', () => this.choose());
  }

  /** @private @param {any} r */
  row(r) {
    const invite = make('button.small.primary', { type: 'button', 'data-act': 'invite' }, [picto('invite'), say('control.floor.invite')]);
    invite.addEventListener('click', () => this.invite('request/' + r.id));
    const dismiss = make('button.small.quiet', { type: 'button', 'data-act': 'dismiss-request' }, [say('control.floor.dismiss')]);
    dismiss.addEventListener('click', () => this.ask({ name: 'dismiss-request', request: r.id }));
    return make('li.question', { tabindex: '-1' }, [make('p.from'), make('p.text'), make('p.caution'), make('div.row.acts', null, [invite, dismiss])]);
  }

  /** @private @param {HTMLElement} row @param {any} r */
  update(row, r) {
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (row.querySelector('.' + name));
    write(part('from'), placeOf(r) + ' · ' + waiting(minutesSince(r.at, this.classroom.now())));
    write(part('text'), r.reason || '');
    show(part('text'), Boolean(r.reason));
    const c = this.candidate('request/' + r.id);
    write(part('caution'), c ? cautionOf(c) : '');
    show(part('caution'), part('caution').textContent !== '');
  }

  render() {
    const requests = this.classroom.all('request/').sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1));
    const standing = floorOf(this.classroom);
    const stands = STAGES.indexOf(standing.phase) >= 0;
    this.requests.show(requests);
    showAbove(el('floor-box'), requests.length > 0 || stands || standing.phase === 'ended');
    show(el('requests-title'), requests.length > 0);
    this.paint(standing, stands);
    this.hear(requests);
  }

  /** @private @param {Standing} standing @param {boolean} stands */
  paint(standing, stands) {
    const said = stands ? say('control.floor.' + standing.phase, { place: placeOf(standing.floor) }) : standing.phase === 'ended' ? endOf(standing) : '';
    el('floor-now').dataset.stage = standing.phase;
    repaint(/** @type {Element} */ (el('floor-now').querySelector('.picto')), standing.phase === 'on-air' ? 'on-air' : stands ? 'backstage' : 'cut');
    showAbove(el('floor-now'), said !== '');
    this.aim.follow(standing.grant + ' ' + standing.phase);
    this.cutAim.follow(standing.acts.indexOf('cut') >= 0 ? standing.grant : '');
    write(el('floor-word'), said);
    if (said !== this.told) announce(el('floor-said'), said);
    this.told = said;
    for (const name of ACTS) show(el('floor-' + name), standing.acts.indexOf(name) >= 0);
  }

  /** A new request is read aloud once. @private @param {any[]} requests */
  hear(requests) {
    const before = this.heard;
    this.heard = new Set(requests.map((r) => r.id));
    const fresh = before ? requests.filter((r) => !before.has(r.id)) : [];
    if (fresh.length) this.news.tell(say('control.floor.new', { place: placeOf(fresh[fresh.length - 1]) }));
  }

  /** The one press that ends it, from the key too. @returns {boolean} whether there was somebody */
  cut() {
    if (floorOf(this.classroom).acts.indexOf('cut') < 0) return false;
    this.act('cut');
    return true;
  }

  /** @private @param {string} name */
  act(name) {
    const { grant, floor } = floorOf(this.classroom);
    if (grant) this.ask(Object.assign({ name, grant }, name === 'put-on-air' && floor ? { since: floor.since } : null));
  }

  /** @private @returns {Candidate[]} */
  candidates() {
    return candidates(this.classroom.all('request/'), this.classroom.all('site/'), (site) => this.classroom.get('there/' + site));
  }

  /** @private @param {string} key  as in Candidate @returns {Candidate | undefined} */
  candidate(key) {
    return this.candidates().find((c) => c.key === key);
  }

  /** A room that is late, on the backup connection or not there is invited only after a second look. @private @param {string} key  as in Candidate */
  invite(key) {
    const c = this.candidate(key);
    if (!c) return this.news.tell(say('common.failed'));
    if (floorOf(this.classroom).floor) return this.news.tell(say('control.floor.busy'));
    if (!c.caution) return void this.send(c).catch((error) => this.news.refusal(error));
    return void openDialog({
      title: say('control.floor.sure.title', { place: nameOf(c) }), body: [cautionOf(c)], late: (error) => this.news.refusal(error),
      choices: [{ text: say('control.floor.sure.yes'), act: () => this.send(c) }, { text: say('control.floor.sure.no'), look: 'primary' }],
    });
  }

  /** @private @param {Candidate} c @returns {Promise<unknown>} */
  send(c) {
    return this.classroom.do(Object.assign({ name: 'invite', grant: uuid() }, c.invite));
  }

  /** A room that has not asked: a dozen first, any other by its name. @private */
  choose() {
    const rooms = this.candidates().filter((c) => !c.asked);
    const choices = rooms.map((c) => ({ text: [nameOf(c), cautionOf(c)].filter(Boolean).join(' · '), act: () => this.chosen(c) }));
    const title = say('control.floor.choose');
    const { field, sieve } = choiceSearch('control.floor.choose.search', 'control.floor.choose.nothing');
    openDialog({ title, body: rooms.length > FIRST_CHOICES ? [say('control.floor.choose.text'), field] : [say(rooms.length ? 'control.floor.choose.text' : 'control.floor.choose.none')], stacked: true, late: (error) => this.news.refusal(error),
      choices: [...choices, { text: say('control.cancel'), look: 'quiet' }] });
    sieve(rooms.length);
  }

  /** One dialog at a time: the question comes once this list is closed. @private @param {Candidate} c @returns {Promise<unknown> | void} */
  chosen(c) {
    if (!c.caution) return this.send(c);
    window.setTimeout(() => this.invite(c.key));
    return undefined;
  }

  /** @private @param {import('../core/classroom.js').Command} command */
  ask(command) {
    this.classroom.do(command).catch((error) => this.news.refusal(error));
  }
}

/** @param {Candidate} c */
function nameOf(c) {
  return c.asked ? placeOf(c.from) : [c.from.name, c.from.town].filter(Boolean).join(', ');
}

/** What to know before, in words. @param {Candidate} c */
function cautionOf(c) {
  return c.caution ? say('control.floor.caution.' + c.caution, { s: Math.round(c.delay / 1000) }) : '';
}

/** Why it ended and by whom, for those who produce. @param {Standing} end @returns {string} */
function endOf(end) {
  const word = endWord('control.floor.ended.', end);
  return say(knows(word) ? word : 'control.floor.ended.cut');
}
