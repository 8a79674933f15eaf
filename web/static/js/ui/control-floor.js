// Who asks for the floor, who may be invited, who is backstage or on air; and the one press that ends it (C).

import { floorOf } from '../core/floor.js';
import { candidates } from '../core/invites.js';
import { uuid } from '../core/link.js';
import { minutesSince } from '../core/trays.js';
import { say } from '../core/words.js';
import { openDialog } from './dialog.js';
import { announce } from './news.js';
import { el, make, show, write } from './page.js';
import { picto, repaint } from './picto.js';
import { placeOf, waiting } from './question-words.js';
import { SteadyList } from './steady.js';

/** @typedef {import('../core/floor.js').Standing} Standing */

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
    for (const name of ACTS) el('floor-' + name).addEventListener('click', () => this.act(name));
    el('invite').addEventListener('click', () => this.choose());
  }

  /** @private @param {any} r */
  row(r) {
    const invite = make('button.small.primary', { type: 'button', 'data-act': 'invite' }, [picto('invite'), say('control.floor.invite')]);
    invite.addEventListener('click', () => this.invite({ request: r.id }));
    const dismiss = make('button.small.quiet', { type: 'button', 'data-act': 'dismiss-request' }, [say('control.floor.dismiss')]);
    dismiss.addEventListener('click', () => this.ask({ name: 'dismiss-request', request: r.id }));
    return make('li.question', { tabindex: '-1' }, [make('p.from'), make('p.text'), make('div.row.acts', null, [invite, dismiss])]);
  }

  /** @private @param {HTMLElement} row @param {any} r */
  update(row, r) {
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (row.querySelector('.' + name));
    write(part('from'), placeOf(r) + ' · ' + waiting(minutesSince(r.at, this.classroom.now())));
    write(part('text'), r.reason || '');
    show(part('text'), Boolean(r.reason));
  }

  render() {
    const requests = this.classroom.all('request/').sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1));
    const standing = floorOf(this.classroom);
    const stands = STAGES.indexOf(standing.phase) >= 0;
    this.requests.show(requests);
    show(el('floor-box'), requests.length > 0 || stands || standing.phase === 'ended');
    show(el('requests-title'), requests.length > 0);
    this.paint(standing, stands);
    this.hear(requests);
  }

  /** @private @param {Standing} standing @param {boolean} stands */
  paint(standing, stands) {
    const said = stands ? say('control.floor.' + standing.phase, { place: placeOf(standing.floor) }) : standing.phase === 'ended' ? endOf(standing.why) : '';
    el('floor-now').dataset.stage = standing.phase;
    repaint(/** @type {Element} */ (el('floor-now').querySelector('.picto')), standing.phase === 'on-air' ? 'on-air' : stands ? 'backstage' : 'cut');
    show(el('floor-now'), said !== '');
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

  /** @private @param {Record<string, string>} whom  a request or a site */
  invite(whom) {
    if (floorOf(this.classroom).floor) return this.news.tell(say('control.floor.busy'));
    return this.ask(Object.assign({ name: 'invite', grant: uuid() }, whom));
  }

  /** A room that has not asked. @private */
  choose() {
    const rooms = candidates([], this.classroom.all('site/'), (site) => this.classroom.get('there/' + site));
    const choices = rooms.map((c) => ({ text: [c.from.name, c.from.town].filter(Boolean).join(', '), act: () => this.classroom.do(Object.assign({ name: 'invite', grant: uuid() }, c.invite)) }));
    openDialog({ title: say('control.floor.choose'), body: [say(rooms.length ? 'control.floor.choose.text' : 'control.floor.choose.none')], stacked: true, late: (error) => this.news.refusal(error),
      choices: [...choices, { text: say('control.cancel'), look: 'quiet' }] });
  }

  /** @private @param {import('../core/classroom.js').Command} command */
  ask(command) {
    this.classroom.do(command).catch((error) => this.news.refusal(error));
  }
}

/** Why it ended, for those who produce. @param {string} why @returns {string} */
function endOf(why) {
  return say('control.floor.ended.' + (['cut', 'withdrawn', 'refused', 'unanswered', 'absent', 'ended', 'revoked', 'restart', 'timeout'].indexOf(why) >= 0 ? why : 'cut'));
}
