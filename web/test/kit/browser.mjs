// Real Chromium, one context per person: each has its own storage, as each has their own machine.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { Guard } from "./guard.mjs";
import { Tab } from "./tab.mjs";

const INPAGE = fileURLToPath(new URL("./inpage.js", import.meta.url));
export const CHROMIUM = process.env.ANTENNE_CHROMIUM || "/usr/bin/chromium";

const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps", "--lang=fr-FR", "--accept-lang=fr-FR,fr"];

/** What the driver would add by itself and what would hide the truth about tabs out of sight. */
const TOO_KIND = ["--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding"];

/** The rule of real browsers, said aloud: no sound before a gesture. */
const AUTOPLAY = "--autoplay-policy=document-user-activation-required";

export const SIZES = {
  phone: { width: 360, height: 740 },
  desk: { width: 1024, height: 768 },
  wall: { width: 1366, height: 768 },
};

export class Browser {
  #browser;
  #host;

  /**
   * @param {{host:string, media?:{clip:string, voice:string}, args?:string[]}} o media: files for the fake camera and microphone
   */
  static async open({ host, media, args = [] }) {
    const made = new Browser();
    made.#host = host;
    made.#browser = await chromium.launch({
      executablePath: CHROMIUM,
      headless: true,
      ignoreDefaultArgs: TOO_KIND,
      args: [...QUIET, AUTOPLAY, ...(media ? devices(media) : []), ...args],
    });
    return made;
  }

  /**
   * A person at a machine of their own.
   * @param {string} name for failures
   * @param {{size?:{width:number,height:number}, camera?:boolean, touch?:boolean, base?:string, lang?:string, host?:string,
   *   rigged?:boolean, state?:object}} [o] host: the only one this person's pages may speak to, where it is not the browser's; rigged: scripts of the
   *   test's own may run beside the page's, which its policy would refuse; state: what this machine kept before (storageState)
   */
  async person(name, { size = SIZES.desk, camera = false, touch = false, base, lang = "fr-FR", host = this.#host, rigged = false, state } = {}) {
    const context = await this.#browser.newContext({ storageState: state, viewport: size, locale: lang, timezoneId: "Europe/Paris", hasTouch: touch, baseURL: base, bypassCSP: rigged });
    if (camera) await context.grantPermissions(["camera", "microphone"]);
    await context.addInitScript({ path: INPAGE });
    return new Person(context, host, name);
  }

  async close() {
    await this.#browser.close();
  }
}

/**
 * A Chromium of its own for one person whose page must really be hidden at times. In its shared
 * contexts the driver tells every page that it is looked at; here nothing is told.
 */
export class LoneBrowser {
  #child;
  #folder;
  #browser;
  #host;

  static async open({ host, media }) {
    const made = new LoneBrowser();
    made.#host = host;
    made.#folder = await mkdtemp(join(tmpdir(), "antenne-profile-"));
    const args = ["--headless", "--remote-debugging-port=0", `--user-data-dir=${made.#folder}`, ...QUIET, AUTOPLAY, ...(media ? devices(media) : [])];
    made.#child = spawn(CHROMIUM, [...args, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
    made.#browser = await chromium.connectOverCDP(await endpoint(made.#child), { noDefaults: true });
    return made;
  }

  /** Its process, for who puts it to sleep. */
  get pid() {
    return this.#child.pid;
  }

  /** The one person of this browser. */
  async person(name, { size = SIZES.desk, camera = false } = {}) {
    const context = this.#browser.contexts()[0];
    if (camera) await context.grantPermissions(["camera", "microphone"]);
    await context.addInitScript({ path: INPAGE });
    return new Person(context, this.#host, name, size);
  }

  async close() {
    await this.#browser.close();
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill();
    await gone;
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Where the debugging protocol answers, as Chromium says it on its error output. */
function endpoint(child) {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
      const found = /DevTools listening on (ws:\S+)/.exec(said);
      if (found) resolve(found[1]);
    });
    child.once("exit", (code) => reject(new Error(`Chromium ended with ${code}: ${said.slice(-500)}`)));
  });
}

/** A browser context, with the pages opened in it. */
export class Person {
  constructor(context, host, name, size) {
    this.context = context;
    this.host = host;
    this.name = name;
    this.size = size;
    this.tabs = [];
  }

  async tab(url, name = this.name) {
    const page = await this.context.newPage();
    if (this.size) await page.setViewportSize(this.size);
    const cdp = await this.context.newCDPSession(page);
    const tab = new Tab(page, cdp, new Guard(page, this.host, name));
    this.tabs.push(tab);
    if (url) await tab.open(url);
    return tab;
  }

  async leave() {
    await this.context.close();
  }
}

function devices({ clip, voice }) {
  return ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-video-capture=${clip}`, `--use-file-for-fake-audio-capture=${voice}`, "--auto-select-desktop-capture-source=Entire screen"];
}

export function mediaPaths(folder) {
  return { clip: join(folder, "clip.y4m"), voice: join(folder, "voice.wav") };
}
