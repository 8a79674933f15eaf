// The rundown in the studio: the step of now and the next one always in sight, the whole list behind its tab, written before. What is
// being written survives its tab (core/draft.js), and is never put over what somebody else has written meanwhile without a word.

import { Drafts } from '../core/draft.js';
import { lengthOf, linesOf, LONGEST_DETAIL, LONGEST_TITLE, mistakeIn, MOST_STEPS } from '../core/rundown.js';
import { say, when } from '../core/words.js';
import { openDialog } from './dialog.js';
import { announce } from './news.js';
import { el, follow, make, page, show, write } from './page.js';
import { Aim, showAbove } from './steady.js';
import { stepWords } from './step-words.js';

export class RundownPanel {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('./news.js').News} news
   */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private being written now */
    this.editing = false;
    /** @private makes a name for each row */
    this.rows = 0;
    /** @private the rundown of the house when writing began, as lines */
    this.base = '';
    /** @private */
    this.drafts = new Drafts('rundown.' + page.room);
    /** @private the draft that was told of */
    this.toldDraft = 0;
    /** @private the next step is another one as soon as another hand has begun it */
    this.nextAim = new Aim(el('step-next'));
    /** @private */
    this.listAim = new Aim(el('rundown-list'));
    el('step-next').addEventListener('click', () => this.next());
    el('rundown-edit').addEventListener('click', () => this.edit());
    el('rundown-cancel').addEventListener('click', () => this.leave());
    el('rundown-add').addEventListener('click', () => this.add({ minutes: 5, title: '' }, true));
    el('rundown-form').addEventListener('submit', (event) => { event.preventDefault(); this.save(); });
    el('rundown-form').addEventListener('input', () => this.keep());
    el('draft-resume').addEventListener('click', () => this.resume());
    el('draft-drop').addEventListener('click', () => { this.drafts.clearLeft(); this.renderDraft(); el('rundown-edit').focus({ preventScroll: true }); });
    window.addEventListener('pagehide', () => this.drafts.leave());
  }

  /** @private @returns {import('../core/rundown.js').Rundown | undefined} */
  get rundown() {
    return this.classroom.get('rundown');
  }

  /** The next step of the séance. */
  next() {
    const words = stepWords(this.rundown, this.classroom.now(), 'studio.step.');
    if (words && words.step) this.go(words.step);
  }

  /** @private @param {string} step */
  go(step) {
    this.classroom.do({ name: 'start-step', step }).catch((error) => this.news.refusal(error));
  }

  /** @param {boolean} onair */
  render(onair) {
    const { steps } = this;
    const current = (this.rundown && this.rundown.current) || 0;
    showAbove(el('step'), onair && steps.length > 0);
    this.listAim.follow(linesOf(steps));
    this.tick();
    show(el('rundown-view'), !this.editing);
    show(el('rundown-form'), this.editing);
    if (this.over) this.drafts.clear();
    this.renderDraft();
    show(el('rundown-empty'), steps.length === 0);
    show(el('rundown-length'), steps.length > 0);
    write(el('rundown-length'), say('studio.rundown.length', { n: lengthOf(steps) }));
    write(el('rundown-edit'), say(steps.length ? 'studio.rundown.change' : 'studio.rundown.edit'));
    const items = steps.map((step, i) => ({ step, number: i + 1 }));
    follow(el('rundown-list'), items, (item) => String(item.number), (item) => this.item(item.number), (element, item) => {
      write(/** @type {Element} */ (element.querySelector('.step-title')), item.step.title);
      write(/** @type {Element} */ (element.querySelector('.step-minutes')), item.step.minutes ? say('studio.rundown.item', { n: item.step.minutes }) : '');
      write(/** @type {Element} */ (element.querySelector('.step-detail')), item.step.detail || '');
      if (item.number === current) element.setAttribute('aria-current', 'step');
      else element.removeAttribute('aria-current');
      show(/** @type {HTMLElement} */ (element.querySelector('button')), onair && item.number !== current);
    });
  }

  /** @private @param {number} number */
  item(number) {
    const go = make('button.small', { type: 'button', 'data-act': 'start-step', 'aria-label': say('studio.rundown.start', { n: number }) }, [say('studio.rundown.start-short')]);
    go.addEventListener('click', () => this.go(String(number)));
    return make('li', null, [make('span.step-minutes'), make('span.step-words', null, [make('strong.step-title'), make('span.step-detail')]), go]);
  }

  /** @private the séance has ended */
  get over() {
    const room = this.classroom.get('room');
    return Boolean(room) && room.state === 'ended';
  }

  /** Once a second. */
  tick() {
    if (this.editing) this.keep();
    this.renderDraft();
    const words = stepWords(this.rundown, this.classroom.now(), 'studio.step.');
    this.nextAim.follow(words ? words.step : '');
    if (!words) return;
    write(el('step-title'), words.title);
    write(el('step-clock'), words.clock);
    el('step').classList.toggle('late', words.late);
    write(el('step-after'), words.next || say('studio.step.last'));
    write(el('step-next-word'), say(words.begun ? 'studio.step.go' : 'studio.step.begin'));
    /** @type {HTMLButtonElement} */ (el('step-next')).disabled = words.step === '';
  }

  // ---- writing it ----

  /** @private @returns {import('../core/rundown.js').Step[]} as the house has them */
  get steps() {
    return (this.rundown && this.rundown.steps) || [];
  }

  /** @private @param {any[]} [steps]  minutes may be text, as they were typed */
  edit(steps = this.steps) {
    this.editing = true;
    this.base = linesOf(this.steps);
    el('rundown-rows').textContent = '';
    announce(el('rundown-error'), '');
    for (const step of steps) this.add(step, false);
    if (!steps.length) this.add({ minutes: 5, title: '' }, false);
    show(el('rundown-view'), false);
    show(el('rundown-form'), true);
    this.number();
    this.renderDraft();
    const first = /** @type {HTMLElement | null} */ (el('rundown-rows').querySelector('.row-title'));
    if (first) first.focus();
  }

  /** @private */
  leave() {
    this.editing = false;
    this.drafts.drop();
    show(el('rundown-form'), false);
    show(el('rundown-view'), true);
    el('rundown-edit').focus({ preventScroll: true });
  }

  /** What is written now, kept in this browser: not what the house has anyway, and nothing of a séance that is over. @private */
  keep() {
    const steps = this.typed().map(({ minutes, title, detail }) => ({ minutes, title, detail }));
    if (this.over || steps.length === 0 || linesOf(/** @type {any[]} */ (steps)) === this.base) this.drafts.drop();
    else this.drafts.keep({ steps, base: this.base });
  }

  /** @private */
  resume() {
    const draft = this.drafts.left();
    if (!draft) return;
    this.drafts.clearLeft();
    this.edit(stepsIn(draft));
    this.base = String(draft.content.base);
    this.keep();
  }

  /** @private @returns {import('../core/draft.js').Draft | null} what a page that has gone was writing, unless it was sent after all */
  leftDraft() {
    const draft = this.drafts.left();
    if (!draft || linesOf(stepsIn(draft)) !== linesOf(this.steps)) return draft;
    this.drafts.clearLeft();
    return null;
  }

  /** What a page that has gone was writing, and whether another one writes now. @private */
  renderDraft() {
    const draft = this.editing ? null : this.leftDraft();
    const shared = this.editing && this.drafts.shared;
    if (el('draft-other').hidden === shared) announce(el('draft-other'), shared ? say('studio.draft.other') : '');
    show(el('draft'), Boolean(draft));
    if (!draft) return undefined;
    write(el('draft-word'), say('studio.draft.found', { when: when(new Date(draft.saved).toISOString()) }));
    if (this.toldDraft !== draft.saved) this.news.tell(say('studio.draft.news'));
    this.toldDraft = draft.saved;
    return undefined;
  }

  /** @private @param {import('../core/rundown.js').Step} step @param {boolean} focus */
  add(step, focus) {
    const list = el('rundown-rows');
    if (list.children.length >= MOST_STEPS) return;
    const name = 'row-' + ++this.rows;
    const field = (/** @type {string} */ kind, /** @type {string} */ value, /** @type {Record<string, string>} */ more) => {
      const id = name + '-' + kind;
      const input = /** @type {HTMLInputElement} */ (make('input.row-' + kind, Object.assign({ id, type: 'text', autocomplete: 'off' }, more)));
      input.value = value;
      return make('div.row-field.of-' + kind, null, [make('label', { for: id }, [say('studio.rundown.' + kind)]), input]);
    };
    const up = make('button.small.row-up', { type: 'button' }, [say('studio.rundown.up-short')]);
    const remove = make('button.small.quiet.row-remove', { type: 'button' }, [say('studio.rundown.remove-short')]);
    const box = make('div.row-box', { role: 'group' }, [
      field('minutes', String(step.minutes), { inputmode: 'numeric', maxlength: '3' }), field('title', step.title, { maxlength: String(LONGEST_TITLE) }),
      field('detail', step.detail || '', { maxlength: String(LONGEST_DETAIL) }), make('div.row', null, [up, remove]),
    ]);
    const row = make('li', null, [box]);
    up.addEventListener('click', () => this.raise(row, up));
    remove.addEventListener('click', () => this.remove(row));
    list.append(row);
    this.number();
    if (focus) /** @type {HTMLElement} */ (row.querySelector('.row-title')).focus();
  }

  /** @private @param {HTMLElement} row @param {HTMLElement} button */
  raise(row, button) {
    const above = row.previousElementSibling;
    if (above) el('rundown-rows').insertBefore(row, above);
    this.number();
    this.keep();
    button.focus();
  }

  /** @private @param {HTMLElement} row */
  remove(row) {
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    this.number();
    this.keep();
    const focus = /** @type {HTMLElement} */ (next ? next.querySelector('.row-title') : el('rundown-add'));
    focus.focus();
  }

  /** Rows are called by their place. @private */
  number() {
    Array.from(el('rundown-rows').children).forEach((row, i) => {
      /** @type {Element} */ (row.firstElementChild).setAttribute('aria-label', say('studio.rundown.step', { n: i + 1 }));
      const named = (/** @type {string} */ part, /** @type {string} */ key) => /** @type {Element} */ (row.querySelector('.' + part)).setAttribute('aria-label', say(key, { n: i + 1 }));
      named('row-up', 'studio.rundown.up');
      named('row-remove', 'studio.rundown.remove');
      /** @type {HTMLButtonElement} */ (row.querySelector('.row-up')).disabled = i === 0;
    });
    /** @type {HTMLButtonElement} */ (el('rundown-add')).disabled = el('rundown-rows').children.length >= MOST_STEPS;
  }

  /** @private @returns {{ minutes: string, title: string, detail: string, row: Element }[]} rows in which something is written */
  typed() {
    const value = (/** @type {Element} */ row, /** @type {string} */ kind) => /** @type {HTMLInputElement} */ (row.querySelector('.row-' + kind)).value;
    return Array.from(el('rundown-rows').children)
      .map((row) => ({ minutes: value(row, 'minutes'), title: value(row, 'title'), detail: value(row, 'detail'), row }))
      .filter((typed) => typed.title.trim() !== '' || typed.detail.trim() !== '');
  }

  /** @private */
  save() {
    const typed = this.typed();
    const wrong = typed.findIndex((step) => mistakeIn(step) !== '');
    announce(el('rundown-error'), wrong < 0 ? '' : say('studio.rundown.wrong.' + mistakeIn(typed[wrong]), { n: wrong + 1 }));
    if (wrong >= 0) return /** @type {HTMLElement} */ (typed[wrong].row.querySelector('.row-' + mistakeIn(typed[wrong]))).focus();
    const steps = linesOf(typed.map(({ minutes, title, detail }) => ({ minutes: Number(minutes), title, detail })));
    if (linesOf(this.steps) !== this.base && linesOf(this.steps) !== steps) return this.askOver(steps);
    return void this.send(steps).catch((error) => this.news.refusal(error));
  }

  /** Somebody else has written it meanwhile. @private @param {string} steps */
  askOver(steps) {
    openDialog({
      title: say('studio.draft.changed.title'), body: [say('studio.draft.changed.text')], late: (error) => this.news.refusal(error), choices: [
        { text: say('studio.draft.changed.mine'), act: () => this.send(steps) },
        { text: say('studio.draft.changed.theirs'), look: 'primary', act: () => this.leave() },
      ],
    });
  }

  /** @private @param {string} steps @returns {Promise<unknown>} */
  send(steps) {
    return this.classroom.do({ name: 'set-rundown', steps }).then(() => {
      this.leave();
      this.news.tell(say('studio.rundown.saved'));
    });
  }
}

/** @param {import('../core/draft.js').Draft} draft @returns {any[]} steps as they were typed */
function stepsIn({ content }) {
  return content && Array.isArray(content.steps) ? content.steps : [];
}
