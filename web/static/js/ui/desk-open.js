// « Ouvrir la salle »: the animator gives the screen its place by the code it shows, shows the posts theirs, sees who came, and sends
// a device away. Built here and put into #open-room; everything works with a thumb.

import { errand } from '../core/errand.js';
import { onHandover, take } from '../core/handover.js';
import { isWhole } from '../core/paired.js';
import { clock, say } from '../core/words.js';
import { codeField } from './code-field.js';
import { openDialog } from './dialog.js';
import { announce, why } from './news.js';
import { el, follow, make, page, show, write } from './page.js';
import { picto } from './picto.js';

/** Between two looks at who is there, ms. */
const LOOK = 4000;

/** @typedef {{ id: string, role: string, name: string, since: string, where: string }} Device */

export class OpenRoom {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {string} token  the animator's
   * @param {import('./news.js').News} news
   * @param {() => void} screenGone  the animator sent a screen away
   */
  constructor(classroom, token, news, screenGone) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.token = token;
    /** @private */
    this.news = news;
    /** @private */
    this.screenGone = screenGone;
    /** @private @type {Device[]} */
    this.devices = [];
    /** @private */
    this.busy = false;
    /** @private the posts' entities as they were at the last look */
    this.posts = '';
    /** @private */
    this.field = /** @type {HTMLInputElement} */ (make('input.open-field', {
      type: 'text', id: 'open-code', maxlength: '16', autocomplete: 'off', autocapitalize: 'characters',
      autocorrect: 'off', spellcheck: 'false', enterkeyhint: 'go', 'aria-describedby': 'open-where open-error',
    }));
    this.build();
    if (!token) return;
    this.wire();
  }

  /** @private */
  build() {
    const host = window.location.host;
    el('open-room').append(
      make('section.card.open-room', { 'aria-labelledby': 'open-title' }, [
        make('h2.with-picto', { id: 'open-title', tabindex: '-1' }, [picto('screen'), say('pair.desk.title')]),
        make('form', { id: 'open-form', novalidate: '' }, [
          make('p', { id: 'open-where' }, [say('pair.desk.where') + ' ', make('strong.open-host', null, [host + '/screen'])]),
          make('label', { for: 'open-code' }, [say('pair.desk.code')]),
          make('div.open-line', null, [this.field, make('button.primary', { type: 'submit', id: 'open-go' }, [picto('screen'), say('pair.desk.go')])]),
          make('p.field-error', { id: 'open-error', role: 'alert', hidden: '' }),
          make('p.said', { id: 'open-said', role: 'status' }),
        ]),
        make('h3.with-picto', null, [picto('post'), say('pair.desk.posts')]),
        make('p', { id: 'posts-where', hidden: '' }, [say('pair.desk.posts.where') + ' ', make('strong.open-host', null, [host + '/post'])]),
        make('p.open-big', { id: 'posts-code' }),
        make('p.hint', { id: 'posts-told', role: 'status' }),
        make('div.row', null, [
          make('button', { type: 'button', id: 'posts-show' }, [picto('post'), say('pair.desk.posts.show')]),
          make('button.small', { type: 'button', id: 'posts-rotate', hidden: '' }, [picto('retry'), say('pair.desk.posts.rotate')]),
        ]),
        make('ul.open-list', { id: 'open-list', 'aria-label': say('pair.desk.list'), tabindex: '-1' }),
      ]),
    );
  }

  /** @private */
  wire() {
    codeField(this.field, () => this.complain(''));
    el('open-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.confirm();
    });
    el('posts-show').addEventListener('click', () => this.openPosts(false));
    el('posts-rotate').addEventListener('click', () => this.sureToRotate());
    onHandover(() => this.heed());
    this.heed();
    window.setInterval(() => { if (document.visibilityState === 'visible') this.look(); }, LOOK);
    this.look();
  }

  render() {
    const posts = this.classroom.get('posts');
    const code = (posts && posts.code) || '';
    const room = this.classroom.get('room');
    const over = Boolean(room) && room.state === 'ended';
    write(el('posts-code'), over ? '' : code);
    write(el('posts-told'), code && posts.another && !over ? say('pair.desk.posts.told', { clock: clock(posts.since), stayed: posts.stayed || 0, closed: posts.closed || 0 }) : '');
    show(el('posts-where'), Boolean(code) && !over);
    show(el('posts-show'), !code && !over);
    show(el('posts-rotate'), Boolean(code) && !over);
    const there = this.classroom.all('post/').map((post) => post.link).join(' ');
    if (there !== this.posts) this.look();
    this.posts = there;
  }

  /** @private A code that the phone's camera brought: it stands in the field, and a person confirms it. */
  heed() {
    if (document.visibilityState === 'hidden') return; // taken when somebody looks
    const code = take();
    if (!code) return;
    this.field.value = code;
    this.complain('');
    announce(el('open-said'), say('pair.desk.brought', { code }));
    el('open-go').scrollIntoView({ block: 'center' });
    el('open-go').focus({ preventScroll: true });
  }

  /** @private @param {string} text */
  complain(text) {
    announce(el('open-error'), text);
    this.field.setAttribute('aria-invalid', text ? 'true' : 'false');
    if (text) announce(el('open-said'), '');
  }

  /** @private */
  async confirm() {
    if (this.busy) return;
    if (!isWhole(this.field.value)) {
      this.complain(say('pair.desk.short'));
      this.field.focus();
      return;
    }
    this.busy = true;
    el('open-go').setAttribute('aria-disabled', 'true');
    this.complain('');
    try {
      const { siteName } = await this.ask('POST', '/pair/confirm', { code: this.field.value });
      this.field.value = '';
      announce(el('open-said'), say('pair.desk.opened', { place: siteName }));
      this.look();
    } catch (refusal) {
      this.complain(why(refusal));
    }
    this.busy = false;
    el('open-go').removeAttribute('aria-disabled');
  }

  /** @private @param {boolean} rotate @returns {Promise<void>} */
  async openPosts(rotate) {
    const before = this.classroom.get('posts');
    try {
      const { code } = await this.ask('POST', '/pair/posts', rotate && before ? { rotate, code: before.code } : { rotate });
      write(el('posts-code'), code);
      this.look();
    } catch (refusal) {
      if (rotate) throw refusal;
      this.news.refusal(/** @type {any} */ (refusal));
    }
  }

  /** @private */
  sureToRotate() {
    openDialog({
      title: say('pair.desk.posts.sure'),
      body: [say('pair.desk.posts.sure.text')],
      choices: [{ text: say('pair.desk.posts.rotate'), look: 'primary', act: () => this.openPosts(true) }, { text: say('pair.desk.keep') }],
    });
  }

  // ---- who came ----

  /** @private */
  async look() {
    try {
      const { devices } = await this.ask('GET', '/pair/devices');
      this.devices = devices;
      this.list();
    } catch (refusal) {
      // the verdict of the page says it: the list stays as it was
    }
  }

  /** @private */
  list() {
    follow(el('open-list'), this.devices, (device) => device.id, () => this.row(), (row, device) => this.paintRow(row, device));
  }

  /** @private @returns {HTMLElement} */
  row() {
    const row = make('li.open-device', null, [make('span.open-sign'), make('span.open-words', null, [make('strong'), make('span.hint')]), make('button.small', { type: 'button' })]);
    const button = /** @type {HTMLElement} */ (row.querySelector('button'));
    button.addEventListener('click', () => this.sureToForget(row.dataset.key || ''));
    return row;
  }

  /** @private @param {HTMLElement} row @param {Device} device */
  paintRow(row, device) {
    const sign = /** @type {HTMLElement} */ (row.querySelector('.open-sign'));
    if (!sign.firstChild) sign.append(picto(device.role === 'post' ? 'post' : 'screen'));
    const name = nameOf(device);
    write(/** @type {Element} */ (row.querySelector('strong')), name);
    write(/** @type {Element} */ (row.querySelector('.hint')), say('pair.desk.where.' + device.where));
    row.dataset.where = device.where;
    const word = say(device.role === 'post' ? 'pair.desk.close' : 'pair.desk.forget');
    const button = /** @type {Element} */ (row.querySelector('button'));
    write(button, word);
    button.setAttribute('aria-label', word + ' : ' + name);
  }

  /** @private @param {string} id */
  sureToForget(id) {
    const device = this.devices.find((one) => one.id === id);
    if (!device) return;
    const post = device.role === 'post';
    openDialog({
      title: say(post ? 'pair.desk.sure.post' : 'pair.desk.sure.screen', { name: nameOf(device) }),
      body: [say(post ? 'pair.desk.sure.post.text' : 'pair.desk.sure.screen.text')],
      choices: [{ text: say(post ? 'pair.desk.close.post' : 'pair.desk.forget.screen'), look: 'primary', act: () => this.forget(id) }, { text: say('pair.desk.keep') }],
      late: (error) => this.news.refusal(error),
    });
  }

  /** @private @param {string} id @returns {Promise<void>} */
  async forget(id) {
    const device = this.devices.find((one) => one.id === id);
    const post = Boolean(device && device.role === 'post');
    const name = device ? nameOf(device) : '';
    await this.ask('POST', '/pair/forget', { id });
    if (!post) this.screenGone();
    this.devices = this.devices.filter((one) => one.id !== id);
    this.list();
    announce(el('open-said'), say(post ? 'pair.desk.closed' : 'pair.desk.forgotten', { name }));
  }

  /** @private @param {string} method @param {string} url @param {unknown} [body] */
  ask(method, url, body) {
    return errand(method, url, { token: this.token, lang: page.lang, body });
  }
}

/** @param {Device} device @returns {string} */
function nameOf(device) {
  if (device.role === 'post') return device.name || say('pair.desk.post'); // its link may be older than its first page: an hour would tell nothing
  return device.name || say('pair.desk.screen', { clock: clock(device.since) });
}
