// One page as a person uses it: reads words, presses what carries words, types.
//
// Everything is asked through the debugging protocol *without* a user gesture. The driver's own
// calls would count as gestures and unlock the sound, and the locked sound is what we test.

import { sleep, until } from "./poll.mjs";
import * as probe from "./probe.mjs";
import { readPNG } from "./png.mjs";

export class Tab {
  /**
   * @param {import("playwright-core").Page} page
   * @param {import("playwright-core").CDPSession} cdp
   * @param {import("./guard.mjs").Guard} guard
   */
  constructor(page, cdp, guard) {
    this.page = page;
    this.cdp = cdp;
    this.guard = guard;
    this.name = guard.name;
    this.url = "";
    this.crashed = false;
    /** Where scripts run in this page and in the frame of a séance: what each context's debugging id stands for. */
    this.contexts = new Map();
    cdp.on("Runtime.executionContextCreated", ({ context }) => context.auxData.isDefault && this.contexts.set(context.id, context.auxData.frameId));
    cdp.on("Runtime.executionContextDestroyed", ({ executionContextId }) => this.contexts.delete(executionContextId));
    cdp.on("Runtime.executionContextsCleared", () => this.contexts.clear());
    /** When press() last clicked, ms since 1970. */
    this.pressedAt = 0;
    page.on("crash", () => (this.crashed = true));
  }

  async open(url) {
    this.url = url;
    await this.cdp.send("Runtime.enable");
    await this.page.goto(url, { waitUntil: "domcontentloaded" });
  }

  async reload() {
    await this.page.reload({ waitUntil: "domcontentloaded" });
  }

  /**
   * Runs a function in the page that a person sees: the séance's, while a poster shows one over itself. It must be
   * self-contained. Never counts as a gesture.
   * @param {{ patience?: number }} [o]  ms: more for what works the page hard, as a tool that goes over all of it does
   */
  async ask(fn, arg, { patience } = {}) {
    return this.run(`(${fn})(${JSON.stringify(arg)})`, patience);
  }

  /** The same in the page that has the window, whatever it shows. */
  async askWindow(fn, arg) {
    return this.#evaluate(`(${fn})(${JSON.stringify(arg)})`);
  }

  /** Runs a script, as ask does. */
  async run(expression, patience) {
    const inside = await this.#shownInside();
    if (!inside) return this.#evaluate(expression, 0, patience);
    try {
      return await this.#evaluate(expression, inside, patience);
    } catch (error) {
      if (this.contexts.has(inside)) throw error;
      return this.#evaluate(expression); // the frame has just gone: the poster is what is seen
    }
  }

  /** The context of the séance that the poster shows, 0 while it shows none. */
  async #shownInside() {
    if (this.contexts.size < 2) return 0;
    for (const context of this.contexts.keys()) {
      if (await this.#evaluate(SHOWN, context).catch(() => false)) return context;
    }
    return 0;
  }

  async #evaluate(expression, context, patience = PATIENCE) {
    if (this.crashed) throw new Error(`${this.name}: the page crashed`);
    const call = { expression, awaitPromise: true, returnByValue: true, userGesture: false, ...(context ? { contextId: context } : {}) };
    const answer = await withPatience(this.cdp.send("Runtime.evaluate", call), this.name, patience);
    if (answer.exceptionDetails) {
      const e = answer.exceptionDetails;
      throw new Error(`${this.name}: ${e.exception?.description || e.text}`);
    }
    return answer.result.value;
  }

  /** Where the page that is seen comes from. */
  address() {
    return this.ask(() => window.location.href);
  }

  text() {
    return this.ask(() => window.__antenneTest.text());
  }

  /** Whether all these words can be read, wherever on the page (or inside a CSS selector). */
  async reads(words, selector = "body") {
    return this.ask(
      ({ words, selector }) => {
        const t = window.__antenneTest;
        const wanted = t.fold(words);
        return [...document.querySelectorAll(selector)].some((el) => t.shown(el) && t.fold(el.innerText || "").includes(wanted));
      },
      { words, selector },
    );
  }

  /** @param {string} words @param {{within?:number, in?:string}} [o] */
  async sees(words, o = {}) {
    await until(`${this.name} reads « ${words} »`, () => this.reads(words, o.in), { within: o.within, seen: () => this.text() });
  }

  async seesNot(words, o = {}) {
    await until(`${this.name} no longer reads « ${words} »`, async () => !(await this.reads(words, o.in)), { within: o.within, seen: () => this.text() });
  }

  /**
   * Presses the control that carries these words (or has this #id), with a real click of the mouse; again, as a person
   * does, where the click fell beside it because the page moved, or where the page says that it did nothing.
   * @param {{within?:number, exact?:boolean, near?:string, box?:string}} [o] box and near: only inside the smallest `box` (CSS) that carries the words `near`
   */
  async press(words, o = {}) {
    for (let tries = 0; tries < 5; tries++) {
      const spot = await until(`${this.name} can press « ${words} »`, () => this.#ready(words, o), { within: o.within, seen: () => this.#obstacle(words, o) });
      const before = await this.#done();
      this.pressedAt = Date.now();
      await this.page.mouse.click(spot.x, spot.y);
      if ((await this.#done()) !== before) return;
    }
    throw new Error(`${this.name}: « ${words} » moved away from five presses`);
  }

  /** How many clicks did something to what was aimed at; another number for each page, and for one that is being left. */
  #done() {
    return this.ask(() => `${performance.timeOrigin} ${window.__antenneTest.done()}`).catch(() => String(Math.random()));
  }

  async #ready(words, o) {
    const spot = await this.find(words, o);
    if (!spot || spot.disabled || !spot.free) return null;
    await sleep(60); // nobody hits a button that is still moving
    const again = await this.find(words, o);
    return again && again.free && !again.disabled && again.x === spot.x && again.y === spot.y ? again : null;
  }

  async #obstacle(words, o) {
    const spot = await this.find(words, o);
    if (!spot) return `no such control; the page reads:\n${await this.text()}`;
    return spot.disabled ? "it is disabled" : `it is covered by ${spot.over}`;
  }

  find(words, { exact = false, near = "", box = "" } = {}) {
    return this.ask(
      ({ words, exact, near, box }) => {
        const t = window.__antenneTest;
        if (words.startsWith("#")) return t.at(words);
        if (!box) return t.control(words, exact);
        const inside = t.inside(box, near);
        if (!inside) return null;
        const wanted = t.fold(words);
        const el = [...inside.querySelectorAll("button, a[href], [role=button], summary, input[type=submit]")].find(
          (b) => t.shown(b) && t.fold(`${b.getAttribute("aria-label") || ""} ${b.innerText}`).includes(wanted),
        );
        return t.place(el || null);
      },
      { words, exact, near, box },
    );
  }

  /** Clicks into the field with this label, replaces what is in it and types as a keyboard does. */
  async type(label, text) {
    const spot = await until(`${this.name} finds the field « ${label} »`, () => this.ask((l) => window.__antenneTest.field(l), label), { seen: () => this.text() });
    await this.page.mouse.click(spot.x, spot.y);
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.insertText(text);
  }

  watch(o) {
    return probe.watch(this, o);
  }

  listen(o) {
    return probe.listen(this, o);
  }

  /** Waits for a picture that moves; returns its figures. */
  async seesMotion({ within = 20000, fps = 5, which = "", ms = 1500 } = {}) {
    let report;
    await until(
      `${this.name} sees a moving picture${which ? ` in #${which}` : ""} (${fps} frames/s at least)`,
      async () => {
        report = await this.watch({ ms, which });
        return !report.why && report.fps >= fps;
      },
      { within, every: 100, seen: () => report },
    );
    return report;
  }

  /** Waits for sound a person would hear; returns its figures. */
  async hears({ within = 15000 } = {}) {
    let report;
    await until(
      `${this.name} hears something`,
      async () => {
        report = await this.listen();
        return !report.why;
      },
      { within, every: 100, seen: () => report },
    );
    return report;
  }

  /** The page as it is painted, overlays and all: what no measure of the video element can tell. */
  async painted(clip) {
    const o = { format: "png", optimizeForSpeed: true };
    if (clip) o.clip = { ...clip, scale: Math.min(1, 96 / clip.width) };
    const { data } = await this.cdp.send("Page.captureScreenshot", o);
    return readPNG(Buffer.from(data, "base64"));
  }

  /** Whether what is painted where the largest video stands changes with time. */
  async paintsMotion() {
    const [video] = await this.ask(() => window.__antenneTest.pictures(false));
    if (!video) return false;
    const before = await this.painted(video.box);
    await sleep(400);
    const after = await this.painted(video.box);
    return probe.difference(before.rgb, after.rgb) >= probe.LIMITS.movedBy && probe.variance([...after.rgb]) > probe.LIMITS.flatVariance;
  }

  /** Peer connections this page built since it was opened, and how many are still open. */
  async roads() {
    const all = await this.ask(() => window.__antenneTest.roads());
    return { built: all.length, open: all.filter((r) => !r.closed).length, all };
  }

  received() {
    return this.ask(() => window.__antenneTest.received());
  }

  /** The kind of picture that is decoded now, like video/VP8; "" for none. */
  codec() {
    return this.ask(() => window.__antenneTest.codec());
  }

  sent() {
    return this.ask(() => window.__antenneTest.sent());
  }

  /** What each layer of the camera has sent so far, by its name. */
  layers() {
    return this.ask(() => window.__antenneTest.layers());
  }

  /** What this page costs a family, measured for a while. @returns {Promise<{perHour: number, audio: number, video: number, packets: number}>} MB an hour; kbit/s; packets of pictures */
  async costs(ms) {
    const paid = () => this.ask(() => window.__antenneTest.paid());
    const before = await paid();
    await sleep(ms);
    const after = await paid();
    const seconds = (after.at - before.at) / 1000;
    const rate = (kind) => ((after[kind] - before[kind]) * 8) / seconds / 1000;
    return { perHour: ((rate("audio") + rate("video")) * 3600) / 8000, audio: rate("audio"), video: rate("video"), packets: after.packets - before.packets };
  }

  farNames() {
    return this.ask(() => window.__antenneTest.farNames());
  }

  /** Everything that must not have happened on this page so far. */
  async faults() {
    if (this.crashed) return this.guard.faults;
    const violations = await this.ask(() => window.__antenneTest.violations).catch(() => []);
    return [...this.guard.faults, ...violations.map((v) => `${this.name}: policy violation: ${v}`)];
  }

  /** As when the person looks at another tab, or locks the phone. Needs a LoneBrowser. */
  async hide() {
    this.cover = this.cover || (await this.page.context().newPage());
    await this.cover.bringToFront();
    await until(`${this.name} is hidden`, () => this.ask(() => document.visibilityState === "hidden"));
  }

  async show() {
    await this.cover.bringToFront();
    await this.page.bringToFront();
    await until(`${this.name} is shown again`, () => this.ask(() => document.visibilityState === "visible"));
  }

  /** The system stops the page's timers, as phones do with a locked screen; then lets it go on. */
  async freeze() {
    await this.cdp.send("Page.setWebLifecycleState", { state: "frozen" });
  }

  async thaw() {
    await this.cdp.send("Page.setWebLifecycleState", { state: "active" });
  }

  /** The page's process dies, as on a phone that has no memory left. */
  async crash() {
    this.guard.allow(/the page crashed/);
    this.cdp.send("Page.crash").catch(() => {});
    await until(`${this.name} has crashed`, () => this.crashed);
  }

  async close() {
    await this.page.close();
  }
}

const PATIENCE = 20000;

/** In a frame: it is shown, and there is a page in it. */
const SHOWN = "Boolean(window.frameElement && document.body && getComputedStyle(window.frameElement).visibility === 'visible')";

/** An answer, or an error for a page that no longer answers anybody. */
async function withPatience(answer, name, patience) {
  let timer;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name}: the page does not answer`)), patience);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}
