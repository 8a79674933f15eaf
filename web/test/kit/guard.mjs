// Watches a page for what must never happen: errors in the console, uncaught errors, requests
// that fail, requests to anybody but our server, violations of the security policy, secrets in addresses, which logs on the way keep.

/** Said by the browser itself about requests that a stopped server cannot answer. */
const OUTAGE = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED|ERR_CONNECTION_CLOSED|ERR_NETWORK_CHANGED|WebSocket connection to|Failed to load resource/;

const MOST_HEARD = 4 << 20;

export class Guard {
  /**
   * @param {import("playwright-core").Page} page
   * @param {string} host the only host the page may speak to
   * @param {string} name
   */
  constructor(page, host, name) {
    this.name = name;
    this.host = host;
    this.faults = [];
    this.outage = false;
    this.allowed = [];
    /** Everything the house told this page over its sockets. */
    this.wire = "";
    this.addresses = new Set();
    this.secrets = new Set();
    page.on("console", (m) => m.type() === "error" && this.#note("console", `${m.text()} ${m.location().url || ""}`));
    page.on("pageerror", (e) => this.#note("uncaught", e.stack || e.message));
    page.on("request", (r) => this.#asks(r));
    page.on("websocket", (w) => {
      this.#sameHost(w.url());
      w.on("framesent", ({ payload }) => this.#says(String(payload)));
      w.on("framereceived", ({ payload }) => this.#hear(String(payload)));
    });
    page.on("requestfailed", (r) => this.#failed(r));
    page.on("crash", () => this.#note("crash", "the page crashed"));
  }

  /** The server is about to go away: what the browser says of refused connections is no fault. */
  expectOutage(expected) {
    this.outage = expected;
  }

  /** A fault this test provokes on purpose, seen already or to come. */
  allow(pattern) {
    this.allowed.push(pattern);
    this.faults = this.faults.filter((fault) => !pattern.test(fault));
  }

  #hear(message) {
    if (!message.includes('"beat"') && this.wire.length < MOST_HEARD) this.wire += message;
  }

  /** What a page calls itself in its hello is in no address, whichever was first. */
  #says(message) {
    if (!message.includes('"hello"')) return;
    const { token, device } = JSON.parse(message);
    for (const secret of [token, device].filter(Boolean)) {
      this.secrets.add(secret);
      for (const address of this.addresses) this.#telling(address, secret);
    }
  }

  #asks(request) {
    const url = request.url();
    this.#sameHost(url);
    if (url.startsWith("data:") || url.startsWith("blob:")) return;
    const [address] = url.split("#"); // what follows stays in the browser
    this.addresses.add(address);
    for (const secret of this.secrets) this.#telling(address, secret);
  }

  #telling(address, secret) {
    if (address.includes(secret)) this.#note("a secret in an address", address);
  }

  #sameHost(url) {
    if (/^(data|blob|about|chrome-error):/.test(url)) return;
    if (new URL(url).host !== this.host) this.#note("foreign request", url);
  }

  #failed(request) {
    const why = request.failure() ? request.failure().errorText : "";
    if (why === "net::ERR_ABORTED") return; // the page itself let go: it left, or gave up waiting
    this.#note("failed request", `${request.method()} ${request.url()} ${why}`);
  }

  #note(kind, what) {
    if (this.outage && OUTAGE.test(what)) return;
    if (this.allowed.some((p) => p.test(what))) return;
    this.faults.push(`${this.name}: ${kind}: ${what}`);
  }
}
