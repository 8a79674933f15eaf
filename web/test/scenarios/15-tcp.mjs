// A town hall whose network lets no UDP through: its Chromium may send none, and plays by TCP on the same port, on either
// family, beside one that plays by UDP.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cast, all } from "../kit/cast.mjs";
import { FIVE, enter, figures, way } from "../kit/player.mjs";
import { until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

/** What an administrator of Chromium can order, and firewalls do. */
const NO_UDP = ["--webrtc-ip-handling-policy=disable_non_proxied_udp"];
const ENOUGH = { decoded: 30, heard: 48000 }; // frames; samples that came and were not made up

test("a network without UDP", { timeout: 240000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const blocked = await stage.browser(antenne.host, { args: NO_UDP });
  const players = [];

  await stage.step("players join, by all addresses and by one of each family", async () => {
    await stage.sender(cast.link("mediator"), "VP8");
    const seat = async (browser, name, only, protocol) => {
      const tab = await stage.seat(browser, name, `${antenne.url}/donnees`);
      await enter(tab, { url: `/whep/${cast.room}?slots=5`, kinds: FIVE, only });
      players.push({ tab, name, protocol });
    };
    await seat(blocked, "no UDP", "", "tcp");
    await seat(blocked, "no UDP, IPv4", " 127\\.0\\.0\\.1 ", "tcp");
    await seat(blocked, "no UDP, IPv6", " ::1 ", "tcp");
    await seat(await cast.hall("rooms"), "UDP", "", "udp");
  });

  await stage.step("each sees and hears, by the only way it has", async () => {
    await all(players, async ({ tab, name, protocol }) => {
      const look = async () => ({ ...(await tab.ask(figures)), ...(await tab.ask(way)) });
      await until(`${name} plays`, async () => {
        const { state, lines } = await look();
        const heard = lines.some((l) => l.kind === "audio" && l.samples - l.concealed > ENOUGH.heard);
        return state === "connected" && heard && lines.some((l) => l.kind === "video" && l.decoded > ENOUGH.decoded);
      }, { within: 60000, seen: look });
      const road = await tab.ask(way);
      assert.equal(road.protocol, protocol, `${name}: ${JSON.stringify(road)}`);
      stage.figure(`${name}: ${road.protocol}, connected after ${Math.round(road.connected)} ms, first picture after ${Math.round(road.pictured)} ms, round trip ${(1000 * road.roundTrip).toFixed(1)} ms`);
    });
  });

  await stage.step("the server knows who came how", async () => {
    const measured = await antenne.metrics();
    assert.equal(measured.get('antenne_media_viewers_connected{transport="tcp"}'), 3);
    stage.figure(`${measured.get("antenne_media_streams")} TCP connections`);
  });

  await stage.step("no page complained", () => stage.allQuiet());
});
