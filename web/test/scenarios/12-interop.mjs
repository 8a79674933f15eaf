// Players of all kinds while the class goes from VP8 to H.264 and back: Chromium and Firefox ESR on
// lines that lose one datagram in twenty each way, with five lines and with one and one, with RTX and
// without; GStreamer's webrtcbin on a good one. What a Chromium without loss decodes meanwhile is the
// measure, so that a slow machine is told from a bad picture.
//
// Firefox decodes H.264 in a call only when it has fetched a plug-in, which no package brings: where
// it does not offer H.264 it keeps its sound meanwhile, and has its picture back with VP8.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ownAddress } from "../kit/badroad.mjs";
import { Cast, all } from "../kit/cast.mjs";
import { FIVE, ONE, enter, figures } from "../kit/player.mjs";
import { until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

const LOSS = 0.05;

// All is counted in frames of the player without loss; the clip has 15 a second.
const ROUND = 150;
const LOOK = 10;
const ROUNDS = 4;

/** What a lossy line may cost beside one without loss, as shares. */
const LIMITS = {
  decoded: 0.8, // of the other's frames
  stood: 0.1, // of the looks: not one new frame since the look before
  heard: 0.8, // of the other's packets of sound
};

test("the players of others on a bad line", { timeout: 600000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const whep = `/whep/${cast.room}`;
  const seats = [];
  let control;
  let sender;

  await stage.step("everybody joins with the first offer", async () => {
    sender = await stage.sender(cast.link("mediator"), "VP8");
    const chromium = await cast.hall("rooms");
    control = await sit("Chromium", await stage.seat(chromium, "no loss", `${antenne.url}/donnees`), { kinds: ONE });
    const firefox = await stage.firefox();
    const bad = (seed, host) => stage.badRoad(antenne, { seed, loss: LOSS, host });
    for (const o of [{ kinds: FIVE, seed: 1000 }, { kinds: ONE, seed: 2000, repair: false }]) {
      const road = await bad(o.seed);
      seats.push(await sit("Chromium", await stage.seat(chromium, "Chromium", `${road.url}/donnees`, { host: road.host }), { ...o, road }));
    }
    for (const o of [{ kinds: FIVE, seed: 3000 }, { kinds: ONE, seed: 4000 }]) {
      const road = await bad(o.seed, ownAddress());
      seats.push(await sit("Firefox", await firefox.tab(`${road.url}/donnees`, "Firefox"), { ...o, road }));
    }
    const gstreamer = stage.gstreamer(antenne.url + whep);
    seats.push({ name: "GStreamer, no loss", codecs: ["VP8", "H264"], look: async () => counted(gstreamer.figures()) });
  });

  /** A browser's page joins. @returns a seat: its name, its road, what it can decode and how to look at it */
  async function sit(browser, tab, { kinds, road, repair = true }) {
    const { offer } = await enter(tab, { url: kinds === FIVE ? `${whep}?slots=5` : whep, kinds, repair });
    const name = `${browser}, ${kinds.length} lines${repair ? "" : " without RTX"}${road ? "" : ", no loss"}`;
    return { name, road, repair, codecs: ["VP8", "H264"].filter((codec) => offer.includes(` ${codec}/90000`)), look: async () => summary(await tab.ask(figures)) };
  }

  for (const [turn, codec] of ["VP8", "H264", "VP8"].entries()) {
    await stage.step(`${codec}: sound and picture come through${turn ? ", nobody joined again" : ""}`, async () => {
      if (turn > 0) sender = await relieve(sender, codec);
      const able = seats.filter((s) => s.codecs.includes(codec));
      await all([control, ...able], async (seat) => {
        const last = (await seat.look()).decoded;
        await until(`${seat.name} decodes ${codec}`, async () => {
          const now = await seat.look();
          return now.state === "connected" && now.decoded > last && (!now.codec || now.codec === `video/${codec}`);
        }, { within: 60000, seen: () => seat.look() });
      });
      await hold(able);
    });
  }

  /** Each seat keeps the limits in one round: a starved machine spoils a round, a line that is not repaired spoils all. */
  async function hold(able) {
    let complaints = new Map(seats.map((seat) => [seat, "not looked at"]));
    for (let n = 0; n < ROUNDS && complaints.size > 0; n++) {
      const { pure, got } = await round(control, seats);
      stage.figure(`${control.name}: ${told(pure)}`);
      for (const seat of seats) stage.figure(`${seat.name}: ${told(got.get(seat))}${seat.road ? `; ${seat.road.lines[0]}` : ""}`);
      complaints = new Map([...complaints.keys()].map((seat) => [seat, complaint(got.get(seat), pure, able.includes(seat))]).filter(([, words]) => words));
    }
    assert.deepEqual([...complaints].map(([seat, words]) => `${seat.name} ${words}`), []);
  }

  /** Another sender takes over, then the first goes: nothing of the picture is missed. */
  async function relieve(old, codec) {
    const next = await stage.sender(cast.link("mediator"), codec);
    await old.stop();
    return next;
  }

  await stage.step("what was lost was asked for, and came again", async () => {
    for (const seat of seats.filter((s) => s.road)) {
      const { nacks, repaired, plis } = await seat.look();
      const [line] = seat.road.lines;
      stage.figure(`${seat.name}: ${nacks} NACKs, ${repaired ?? "?"} packets came again, ${plis} PLIs in all`);
      assert.ok(line.down.lost > 0 && line.up.lost > 0, `${seat.name}: ${line}`);
      assert.ok(nacks > 0, `${seat.name} asked for nothing again`);
      if (repaired !== null && seat.repair) assert.ok(repaired > 0, `${seat.name}: nothing came on the repair line`);
    }
  });

  await stage.step("no page complained", () => stage.allQuiet());
});

/** One sound and one picture of all lines: those that something came on. */
function summary({ state, lines }) {
  const sound = lines.find((l) => l.kind === "audio" && l.received > 0) || {};
  const picture = lines.find((l) => l.kind === "video" && l.received > 0) || {};
  const { codec = "", decoded = 0, lost = 0, nacks = null, repaired = null, plis = null, freezes = null, frozen = null } = picture;
  return { state, codec, decoded, lost, nacks, repaired, plis, freezes, frozen, heard: sound.received || 0, samples: sound.samples ?? null, concealed: sound.concealed ?? null };
}

/** The same of a player that only counts what it decoded. */
function counted({ state, audio, video }) {
  return { state, codec: "", decoded: video, lost: null, nacks: null, repaired: null, plis: null, freezes: null, frozen: null, heard: audio, samples: null, concealed: null };
}

/**
 * Looks at all of them, each time the player without loss has gone on by some frames.
 * @returns what each gained over the round, and in how many looks it stood still
 */
async function round(control, seats) {
  const first = new Map(await all([control, ...seats], async (seat) => [seat, await seat.look()]));
  const begun = first.get(control).decoded;
  const stood = new Map(seats.map((seat) => [seat, 0]));
  let last = first;
  let looks = 0;
  while (last.get(control).decoded < begun + ROUND) {
    const next = last.get(control).decoded + LOOK;
    await until(`${LOOK} more frames without loss`, async () => (await control.look()).decoded >= next, { within: 60000, every: 50 });
    const now = new Map(await all([control, ...seats], async (seat) => [seat, await seat.look()]));
    for (const seat of seats) if (now.get(seat).decoded === last.get(seat).decoded) stood.set(seat, stood.get(seat) + 1);
    last = now;
    looks++;
  }
  const gain = (seat) => ({ ...gained(first.get(seat), last.get(seat)), looks, stood: stood.get(seat) || 0 });
  return { pure: gain(control), got: new Map(seats.map((seat) => [seat, gain(seat)])) };
}

/** The difference of each figure; null where the player has none. */
function gained(before, after) {
  return Object.fromEntries(Object.entries(after).map(([key, now]) => [key, typeof now === "number" ? now - (before[key] || 0) : now]));
}

/** What is wrong with a round beside the one without loss, "" when nothing is. */
function complaint(got, pure, sees) {
  if (got.heard < LIMITS.heard * pure.heard) return `hears ${got.heard} packets where ${pure.heard} came without loss`;
  if (sees && got.decoded < LIMITS.decoded * pure.decoded) return `decodes ${got.decoded} frames where ${pure.decoded} came without loss`;
  if (sees && got.stood > LIMITS.stood * got.looks) return `stood still in ${got.stood} looks of ${got.looks}`;
  return "";
}

function told({ decoded, looks, stood, freezes, frozen, lost, nacks, repaired, heard, samples, concealed }) {
  const parts = [`${decoded} frames`, `${heard} packets of sound`];
  if (stood) parts.push(`stood still in ${stood} looks of ${looks}`);
  if (freezes !== null) parts.push(`${freezes} freezes of ${frozen.toFixed(2)} s in all`);
  if (lost !== null) parts.push(`${lost} packets lost`);
  if (nacks !== null) parts.push(`${nacks} NACKs`);
  if (repaired !== null) parts.push(`${repaired} repaired`);
  if (samples) parts.push(`${percent(concealed / samples)} of the sound made up`);
  return parts.join(", ");
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;
