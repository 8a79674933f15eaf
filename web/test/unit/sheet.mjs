// The little of a document that dialogs and lines of news lean on: elements with text, attributes, listeners and focus.

export class Sheet {
  constructor(name = 'div') {
    this.tagName = name.toUpperCase();
    this.nodes = [];
    this.attributes = new Map();
    this.dataset = {};
    this.listeners = [];
    this.parent = null;
    this.className = '';
    this.value = '';
    const names = new Set();
    this.classList = { add: (n) => names.add(n), remove: (n) => names.delete(n), contains: (n) => names.has(n), toggle: (n, yes) => (yes ? names.add(n) : names.delete(n)) };
  }

  get hidden() { return this.attributes.has('hidden'); }

  set hidden(yes) {
    if (yes) this.attributes.set('hidden', '');
    else this.attributes.delete('hidden');
  }

  get textContent() { return this.nodes.map((n) => (typeof n === 'string' ? n : n.textContent)).join(''); }

  set textContent(text) {
    this.nodes = text === '' ? [] : [text];
    this.writes = (this.writes || []).concat(text);
  }

  get firstElementChild() { return this.nodes[0] || null; }

  get lastElementChild() { return this.nodes[this.nodes.length - 1] || null; }

  get isConnected() { return this === document.body || Boolean(this.parent && this.parent.isConnected); }

  setAttribute(name, value) {
    this.attributes.set(name, value);
    if (name.startsWith('data-')) this.dataset[name.slice(5)] = value;
  }

  getAttribute(name) { return this.attributes.has(name) ? this.attributes.get(name) : null; }

  removeAttribute(name) { this.attributes.delete(name); }

  append(...nodes) {
    for (const node of nodes) {
      if (typeof node !== 'string') node.parent = this;
      this.nodes.push(node);
    }
  }

  remove() {
    this.parent.nodes = this.parent.nodes.filter((n) => n !== this);
    this.parent = null;
  }

  /** Understands lists of tags, of .classes, of #ids and of [data-…]. */
  matches(selector) {
    return selector.split(',').map((s) => s.trim()).some((s) => {
      if (s.startsWith('[data-')) return s.slice(6, -1) in this.dataset;
      if (s.startsWith('.')) return this.classList.contains(s.slice(1));
      return s.startsWith('#') ? this.getAttribute('id') === s.slice(1) : this.tagName === s.toUpperCase();
    });
  }

  closest(selector) {
    return this.matches(selector) ? this : this.parent && this.parent.closest(selector);
  }

  querySelectorAll(selector) {
    return this.nodes.filter((n) => typeof n !== 'string').flatMap((n) => (n.matches(selector) ? [n] : []).concat(n.querySelectorAll(selector)));
  }

  querySelector(selector) { return this.querySelectorAll(selector)[0] || null; }

  contains(other) { return this === other || this.nodes.some((n) => typeof n !== 'string' && n.contains(other)); }

  focus() { document.activeElement = this; }

  addEventListener(type, run, capture) { this.listeners.push({ type, run, capture: Boolean(capture) }); }

  removeEventListener(type, run) { this.listeners = this.listeners.filter((l) => l.type !== type || l.run !== run); }

  /** A tap: the document hears it first, then this. @returns {boolean} whether it came through */
  tap() {
    let stopped = false;
    const event = { type: 'click', target: this, detail: 1, preventDefault: () => undefined, stopPropagation: () => { stopped = true; } };
    for (const l of document.listeners.filter((x) => x.type === 'click' && x.capture)) l.run(event);
    if (stopped) return false;
    for (const l of this.listeners.filter((x) => x.type === 'click')) l.run(event);
    return true;
  }
}

/** Puts an empty page in place. @param {Record<string, string>} words */
export function install(words) {
  const page = new Sheet('html');
  const body = new Sheet('body');
  const block = new Sheet('script');
  block.textContent = JSON.stringify(words);
  globalThis.document = Object.assign(page, {
    body, documentElement: { lang: 'fr' }, activeElement: body, visibilityState: 'visible',
    getElementById: (id) => (id === 'words' ? block : null), createElement: (name) => new Sheet(name),
  });
  page.append(body);
}
