// Who may be brought on air: the requests first, in their order, then the rooms where an animator is. One tap invites; a room on
// the backup connection, or far behind, is invited only after the mediator has read so.

import { floorOf } from '../core/floor.js';
import { candidates } from '../core/invites.js';
import { uuid } from '../core/link.js';
import { minutesSince } from '../core/trays.js';
import { say } from '../core/words.js';
import { FIRST_CHOICES, fits } from './choices.js';
import { openDialog } from './dialog.js';
import { el, make, show, write } from './page.js';
import { picto } from './picto.js';
import { placeOf, waiting } from './question-words.js';
import { steadily, SteadyList } from './steady.js';

/** @typedef {import('../core/invites.js').Candidate} Candidate */

export class Floor {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('./news.js').News} news
   */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private @type {Map<string, Candidate>} */
    this.known = new Map();
    /** @private requests heard of; null before the first look @type {Set<string> | null} */
    this.heard = null;
    /** @private */
    this.volunteers = this.list('volunteers');
    /** @private */
    this.others = this.list('others');
    /** how many ask for the floor */
    this.asking = 0;
    this.render = steadily(() => this.draw());
    /** @private */
    this.search = /** @type {HTMLInputElement} */ (el('others-search'));
    this.search.addEventListener('input', () => this.draw());
  }

  /** @private @param {string} id @returns {SteadyList<Candidate>} */
  list(id) {
    return new SteadyList(el(id), { keyOf: (c) => c.key, create: (c) => this.row(c), update: (element, c) => this.update(element, c) });
  }

  /** @private @param {Candidate} c */
  row(c) {
    const invite = make('button.small.primary', { type: 'button', 'data-act': 'invite' }, [picto('invite'), say('studio.floor.invite')]);
    invite.addEventListener('click', () => this.invite(c.key));
    const buttons = [invite];
    if (c.asked) {
      const dismiss = make('button.small', { type: 'button', 'data-act': 'dismiss-request' }, [say('studio.floor.dismiss')]);
      dismiss.addEventListener('click', () => this.dismiss(c.key));
      buttons.push(dismiss);
    }
    return make('li.question.compact', { tabindex: '-1' }, [make('p.from', null, [make('span.from-place'), make('span.from-wait')]), make('p.text'), make('p.caution'), make('div.row.acts', null, buttons)]);
  }

  /** @private @param {HTMLElement} element @param {Candidate} c */
  update(element, c) {
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (element.querySelector('.' + name));
    write(part('from-place'), nameOf(c));
    write(part('from-wait'), c.asked ? waiting(minutesSince(c.from.at, this.classroom.now())) : '');
    show(part('from-wait'), c.asked);
    write(part('text'), (c.asked && c.from.reason) || '');
    write(part('caution'), cautionOf(c));
    show(part('text'), part('text').textContent !== '');
    show(part('caution'), c.caution !== '');
  }

  /** @private @param {string} key */
  invite(key) {
    const c = this.known.get(key);
    if (!c) return this.news.tell(say('common.failed'));
    if (floorOf(this.classroom).floor) return this.news.tell(say('studio.floor.busy'));
    if (!c.caution) return void this.send(c).catch((error) => this.news.refusal(error));
    return void openDialog({
      title: say('studio.floor.sure.title', { place: nameOf(c) }), body: [cautionOf(c)], late: (error) => this.news.refusal(error),
      choices: [{ text: say('studio.floor.sure.yes'), act: () => this.send(c) }, { text: say('studio.floor.sure.no'), look: 'primary' }],
    });
  }

  /** @private @param {Candidate} c @returns {Promise<unknown>} */
  send(c) {
    return this.classroom.do(Object.assign({ name: 'invite', grant: uuid() }, c.invite));
  }

  /** @private @param {string} key */
  dismiss(key) {
    const c = this.known.get(key);
    if (c) this.classroom.do({ name: 'dismiss-request', request: c.from.id }).catch((error) => this.news.refusal(error));
  }

  /** @private */
  draw() {
    const all = candidates(this.classroom.all('request/'), this.classroom.all('site/'), (site) => this.classroom.get('there/' + site));
    this.known = new Map(all.map((c) => [c.key, c]));
    const asked = all.filter((c) => c.asked);
    this.asking = asked.length;
    if (!el('panel-floor').hidden) this.drawLists(asked, all.filter((c) => !c.asked));
    write(el('floor-hint'), say(floorOf(this.classroom).floor ? 'studio.floor.busy' : 'studio.floor.hint'));
    this.announce(asked);
  }

  /** Only while they are looked at; of the rooms that have not asked, a dozen, and any other by its name. @private @param {Candidate[]} asked @param {Candidate[]} others */
  drawLists(asked, others) {
    const found = others.filter((c, i) => fits(i, nameOf(c), this.search.value));
    this.volunteers.show(asked);
    this.others.show(found.slice(0, FIRST_CHOICES));
    show(el('volunteers-empty'), asked.length === 0);
    show(el('others-box'), others.length > FIRST_CHOICES);
    const more = this.search.value.trim() ? found.length - FIRST_CHOICES : others.length - FIRST_CHOICES;
    show(el('others-empty'), found.length === 0 || more > 0);
    write(el('others-empty'), more > 0 ? say('studio.floor.more', { n: more }) : say(others.length ? 'studio.floor.nothing' : 'studio.floor.others.none'));
  }

  /** A new request is said once, with its place; those of before this page are not. @private @param {Candidate[]} asked */
  announce(asked) {
    if (!this.classroom.known) return;
    const before = this.heard;
    this.heard = new Set(asked.map((c) => c.key));
    const fresh = before ? asked.filter((c) => !before.has(c.key)) : [];
    if (fresh.length) this.news.tell(say('studio.floor.new', { place: nameOf(fresh[fresh.length - 1]) }));
  }
}

/** @param {Candidate} c */
function nameOf(c) {
  return c.asked ? placeOf(c.from) : [c.from.name, c.from.town].filter(Boolean).join(', ');
}

/** @param {Candidate} c */
function cautionOf(c) {
  return c.caution ? say('studio.floor.caution.' + c.caution, { s: Math.round(c.delay / 1000) }) : '';
}
