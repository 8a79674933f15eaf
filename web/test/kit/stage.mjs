// What every scenario stands on: servers, browsers and people that are put away at the end,
// steps told in words, and the watch over every page.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Antenne, Sender, build } from "./antenne.mjs";
import { BadRoad } from "./badroad.mjs";
import { Browser, LoneBrowser, mediaPaths } from "./browser.mjs";
import { CLIP, writeClip } from "./clip.mjs";
import { Firefox } from "./firefox.mjs";
import { GStreamer } from "./gstreamer.mjs";
import { writeVoice } from "./voice.mjs";

/** Made once for the whole suite by run.mjs, or here for a scenario run alone. */
async function workshop() {
  if (process.env.ANTENNE_TEST_WORKSHOP) return { folder: process.env.ANTENNE_TEST_WORKSHOP, own: false };
  return { folder: await fillWorkshop(), own: true };
}

/** Draws the clip and the voice into a new folder; the binary joins them when first asked for. */
export async function fillWorkshop() {
  const folder = await mkdtemp(join(tmpdir(), "antenne-workshop-"));
  const { clip, voice } = mediaPaths(folder);
  await Promise.all([writeClip(clip), writeVoice(voice)]);
  return folder;
}

export class Stage {
  /** @param {import("node:test").TestContext} t */
  static async open(t) {
    const stage = new Stage();
    const { folder, own } = await workshop();
    stage.t = t;
    stage.workshop = folder;
    stage.media = mediaPaths(folder);
    stage.folder = await mkdtemp(join(tmpdir(), "antenne-stage-"));
    stage.servers = [];
    stage.browsers = [];
    stage.people = [];
    stage.roads = [];
    t.after(() => stage.#close(own ? folder : ""));
    return stage;
  }

  /** Starts the real server on a fresh data folder. */
  async antenne(o = {}) {
    const binary = join(this.workshop, "antenne");
    if (!existsSync(binary)) await build(this.workshop);
    const server = await Antenne.start({ binary, folder: join(this.folder, `server-${this.servers.length}`), ...o });
    this.servers.push(server);
    return server;
  }

  /** A clip without its bar code, for pictures that people will look at. */
  async plainClip() {
    this.media = { ...this.media, clip: join(this.folder, "plain.y4m") };
    await writeClip(this.media.clip, { ...CLIP, barcode: false });
  }

  /** A WHIP sender that is no browser, publishing when this returns. @param {string} codec VP8 or H264 */
  async sender(link, codec) {
    const binary = join(this.workshop, "publish");
    if (!existsSync(binary)) await build(this.workshop, "publish", "./loadtest/publish");
    const sender = await Sender.start(binary, link, codec.toLowerCase());
    this.servers.push(sender);
    return sender;
  }

  /** A Chromium for viewers, or with the fake camera for studios. */
  async browser(host, { camera = false, args = [] } = {}) {
    const browser = await Browser.open({ host, media: camera ? this.media : undefined, args });
    this.browsers.push(browser);
    return browser;
  }

  /** A Chromium whose only page can really be hidden. */
  async loneBrowser(host, { camera = false } = {}) {
    const browser = await LoneBrowser.open({ host, media: camera ? this.media : undefined });
    this.browsers.push(browser);
    return browser;
  }

  /** A Firefox for players that are none of our pages, and for pages of ours asked little of. */
  async firefox() {
    const browser = await Firefox.open();
    this.browsers.push(browser);
    return browser;
  }

  /** A player on GStreamer's webrtcbin, joining. */
  gstreamer(url) {
    const player = GStreamer.start(url);
    this.servers.push(player);
    return player;
  }

  /** A way to a server that loses datagrams. @returns {Promise<BadRoad>} */
  async badRoad(antenne, o) {
    const road = await BadRoad.open(antenne, o);
    this.roads.push(road);
    return road;
  }

  /** A person with one page open. @returns {Promise<import("./tab.mjs").Tab>} */
  async seat(browser, name, url, o = {}) {
    const person = await browser.person(name, o);
    this.people.push(person);
    return person.tab(url);
  }

  /** Every machine of the viewers and the studio is switched off. */
  async sendHome() {
    await Promise.all(this.browsers.map((b) => b.close()));
    this.browsers = [];
    this.people = [];
  }

  /** One step of the story; the first that fails ends the scenario. */
  async step(words, act) {
    let failure = null;
    await this.t.test(words, async () => {
      try {
        await act();
      } catch (error) {
        failure = error;
        await this.#tellFailure(error);
        throw error;
      }
    });
    if (failure) throw new Error(`the story stops at « ${words} »`);
  }

  /** A measured figure, printed and never asserted. */
  figure(words) {
    console.log(`    ${words}`);
  }

  /** No page saw an error, a foreign request, a violation; no server panicked. */
  async allQuiet() {
    const faults = [];
    for (const tab of this.tabs) faults.push(...(await tab.faults()));
    for (const server of this.servers) faults.push(...(await server.alarms()));
    assert.deepEqual(faults, [], "faults were seen");
  }

  get tabs() {
    return this.people.flatMap((p) => p.tabs).filter((tab) => !tab.page.isClosed() && !tab.crashed);
  }

  async #tellFailure(error) {
    console.log(`    FAILED: ${error.message}`);
    for (const tab of this.tabs) {
      const faults = await tab.faults().catch(() => []);
      const text = await tab.text().catch(() => "(the page does not answer)");
      console.log(`    ── ${tab.name}: ${tab.page.url().split("#")[0]}\n${indent(text.slice(0, 900))}${faults.length ? `\n       faults: ${faults.slice(0, 4).join("\n       ")}` : ""}`);
    }
    for (const server of this.servers) console.log(`    ── the server's log\n${indent(await server.tail(15))}`);
  }

  async #close(workshopFolder) {
    await Promise.allSettled(this.browsers.map((b) => b.close()));
    await Promise.allSettled(this.servers.map((s) => s.stop()));
    await Promise.allSettled(this.roads.map((r) => r.close()));
    await rm(this.folder, { recursive: true, force: true });
    if (workshopFolder) await rm(workshopFolder, { recursive: true, force: true });
  }
}

function indent(text) {
  return text
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => `       ${line}`)
    .join("\n");
}
