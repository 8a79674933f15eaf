// Our own page in Chromium and in Firefox ESR, on lines that lose one datagram in twenty each way: it
// goes up to the large picture and down again, and the picture goes on moving through each change.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ownAddress } from "../kit/badroad.mjs";
import { Cast, all, goOnAir, prepare } from "../kit/cast.mjs";
import { until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

const LOSS = 0.05;
const SMALL = 320; // the clip has 640 lines across: Chromium sends it whole, and this
const TURNS = ["best", "low", "best", "low"];
const FRAMES = 40; // that have to come after each change

test("layers on a bad line", { timeout: 600000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const homes = [];

  await stage.step("the class is on air, and two families join it by bad lines", async () => {
    const studio = await cast.studio();
    await prepare(studio);
    await goOnAir(studio);
    const firefox = await stage.firefox();
    const near = await stage.badRoad(antenne, { seed: 21, loss: LOSS });
    const far = await stage.badRoad(antenne, { seed: 42, loss: LOSS, host: ownAddress() });
    const tab = await stage.seat(await cast.hall("homes"), "Chromium", near.link(cast.homeAddress()), { host: near.host });
    homes.push({ name: "Chromium", tab, road: near });
    homes.push({ name: "Firefox", tab: await firefox.tab(far.link(cast.homeAddress()), "Firefox"), road: far });
    await all(homes, async ({ tab }) => {
      await until(`${tab.name} can be started`, () => tab.ask(start), { seen: () => tab.ask(seen) });
      await shows(tab, (width) => width === SMALL);
    });
  });

  for (const [turn, quality] of TURNS.entries()) {
    await stage.step(`turn ${turn + 1}: ${quality === "best" ? "« Meilleure image »" : "« Image économe »"}`, async () => {
      await all(homes, async ({ tab }) => {
        await tab.ask(choose, quality);
        await shows(tab, (width) => (quality === "best" ? width > SMALL : width === SMALL));
      });
    });
  }

  await stage.step("each stayed in its one session, and lost much on the way", async () => {
    for (const { name, road } of homes) {
      stage.figure(`${name}: ${road.lines.join("; ")}`);
      assert.equal(road.lines.length, 1, `${name} joined again`);
      assert.ok(road.lines[0].down.lost > 0 && road.lines[0].up.lost > 0);
    }
  });

  await stage.step("no page complained", () => stage.allQuiet());

  /** Waits until the page shows a picture that wide, and then goes on for a while. */
  async function shows(tab, fits) {
    const told = async () => [JSON.stringify(await tab.ask(seen)), ...[...(await antenne.metrics())].filter(([name, n]) => name.includes("slot_viewers") && n > 0)].join(" ");
    const first = await until(`${tab.name} shows the layer`, async () => {
      const now = await tab.ask(seen);
      return fits(now.width) && now;
    }, { within: 90000, seen: told });
    await until(`${tab.name}'s picture goes on moving`, async () => (await tab.ask(seen)).frames >= first.frames + FRAMES, { within: 60000, seen: told });
  }
});

/**
 * Runs in the page: the tap, after noting which connection comes of it. True when there was something
 * to tap.
 */
async function start() {
  const button = document.getElementById("play");
  if (!button || button.closest("[hidden]")) return false;
  const peers = (window.antennePeers = []);
  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct: (target, args) => {
      const peer = new target(...args);
      peers.push(peer);
      return peer;
    },
  });
  button.click();
  return true;
}

/** Runs in the page. */
async function choose(quality) {
  document.querySelector(`input[name="quality"][value="${quality}"]`).click();
}

/** Runs in the page: how wide the camera's picture is, and how many frames of it were decoded. */
async function seen() {
  let frames = 0;
  for (const peer of window.antennePeers || []) {
    for (const s of (await peer.getStats()).values()) if (s.type === "inbound-rtp" && s.kind === "video") frames += s.framesDecoded || 0;
  }
  return { width: document.getElementById("camera").videoWidth, frames };
}
