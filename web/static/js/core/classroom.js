// The class as data: one WebSocket, a store of entities, commands that answer.
// No DOM. Methods in, events out:
//
//   up       the class is there: { unchanged, restarted }   (first welcome, each return;
//            restarted: the server is a new one and has forgotten all media)
//   down     the line broke, or the first welcome is late   (retries run by themselves)
//   change   entities changed: Set of keys       (also after a welcome)
//   mine     what this page asked for was done, and the change it made is known here
//   refused  the house refuses this page: { code, text, retry }
//   delayed  the house has no room for this page now (see delayed), or has again. It is asked again by itself, less often
//   build    the house serves pages of this build: the page compares it with its own
//   back     heard the house again after a minute or more of nothing, asleep or cut off: ms it lasted
//
// Liveness: the server says something every 2 s. Six silent seconds, or the
// socket's close (seen at once when a server dies), mean the line is dead.

import { Emitter } from './emitter.js';
import { delay, patience } from './retry.js';

const SILENCE = 6000;
const WATCH = 1000;
const HEARTBEAT_HEALTH = 5000;
const MOST_FREEZES = 120; // that one message may tell
const LATE = 1500; // without the first welcome: words must stand within 2 s
const REACH = 2000; // the house tells its changes within a tenth of that
const AWAY = 60000; // by the wall clock: timers, and on phones the monotonic clock too, stand still while a page sleeps
const FULL = ['server-full', 'address-full']; // goodbyes that pass when others leave: to come back at once would keep it full
const FULL_WAIT = 5000; // … and a random share of twice as much

/**
 * @typedef {Object} ClassroomOptions
 * @property {string} device       secret of this tab or browser (link.device)
 * @property {string} [token]      the link's token
 * @property {string} [room]       a public room, where there is no token; the room to visit, for a paired screen
 * @property {string} [site]       the site a home comes through
 * @property {string} [lang]
 * @property {string} [url]        default: /ws of this host
 * @property {typeof WebSocket} [socket] for tests
 */

/** @typedef {{ name: string } & Record<string, unknown>} Command */

/** A command refused by the house, or not answered in time ('connection-lost'). */
export class Refusal extends Error {
  /**
   * @param {string} code
   * @param {string} text a sentence for people, '' when the page has to find one
   * @param {boolean} retry the same again, a little later, may be done
   */
  constructor(code, text, retry) {
    super(text || code);
    this.code = code;
    this.text = text;
    this.retry = retry;
  }
}

/**
 * @typedef {Object} Pending
 * @property {Command} command
 * @property {(seq: number) => void} resolve
 * @property {(refusal: Refusal) => void} reject
 * @property {number} timer
 * @property {number} until  ms since 1970, after which it must not go again
 */

export class Classroom extends Emitter {
  /** @param {ClassroomOptions} options */
  constructor(options) {
    super();
    /** @private */
    this.options = options;
    /** @private @type {Map<string, any>} */
    this.entities = new Map();
    /** @private @type {Map<string, Pending>} */
    this.pending = new Map();
    /** @private @type {WebSocket | null} */
    this.socket = null;
    /** @private @type {{ epoch: unknown, seq: number } | null} */
    this.since = null;
    /** @private */
    this.attempt = 0;
    /** @private */
    this.ids = 0;
    /** @private */
    this.heard = 0;
    /** @private the same by the wall clock, ms since 1970; 0 before the first word */
    this.heardAt = 0;
    /** the build whose pages the house serves, '' while unknown */
    this.build = '';
    /** @private keys of those who are there now: they have no sequence @type {Set<string>} */
    this.passing = new Set();
    /** @private of those, what was told before the last cut and not again since @type {Set<string>} */
    this.stale = new Set();
    /** @private */
    this.retryTimer = 0;
    /** @private */
    this.abortTimer = 0;
    /** @private */
    this.watchTimer = 0;
    /** @private */
    this.lateTimer = 0;
    /** true while the first welcome is late: a proxy without WebSocket, a server that died after it gave the page */
    this.late = false;
    /** why the house has no room for this page now, in its own words @type {{ code: string, text: string } | null} */
    this.delayed = null;
    /** @private @type {any} */
    this.lastHealth = null;
    /** @private */
    this.healthSent = { at: 0, text: '' };
    /** @private @type {any} */
    this.lastMedia = null;
    /** @private freezes not told yet */
    this.freezes = 0;
    /** @private */
    this.skew = 0;
    /** true between a welcome and the next break */
    this.up = false;
    /** the line was up until this page came back under another name, and nobody was told of a cut: there is none, yet */
    this.renaming = false;
    /** true once a welcome was ever received */
    this.known = false;
    /** performance.now() of the last break, 0 while up */
    this.downAt = 0;
    this.stopped = true;
    /** @private */
    this.wake = () => this.wakeUp();
  }

  start() {
    if (!this.stopped) return;
    this.stopped = false;
    this.downAt = performance.now();
    this.watchTimer = window.setInterval(() => this.watch(), WATCH);
    this.lateTimer = window.setTimeout(() => this.isLate(), LATE);
    window.addEventListener('online', this.wake);
    window.addEventListener('pageshow', this.wake);
    document.addEventListener('visibilitychange', this.wake);
    document.addEventListener('resume', this.wake);
    this.connect();
  }

  stop() {
    this.stopped = true;
    clearInterval(this.watchTimer);
    clearTimeout(this.lateTimer);
    clearTimeout(this.retryTimer);
    window.removeEventListener('online', this.wake);
    window.removeEventListener('pageshow', this.wake);
    document.removeEventListener('visibilitychange', this.wake);
    document.removeEventListener('resume', this.wake);
    this.hangUp();
    for (const id of Array.from(this.pending.keys())) this.lose(id);
  }

  /**
   * Goes on as another browser, which is shown nothing of what this one asked. What waits for an answer is given up, lest it be asked
   * again under another name.
   * @param {string} device  the new secret
   */
  rename(device) {
    this.options = Object.assign({}, this.options, { device });
    this.since = null;
    for (const id of Array.from(this.pending.keys())) this.lose(id);
    if (this.stopped) return;
    this.hangUp();
    this.renaming = this.up || this.renaming;
    this.up = false;
    this.attempt = 0;
    this.connect();
  }

  /**
   * @param {string} key e.g. "room", "question/<id>"
   * @returns {any} the entity or undefined
   */
  get(key) {
    return this.entities.get(key);
  }

  /**
   * @param {string} prefix e.g. "question/"
   * @returns {any[]} the entities whose key starts so
   */
  all(prefix) {
    const found = [];
    for (const [key, entity] of this.entities) if (key.startsWith(prefix)) found.push(entity);
    return found;
  }

  /** Milliseconds since 1970 by the server's clock: browsers' clocks are often wrong. */
  now() {
    return Date.now() + this.skew;
  }

  /**
   * Asks the house for something. A short cut is bridged: the same message goes
   * again after a reconnection, until `wait` is over.
   * @param {Command} command
   * @param {{ id?: string, wait?: number }} [how] wait in ms
   * @returns {Promise<number>} the sequence; rejects with a Refusal
   */
  do(command, how = {}) {
    const id = how.id || 'c' + ++this.ids;
    return new Promise((resolve, reject) => {
      const wait = how.wait || 8000;
      const timer = window.setTimeout(() => this.lose(id), wait);
      this.pending.set(id, { command, resolve, reject, timer, until: Date.now() + wait });
      if (this.up) this.send({ type: 'do', id, command });
    });
  }

  /**
   * Waits until the class is known here as it was when an act was done: `done` may come before that change. Where nothing of it
   * is for this page no change comes, hence the patience.
   * @param {number} seq  what do() gave
   * @param {number} [wait]  ms
   * @returns {Promise<void>}
   */
  reach(seq, wait = REACH) {
    return new Promise((resolve) => {
      const there = () => { if (this.since && this.since.seq >= seq) end(); };
      const end = () => {
        clearTimeout(timer);
        for (const off of offs) off();
        resolve();
      };
      const timer = window.setTimeout(() => end(), wait);
      const offs = [this.on('change', there), this.on('up', there)];
      there();
    });
  }

  /**
   * Tells the house which WHEP session is ours and what we can use of it.
   * @param {{ session: string, width: number, height: number, picture: 'auto' | 'low' | 'none' }} media
   */
  media(media) {
    this.lastMedia = media;
    if (this.up && media.session) this.send(Object.assign({ type: 'media' }, media));
  }

  /**
   * Says how this page receives. Sent when it changes (at most once a second by
   * its callers), else every 5 s.
   * @param {{ picture: string, frames: number, sound: string, opened: boolean, connected: boolean, full?: boolean, freezes?: number, path?: string, delay?: number }} health
   */
  health(health) {
    this.lastHealth = health;
    this.freezes = Math.min(MOST_FREEZES, this.freezes + (health.freezes || 0));
    const text = factsOf(health);
    const due = performance.now() - this.healthSent.at >= HEARTBEAT_HEALTH;
    if (this.up && (due || text !== this.healthSent.text)) this.sendHealth();
  }

  /**
   * The guest's button: down, and how loud the voice is. Nothing is kept for later.
   * @param {boolean} on
   * @param {number} level  0..100
   */
  talk(on, level) {
    if (this.up) this.send({ type: 'talk', on, level });
  }

  /**
   * A screen or a post of the guest's place: its loudspeakers are at nothing, or about to be heard again. Its caller says it
   * again after a cut.
   * @param {boolean} on
   */
  quiet(on) {
    if (this.up) this.send({ type: 'quiet', on });
  }

  /** @private */
  sendHealth() {
    const health = this.lastHealth;
    this.healthSent = { at: performance.now(), text: factsOf(health) };
    const { picture, sound, opened, connected } = health;
    const full = health.full ? { full: true } : null;
    const freezes = this.freezes ? { freezes: this.freezes } : null;
    this.freezes = 0;
    const path = health.path ? { path: health.path } : null;
    const delay = health.delay >= 1 ? { delay: Math.round(health.delay) } : null;
    this.send(Object.assign({ type: 'health', picture, frames: Math.round(health.frames * 10) / 10, sound, opened, connected }, full, freezes, path, delay));
  }

  /** @private */
  url() {
    if (this.options.url) return this.options.url;
    return (window.location.protocol === 'https:' ? 'wss://' : 'ws://') + window.location.host + '/ws';
  }

  /** @private */
  connect() {
    if (this.stopped) return;
    clearTimeout(this.retryTimer);
    this.retryTimer = 0;
    const Socket = this.options.socket || WebSocket;
    const socket = new Socket(this.url(), 'antenne.v1');
    this.socket = socket;
    this.abortTimer = window.setTimeout(() => this.broke(socket), patience(this.attempt) + (this.attempt ? 0 : 2000));
    socket.onopen = () => this.hello(socket);
    socket.onmessage = (event) => this.hear(socket, event.data);
    socket.onclose = () => this.broke(socket);
  }

  /**
   * @private
   * @param {WebSocket} socket
   */
  hello(socket) {
    if (socket !== this.socket) return;
    const o = this.options;
    /** @type {Record<string, unknown>} */
    const hello = { type: 'hello', v: 1, device: o.device };
    if (o.token) hello.token = o.token;
    if (o.room) hello.room = o.room; // the only one a paired screen's token does not tell
    if (o.site) hello.site = o.site;
    if (o.lang) hello.lang = o.lang;
    if (this.since) hello.since = this.since;
    this.send(hello);
  }

  /**
   * @private
   * @param {Record<string, unknown>} message
   */
  send(message) {
    if (this.socket && this.socket.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  /**
   * @private
   * @param {WebSocket} socket
   * @param {string} data
   */
  hear(socket, data) {
    if (socket !== this.socket) return;
    this.heard = performance.now();
    const message = JSON.parse(data);
    this.dispatch(socket, message);
    const silent = this.heardAt ? Date.now() - this.heardAt : 0;
    this.heardAt = Date.now();
    if (silent >= AWAY && this.up) this.emit('back', silent);
  }

  /**
   * @private
   * @param {WebSocket} socket
   * @param {any} message
   */
  dispatch(socket, message) {
    switch (message.type) {
      case 'welcome': return this.welcomed(message);
      case 'change': return this.changed(message);
      case 'presence': return this.present(message);
      case 'beat': return this.beat(message);
      case 'done': return this.settle(message.id, message.seq);
      case 'refused': return this.wasRefused(message);
      case 'bye': return this.bye(socket, message);
      default: return undefined; // a newer server may say more
    }
  }

  /**
   * @private
   * @param {any} message
   */
  welcomed(message) {
    clearTimeout(this.abortTimer);
    this.attempt = 0;
    this.tellDelay(null);
    this.beat(message);
    const restarted = this.since !== null && this.since.epoch !== message.epoch;
    const keys = message.unchanged ? new Set() : this.replaceStore(message.view || {});
    this.since = { epoch: message.epoch, seq: message.seq };
    clearTimeout(this.lateTimer);
    this.late = false;
    this.up = true;
    this.renaming = false;
    this.known = true;
    this.downAt = 0;
    this.stale = new Set(message.unchanged ? this.passing : []);
    this.passing.clear();
    const unanswered = this.unanswered(); // what listeners ask from now on goes by itself
    this.emit('up', { unchanged: Boolean(message.unchanged), restarted });
    if (message.build && message.build !== this.build) {
      this.build = message.build;
      this.emit('build', this.build);
    }
    if (keys.size) this.emit('change', keys);
    if (this.lastMedia) this.media(this.lastMedia);
    if (this.lastHealth) this.sendHealth();
    for (const [id, pending] of unanswered) this.send({ type: 'do', id, command: pending.command });
  }

  /**
   * What still waits for its answer, and may go again. A page that slept kept its timers for later: an act of ten minutes ago
   * would surprise those who see it.
   * @private
   * @returns {[string, Pending][]}
   */
  unanswered() {
    for (const [id, pending] of Array.from(this.pending)) if (Date.now() >= pending.until) this.lose(id);
    return Array.from(this.pending);
  }

  /**
   * @private
   * @param {Record<string, any>} view
   * @returns {Set<string>} every key that was or is
   */
  replaceStore(view) {
    const keys = new Set(this.entities.keys());
    this.entities = new Map(Object.entries(view));
    for (const key of this.entities.keys()) keys.add(key);
    return keys;
  }

  /**
   * @private
   * @param {any} message
   */
  changed(message) {
    const keys = new Set();
    for (const [key, entity] of Object.entries(message.set || {})) {
      this.entities.set(key, entity);
      keys.add(key);
    }
    for (const key of message.gone || []) {
      this.entities.delete(key);
      keys.add(key);
    }
    if (this.since && message.seq) this.since.seq = message.seq;
    if (keys.size) this.emit('change', keys);
  }

  /**
   * Who is there is told whole after a cut: what is not told again has gone meanwhile.
   * @private
   * @param {any} message
   */
  present(message) {
    for (const key of Object.keys(message.set || {})) this.passing.add(key);
    for (const key of message.gone || []) this.passing.delete(key);
    const gone = this.takeStale();
    this.changed(gone.length ? { set: message.set, gone: gone.concat(message.gone || []) } : message);
  }

  /**
   * @private
   * @returns {string[]} what was there before the cut, and is not known to be there now
   */
  takeStale() {
    const gone = Array.from(this.stale).filter((key) => !this.passing.has(key) && this.entities.has(key));
    this.stale.clear();
    return gone;
  }

  /**
   * @private
   * @param {any} message
   */
  beat(message) {
    const now = Date.parse(message.now);
    if (!isNaN(now)) this.skew = now - Date.now();
    if (message.type === 'beat' && this.stale.size) this.changed({ gone: this.takeStale() });
  }

  /** @private @param {string} id  of an act that was not answered in time */
  lose(id) {
    this.settle(id, new Refusal('connection-lost', '', true));
  }

  /**
   * @private
   * @param {string} id
   * @param {number | Refusal} outcome
   */
  settle(id, outcome) {
    const pending = this.pending.get(id);
    if (!pending) return;
    this.pending.delete(id);
    clearTimeout(pending.timer);
    if (outcome instanceof Refusal) return pending.reject(outcome);
    pending.resolve(outcome);
    return void this.reach(outcome).then(() => this.emit('mine'));
  }

  /**
   * @private
   * @param {any} message
   */
  wasRefused(message) {
    if (message.id) this.settle(message.id, new Refusal(message.code, message.text, Boolean(message.retry)));
  }

  /**
   * @private
   * @param {WebSocket} socket
   * @param {any} message
   */
  bye(socket, message) {
    if (message.retry && FULL.indexOf(message.code) >= 0) return this.noRoom(socket, message);
    if (message.retry) return this.broke(socket);
    this.tellDelay(null);
    this.up = false;
    this.downAt = performance.now();
    this.stop();
    return this.emit('refused', { code: message.code, text: message.text });
  }

  /**
   * @private
   * @param {WebSocket} socket
   * @param {{ code: string, text: string }} message
   */
  noRoom(socket, { code, text }) {
    this.broke(socket, FULL_WAIT * (1 + 2 * Math.random()));
    this.tellDelay({ code, text });
  }

  /**
   * @private
   * @param {{ code: string, text: string } | null} delayed
   */
  tellDelay(delayed) {
    const was = this.delayed;
    this.delayed = delayed;
    if ((was && was.text) !== (delayed && delayed.text)) this.emit('delayed', delayed);
  }

  /**
   * The socket closed, or stayed silent, or never opened in time.
   * @private
   * @param {WebSocket} socket
   * @param {number} [wait]  ms until the next try, when the house is full
   */
  broke(socket, wait = 0) {
    if (socket !== this.socket) return;
    this.hangUp();
    if (this.stopped) return;
    if (!wait) this.tellDelay(null);
    this.retryTimer = window.setTimeout(() => this.connect(), wait || delay(this.attempt));
    this.attempt += 1;
    if (!this.up && !this.renaming) return;
    this.up = false;
    this.renaming = false;
    this.downAt = performance.now();
    this.emit('down');
  }

  /** @private */
  isLate() {
    this.late = !this.known;
    if (this.late) this.emit('down');
  }

  /** @private */
  hangUp() {
    clearTimeout(this.abortTimer);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  /** @private */
  watch() {
    if (this.up && this.socket && performance.now() - this.heard > SILENCE) this.broke(this.socket);
  }

  /**
   * The network or the tab is back: look at once instead of waiting for a timer
   * that was slowed down in the background.
   * @private
   */
  wakeUp() {
    if (this.stopped || document.visibilityState === 'hidden') return;
    this.watch();
    if (!this.socket) {
      this.attempt = 0;
      this.connect();
    }
  }
}

/**
 * What of a report is news; the frames move all the time.
 * @param {{ picture: string, sound: string, opened: boolean, connected: boolean, full?: boolean }} health
 */
function factsOf({ picture, sound, opened, connected, full }) {
  return [picture, sound, opened, connected, Boolean(full)].join();
}
