// The little of a browser that core/ leans on: timers under the test's hand, a
// WebSocket that does as it is told, a storage that can refuse.

/** Time that moves only when told to. */
export class Time {
  constructor() {
    this.now = 0;
    this.timers = new Map();
    this.ids = 0;
  }

  install() {
    const add = (every) => (run, wait = 0) => {
      this.timers.set(++this.ids, { run, at: this.now + wait, every: every ? wait : 0 });
      return this.ids;
    };
    const drop = (id) => this.timers.delete(id);
    const listeners = new Map();
    const listen = (name, run) => listeners.set(name, (listeners.get(name) || []).concat(run));
    const unlisten = (name, run) => listeners.set(name, (listeners.get(name) || []).filter((r) => r !== run));
    globalThis.setTimeout = add(false);
    globalThis.clearTimeout = drop;
    globalThis.clearInterval = drop;
    globalThis.performance.now = () => this.now;
    globalThis.window = {
      setTimeout: add(false), setInterval: add(true), addEventListener: listen, removeEventListener: unlisten,
      location: { protocol: 'http:', host: 'house', hash: '', pathname: '/', search: '' }, localStorage: new Shelf(), sessionStorage: new Shelf(),
    };
    globalThis.document = { addEventListener: listen, removeEventListener: unlisten, visibilityState: 'visible' };
    this.fire = (name, event) => (listeners.get(name) || []).forEach((run) => run(event));
    return this;
  }

  /** Lets ms go by, running what falls due in order, and promises between. */
  async pass(ms) {
    const end = this.now + ms;
    for (;;) {
      await settle();
      const due = [...this.timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      const [id, timer] = due;
      this.now = Math.max(this.now, timer.at);
      if (timer.every) timer.at += timer.every;
      else this.timers.delete(id);
      timer.run();
    }
    this.now = end;
    await settle();
  }
}

export async function settle() {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** A storage; full, it throws as browsers do. */
export class Shelf {
  constructor() {
    this.items = new Map();
    this.full = false;
  }

  getItem(key) {
    return this.items.has(key) ? this.items.get(key) : null;
  }

  setItem(key, value) {
    if (this.full) throw new Error('QuotaExceededError');
    this.items.set(key, String(value));
  }

  removeItem(key) {
    this.items.delete(key);
  }

  get length() {
    return this.items.size;
  }

  key(i) {
    return [...this.items.keys()][i];
  }
}

/** Sockets made so far, the newest last. */
export const sockets = [];

export class FakeSocket {
  constructor(url, protocol) {
    this.url = url;
    this.protocol = protocol;
    this.readyState = 0;
    this.sent = [];
    this.closed = false;
    sockets.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
    this.readyState = 3;
  }

  // what the other side does

  accept() {
    this.readyState = 1;
    this.onopen();
  }

  say(message) {
    if (this.onmessage) this.onmessage({ data: JSON.stringify(message) });
  }

  die() {
    this.readyState = 3;
    if (this.onclose) this.onclose();
  }

  /** All messages of one type that the page has sent. */
  all(type) {
    return this.sent.filter((m) => m.type === type);
  }
}
