// The room's questions and their fate: those to send, those on their way, those that are closed.

import { say } from '../core/words.js';
import { openDialog } from './dialog.js';
import { fatePicto, writeFate } from './fate-picto.js';
import { el, make, show, write } from './page.js';
import { picto } from './picto.js';
import { reasons } from './question-words.js';
import { shifted, SteadyList } from './steady.js';

const CLOSED = ['answered', 'declined', 'later'];
const OPEN = ['asked', 'relayed', 'approved'];
const HERE = ['again', 'forget']; // acts that need nobody else

/** The drawing beside the word of an act. @type {Record<string, string>} */
const PICTO = { again: 'retry', relay: 'send', rephrase: 'sheet', answer: 'reply', decline: 'decline', withdraw: 'decline', reopen: 'retry', forget: 'decline' };

/** @typedef {any} Shown  a question entity, or a letter of the outbox with state waiting or refused */

export class DeskQuestions {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('../core/outbox.js').Outbox} outbox
   * @param {import('./news.js').News} news
   * @param {import('./desk-ask.js').AskForm} form
   */
  constructor(classroom, outbox, news, form) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.outbox = outbox;
    /** @private */
    this.news = news;
    /** @private */
    this.form = form;
    /** @private closed here by this hand, which may have slipped @type {Set<string>} */
    this.closedHere = new Set();
    /** @private */
    this.toSend = this.list('tosend');
    /** @private */
    this.mine = this.list('mine');
    /** @private */
    this.done = this.list('done');
    /** @private written answers to other rooms' questions @type {SteadyList<any>} */
    this.replies = new SteadyList(el('replies'), { keyOf: (r) => r.question, create: () => make('li.question', null, [make('p.from'), make('p.text'), make('p.fate')]), update: (element, r) => updateReply(element, r) });
  }

  /** @private @param {string} id @returns {SteadyList<Shown>} */
  list(id) {
    return new SteadyList(el(id), { keyOf: (q) => q.id, create: () => this.row(), update: (element, q) => this.update(element, q) });
  }

  /** @private @returns {boolean} nothing can be done with a question any more */
  over() {
    return (this.classroom.get('room') || {}).state === 'ended';
  }

  /** @returns {number} how many wait to be sent */
  render() {
    const known = this.classroom.all('question/').filter((q) => q.state !== 'withdrawn');
    const ids = new Set(known.map((q) => q.id));
    const letters = this.outbox.list().filter((letter) => !ids.has(letter.id));
    const asked = known.filter((q) => q.state === 'asked').sort(oldest);
    const going = known.filter((q) => q.state !== 'asked' && CLOSED.indexOf(q.state) < 0).sort(latest);
    const closed = known.filter((q) => CLOSED.indexOf(q.state) >= 0).sort(latest);
    const fresh = closed.filter((q) => this.classroom.now() - Date.parse(q.stateAt) < 120000);
    const old = closed.filter((q) => fresh.indexOf(q) < 0);
    this.toSend.show(asked);
    this.mine.show([...letters.reverse(), ...going, ...fresh]);
    this.done.show(old);
    if (el('tosend-box').hidden === asked.length > 0) shifted();
    show(el('tosend-box'), asked.length > 0);
    write(el('tosend-count'), String(asked.length));
    show(el('tosend-hint'), !this.over());
    show(el('mine-empty'), letters.length + going.length + fresh.length === 0);
    show(el('done-box'), old.length > 0);
    write(el('done-count'), String(old.length));
    this.renderReplies();
    return this.over() ? 0 : asked.length;
  }

  /** What was answered in writing to all: the animator reads it to who needs it. @private */
  renderReplies() {
    const replies = this.classroom.all('reply/').filter((r) => !this.classroom.get('question/' + r.question)).sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
    this.replies.show(replies);
    show(el('replies-box'), replies.length > 0);
  }

  /** @private */
  row() {
    return make('li.question', { tabindex: '-1' }, [make('p.from'), make('p.text.with-picto'), make('p.original.hint'), make('p.fate'), make('div.row.acts')]);
  }

  /** @private @param {HTMLElement} row @param {Shown} q */
  update(row, q) {
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (row.querySelector('.' + name));
    row.dataset.state = q.state;
    write(part('from'), from(q));
    this.wording(part('text'), q);
    write(part('original'), q.original && q.original !== q.text ? say('desk.original', { text: q.original }) : '');
    const over = this.over() && OPEN.indexOf(q.state) >= 0;
    writeFate(part('fate'), fatePicto(over ? 'over' : q.state), over ? say('desk.fate.over') : fate(q));
    this.buttons(part('acts'), q);
  }

  /** Its words, or that somebody wants to ask something. @private @param {HTMLElement} line @param {Shown} q */
  wording(line, q) {
    const wordless = !q.erased && !q.text;
    if (line.classList.contains('wordless') === wordless && line.textContent === wordingOf(q)) return;
    line.classList.toggle('wordless', wordless);
    line.textContent = '';
    line.append(...(wordless ? [picto('wordless')] : []), wordingOf(q));
  }

  /** Made again only when the acts change: a button under a finger stays. @private @param {HTMLElement} row @param {Shown} q */
  buttons(row, q) {
    const acts = this.acts(q);
    const names = acts.map((act) => act.name).join(' ');
    if (row.dataset.acts === names) return;
    row.dataset.acts = names;
    row.textContent = '';
    for (const act of acts) {
      const here = HERE.indexOf(act.name) >= 0;
      const button = make('button.small' + (act.look ? '.' + act.look : ''), here ? { type: 'button' } : { type: 'button', 'data-act': act.name }, [picto(PICTO[act.name]), say('desk.act.' + act.name)]);
      button.addEventListener('click', () => this.act(act.name, q.id));
      row.append(button);
    }
  }

  /** @private @param {Shown} q @returns {{name: string, look?: string}[]} */
  acts(q) {
    if (this.over()) return q.state === 'refused' ? [{ name: 'forget', look: 'quiet' }] : [];
    return this.closedHere.has(q.id) && CLOSED.indexOf(q.state) >= 0 ? [{ name: 'reopen', look: 'quiet' }] : actsFor(q);
  }

  /** @private @param {string} name @param {string} id */
  act(name, id) {
    switch (name) {
      case 'again': return this.form.restore(this.outbox.drop(id));
      case 'forget': return void this.outbox.drop(id);
      case 'rephrase': return this.rephrase(id);
      case 'decline': return this.decline(id);
      default: return this.send(name, id);
    }
  }

  /** @private @param {string} name @param {string} question @param {Record<string, string>} [more] @returns {Promise<unknown>} */
  ask(name, question, more) {
    if (name === 'decline' || name === 'answer') this.closedHere.add(question);
    if (name === 'reopen') this.closedHere.delete(question);
    return this.classroom.do(Object.assign({ name, question }, more));
  }

  /** A tap: what comes of it shows, or is said. @private @param {string} name @param {string} question */
  send(name, question) {
    this.ask(name, question).catch((error) => this.news.refusal(error));
  }

  /** @private @param {string} id */
  decline(id) {
    const choices = reasons().map((r) => ({ text: r.text, act: () => this.ask('decline', id, { reason: r.reason }) }));
    openDialog({ title: say('desk.decline.title'), body: [say('desk.decline.text')], stacked: true, late: (error) => this.news.refusal(error),
      choices: [...choices, { text: say('desk.cancel'), look: 'quiet' }] });
  }

  /** @private @param {string} id */
  rephrase(id) {
    const q = this.classroom.get('question/' + id);
    if (!q) return this.news.tell(say('common.failed'));
    const field = /** @type {HTMLTextAreaElement} */ (make('textarea', { id: 'rephrase', rows: '4', maxlength: '500', 'aria-describedby': 'rephrase-error' }));
    field.value = q.text;
    const error = make('p.field-error', { id: 'rephrase-error', role: 'alert' });
    const save = () => {
      const text = field.value.trim().normalize('NFC');
      write(error, text ? '' : say('desk.ask.empty'));
      return text ? this.ask('rephrase', id, { text }) : false;
    };
    openDialog({
      late: (error) => this.news.refusal(error),
      title: say('desk.rephrase.title'),
      body: [make('div', null, [make('label', { for: 'rephrase' }, [say('desk.rephrase.label')]), field, error])],
      choices: [{ text: say('desk.rephrase.save'), look: 'primary', act: save }, { text: say('desk.cancel'), look: 'quiet' }],
    });
    return undefined;
  }
}

/** @param {Shown} q @returns {string} */
function wordingOf(q) {
  if (q.erased) return say('desk.erased');
  if (q.text) return q.text;
  if (q.label) return say('question.wordless.at', { label: q.label });
  return say(q.from === 'home' ? 'question.wordless.home' : 'question.wordless');
}

/** @param {Shown} q @returns {{name: string, look?: string}[]} what this desk may do with it */
function actsFor(q) {
  switch (q.state) {
    case 'refused': return [{ name: 'again' }, { name: 'forget', look: 'quiet' }];
    case 'asked': return [{ name: 'relay', look: 'primary' }, { name: 'rephrase' }, { name: 'answer' }, { name: 'decline', look: 'quiet' }];
    case 'relayed': return q.from === 'desk' ? [{ name: 'rephrase', look: 'quiet' }, { name: 'withdraw', look: 'quiet' }] : [{ name: 'rephrase', look: 'quiet' }];
    case 'approved': return q.from === 'desk' ? [{ name: 'withdraw', look: 'quiet' }] : [];
    default: return [];
  }
}

/** @param {Shown} q @returns {string} who wrote it and where, for the animator alone */
function from(q) {
  if (q.state === 'waiting' || q.state === 'refused') return q.label || '';
  if (q.from === 'post' && q.label) return q.label;
  return [say('desk.from.' + q.from), q.label].filter(Boolean).join(' · ');
}

/** @param {HTMLElement} row @param {any} r */
function updateReply(row, r) {
  const [from, text, answer] = Array.from(row.children);
  write(from, r.siteName || '');
  write(text, r.text || say('question.wordless'));
  writeFate(/** @type {HTMLElement} */ (answer), fatePicto('answered'), say('desk.fate.written', { text: r.answer }));
}

/** @param {Shown} q @returns {string} */
function fate(q) {
  if (q.state === 'refused') return say('desk.fate.refused', { why: q.why || '' });
  if (q.state === 'waiting' && q.why) return q.why;
  if (q.answer) return say('desk.fate.written', { text: q.answer });
  if (q.state === 'declined') return say('question.declined.' + q.reason);
  if (q.state === 'asked') return q.from === 'home' ? say('desk.tosend.wait') : say('desk.fate.asked');
  const words = q.state === 'approved' ? turn(q.ahead) : say('desk.fate.' + q.state);
  const why = q.why === 'no-desk' || q.why === 'waited' ? ' · ' + say('desk.why.' + q.why) : '';
  return (q.into ? say('desk.fate.merged-with', { fate: words }) : words) + why;
}

/** @param {number | undefined} ahead @returns {string} */
function turn(ahead) {
  if (ahead === undefined) return say('desk.fate.approved');
  return ahead === 0 ? say('desk.fate.ahead-none') : say('desk.fate.ahead', { n: ahead });
}

/** @param {Shown} a @param {Shown} b */
function oldest(a, b) {
  return Date.parse(a.askedAt) - Date.parse(b.askedAt);
}

/** @param {Shown} a @param {Shown} b */
function latest(a, b) {
  return Date.parse(b.askedAt) - Date.parse(a.askedAt);
}
