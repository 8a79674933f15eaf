// Firefox ESR by its own remote protocol (Marionette: JSON over TCP, each message behind its length).
// Players need little of it: open a page, run a function there.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./poll.mjs";

export const FIREFOX = process.env.ANTENNE_FIREFOX || "/usr/bin/firefox-esr";

const PREFERENCES = {
  "marionette.port": 0,
  "media.autoplay.default": 0, // what sound may do without a gesture is tried in Chromium, on our own pages
  "media.peerconnection.ice.loopback": true,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "app.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
};

export class Firefox {
  #child;
  #folder;
  #wire;

  static async open() {
    const made = new Firefox();
    made.#folder = await mkdtemp(join(tmpdir(), "antenne-firefox-"));
    const lines = Object.entries(PREFERENCES).map(([key, value]) => `user_pref(${JSON.stringify(key)}, ${JSON.stringify(value)});\n`);
    await writeFile(join(made.#folder, "user.js"), lines.join(""));
    made.#child = spawn(FIREFOX, ["--headless", "--no-remote", "--marionette", "--profile", made.#folder, "about:blank"], {
      stdio: "ignore",
      env: { ...process.env, HOME: made.#folder },
    });
    const port = await until("Firefox listens", () => readFile(join(made.#folder, "MarionetteActivePort"), "utf8").then(Number, () => 0), { within: 60000 });
    made.#wire = await Wire.open(port);
    await made.#wire.call("WebDriver:NewSession", { capabilities: { alwaysMatch: { timeouts: { script: 60000, pageLoad: 60000 } } } });
    return made;
  }

  /** A page in a tab of its own. @param {string} name for failures */
  async tab(url, name) {
    const { handle } = await this.#wire.call("WebDriver:NewWindow", { type: "tab" });
    const tab = new FirefoxTab(this.#wire, handle, name);
    await tab.open(url);
    return tab;
  }

  async close() {
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    if (this.#wire) this.#wire.close();
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill();
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

export class FirefoxTab {
  #wire;
  #handle;

  constructor(wire, handle, name) {
    this.#wire = wire;
    this.#handle = handle;
    this.name = name;
  }

  open(url) {
    return this.#inside(() => this.#wire.call("WebDriver:Navigate", { url }));
  }

  /** Runs a function in the page; it must be self-contained. */
  async ask(fn, arg) {
    const script = `const done = arguments[arguments.length - 1];
      (${fn})(arguments[0]).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const answer = await this.#inside(() => this.#wire.call("WebDriver:ExecuteAsyncScript", { script, args: [arg ?? null] }));
    if (answer.value.error) throw new Error(`${this.name}: ${answer.value.error}`);
    return answer.value.value;
  }

  /** Commands go to the tab that was chosen last: choose and act are one. */
  #inside(act) {
    return this.#wire.alone(async () => {
      await this.#wire.call("WebDriver:SwitchToWindow", { handle: this.#handle, focus: false });
      return act();
    });
  }
}

class Wire {
  #socket;
  #buffer = Buffer.alloc(0);
  #waiting = new Map();
  #last = 0;
  #turn = Promise.resolve();

  static async open(port) {
    const made = new Wire();
    made.#socket = connect(port, "127.0.0.1");
    await new Promise((resolve, reject) => {
      made.#socket.once("error", reject);
      made.#socket.once("data", () => resolve()); // its greeting
    });
    made.#socket.on("data", (chunk) => made.#hear(chunk));
    made.#socket.on("error", () => {});
    made.#socket.on("close", () => made.#hangUp());
    return made;
  }

  call(command, parameters) {
    const id = ++this.#last;
    const text = Buffer.from(JSON.stringify([0, id, command, parameters]));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, command });
      this.#socket.write(Buffer.concat([Buffer.from(`${text.length}:`), text]));
    });
  }

  /** One after the other. */
  alone(act) {
    const mine = this.#turn.then(act);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  #hear(chunk) {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const colon = this.#buffer.indexOf(58);
      const size = Number(this.#buffer.subarray(0, Math.max(colon, 0)));
      if (colon < 0 || this.#buffer.length < colon + 1 + size) return;
      const [, id, error, result] = JSON.parse(this.#buffer.subarray(colon + 1, colon + 1 + size));
      this.#buffer = this.#buffer.subarray(colon + 1 + size);
      const { resolve, reject, command } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(new Error(`Firefox, ${command}: ${error.error}: ${error.message}`));
      else resolve(result);
    }
  }

  #hangUp() {
    for (const { reject, command } of this.#waiting.values()) reject(new Error(`Firefox went away during ${command}`));
    this.#waiting.clear();
  }

  close() {
    this.#socket.destroy();
  }
}
