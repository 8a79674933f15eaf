// What the pages of those who make the séance decide, as tables: no browser, no server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { HearingJudge, decibels, meterPosition } from "../../static/js/core/levels.js";
import { followers, heldByMe, lampLight, leftHere, mayTake, minutesToReopen, phase, whatRoomsSee } from "../../static/js/core/onair.js";
import { roomVerdict } from "../../static/js/core/roomstate.js";
import { clockText } from "../../static/js/core/testcard-picture.js";
import { ToneMaker } from "../../static/js/core/testcard-tone.js";
import { minutesSince, sortTrays } from "../../static/js/core/trays.js";

const words = Object.fromEntries(["fr", "en"].map((lang) => [lang, JSON.parse(readFileSync(new URL(`../../locale/${lang}.json`, import.meta.url), "utf8"))]));
// What real screens send (static/js/ui/screen.js, core/health.js): nothing is assumed that no page says.
const screen = (more) => ({ picture: "moving", sound: "on", opened: true, connected: true, ...more });
const well = screen();
const unopened = { picture: "none", sound: "locked", opened: false, connected: false }; // before « Ouvrir la salle »
const apart = screen({ picture: "none", sound: "off", connected: false }); // opened, nothing to play yet
const early = screen({ picture: "none" }); // opened and linked, off air
const fed = { held: true, up: ["voice", "camera"] };

/** What « Ma salle » must say: [what is seen, tone, sentence, what to do]. */
const VERDICTS = {
  "this page has not heard of the class": [{ up: false, room: undefined }, "wait", "joining", ""],
  "the class does not answer at all": [{ up: false, late: true, room: undefined }, "wait", "unreached", ""],
  "this page lost the class": [{ up: false, late: true }, "wait", "offline", ""],
  "the séance is over": [{ state: "ended" }, "over", "ended", ""],
  "the screen that was open a moment ago has lost its line": [{ screens: [], lately: true }, "wait", "apart", "screen-retries"],
  "it has lost its line before the hour": [{ state: "doors-open", screens: [], lately: true }, "wait", "apart", "screen-retries"],
  "nobody opened a screen": [{ screens: [] }, "act", "no-screen", "open-screen"],
  "the screen's page waits for its first click, before the hour": [{ state: "scheduled", screens: [unopened] }, "act", "not-open", "open-room", 1],
  "the screen's page waits for its first click, on air": [{ screens: [unopened] }, "act", "not-open", "open-room", 1],
  "one screen of two waits for its first click": [{ screens: [well, unopened] }, "act", "not-open", "open-room", 1],
  "before the hour, all ready": [{ state: "doors-open", screens: [early], sound: true }, "good", "ready", ""],
  "before the hour, the sound is not checked": [{ state: "doors-open", screens: [early] }, "wait", "unheard", ""],
  "before the hour, opened but its media does not stand": [{ state: "doors-open", screens: [apart] }, "wait", "apart", "screen-retries", 1],
  "before the hour, one screen of two without media": [{ state: "doors-open", screens: [early, apart] }, "wait", "apart", "screen-retries", 1],
  "before the hour, sound locked": [{ state: "scheduled", screens: [screen({ picture: "none", sound: "locked" })] }, "act", "sound-locked", "click-sound", 1],
  "before the hour, volume at nothing": [{ state: "scheduled", screens: [screen({ picture: "none", sound: "off" })] }, "act", "sound-off", "sound-on", 1],
  "on air and well": [{}, "good", "well", ""],
  "sound locked": [{ screens: [screen({ sound: "locked" })] }, "act", "sound-locked", "click-sound"],
  "sound locked on one screen of two": [{ screens: [well, screen({ sound: "locked" })] }, "act", "sound-locked", "click-sound", 1],
  "sound turned off": [{ screens: [screen({ sound: "off" })] }, "act", "sound-off", "sound-on"],
  "picture frozen": [{ screens: [screen({ picture: "frozen" })] }, "wait", "frozen", "screen-retries"],
  "picture still, as the wall itself says": [{ screens: [screen({ picture: "still" })] }, "wait", "slow", "slow-line", 1],
  "one screen of two has a still picture": [{ screens: [well, screen({ picture: "still" })] }, "wait", "slow", "slow-line", 1],
  "a still picture and no sound: the sound needs a hand": [{ screens: [screen({ picture: "still", sound: "locked" })] }, "act", "sound-locked", "click-sound", 1],
  "a still picture on one screen, a frozen one on another": [{ screens: [screen({ picture: "still" }), screen({ picture: "frozen" })] }, "wait", "frozen", "screen-retries", 1],
  "a still picture and a screen apart": [{ screens: [screen({ picture: "still" }), apart] }, "wait", "apart", "screen-retries", 1],
  "a still picture from before the studio was cut": [{ air: { held: true, up: [] }, screens: [screen({ picture: "still" })] }, "wait", "studio-away", ""],
  "no room in the server for the screen": [{ screens: [{ ...apart, full: true }] }, "wait", "full", "screen-retries", 1],
  "before the hour, no room in the server for the screen": [{ state: "doors-open", screens: [{ ...apart, full: true }] }, "wait", "full", "screen-retries", 1],
  "no picture yet": [{ screens: [early] }, "wait", "no-picture", "screen-retries"],
  "on air, the media does not stand": [{ screens: [apart] }, "wait", "apart", "screen-retries", 1],
  "neither picture nor sound": [{ screens: [screen({ picture: "none", sound: "locked" })] }, "act", "no-picture-no-sound", "click-sound"],
  "the studio is cut": [{ air: { held: true, up: [] }, screens: [screen({ picture: "frozen" })] }, "wait", "studio-away", ""],
  "the studio sends its voice alone": [{ air: { held: true, up: ["voice"] }, screens: [early] }, "good", "well-sound", ""],
  "the studio sends its voice alone, to a screen without media": [{ air: { held: true, up: ["voice"] }, screens: [apart] }, "wait", "apart", "screen-retries", 1],
  "the studio sends no voice": [{ air: { held: true, up: ["camera"] } }, "wait", "well-picture", ""],
  "slides without a voice": [{ air: { held: true, up: ["slides"] } }, "wait", "well-picture", ""],
  pause: [{ state: "paused", screens: [early] }, "wait", "paused", ""],
  incident: [{ state: "paused", slate: "incident", screens: [early] }, "wait", "incident", ""],
  "incident, volume at nothing": [{ state: "paused", slate: "incident", screens: [screen({ picture: "none", sound: "off" })] }, "act", "sound-off", "sound-on", 1],
  "pause, volume at nothing": [{ state: "paused", screens: [screen({ picture: "none", sound: "off" })] }, "act", "sound-off", "sound-on", 1],
  "pause, the screen was loaded again and nobody opened it": [{ state: "paused", screens: [unopened] }, "act", "not-open", "open-room", 1],
};

for (const [name, [given, tone, key, todo, ill]] of Object.entries(VERDICTS)) {
  test(`Ma salle: ${name}`, () => {
    const seen = { up: true, room: { state: given.state || "on-air", slate: given.slate }, air: fed, screens: [well], ...given };
    const verdict = roomVerdict(seen);
    assert.deepEqual([verdict.tone, verdict.key, verdict.todo], [tone, key, todo]);
    if (ill) assert.equal(verdict.ill, ill);
    for (const lang of ["fr", "en"]) {
      assert.ok(words[lang][`desk.verdict.${key}`], `${lang} has no sentence for ${key}`);
      if (todo) assert.ok(words[lang][`desk.todo.${todo}`], `${lang} does not say what to do for ${todo}`);
    }
  });
}

const you = { link: "L1", device: "D1" };
const PHASES = {
  "nothing heard": [{}, "arriving"],
  "fresh": [{ room: { state: "scheduled" }, you }, "prepare"],
  "pressed": [{ room: { state: "on-air" }, you, air: { held: true, link: "L1", device: "D1" }, wanted: true }, "onair"],
  "pressed, the house has not seen us yet": [{ room: { state: "scheduled" }, you, air: { held: false }, wanted: true }, "onair"],
  "another device of mine": [{ room: { state: "on-air" }, you, air: { held: true, link: "L1", device: "D2" } }, "elsewhere"],
  "taken from here": [{ room: { state: "on-air" }, you, air: { held: true, link: "L1", device: "D2" }, wanted: true }, "taken"],
  "over": [{ room: { state: "ended" }, you, wanted: true }, "ended"],
};
for (const [name, [given, expected]] of Object.entries(PHASES)) {
  test(`studio: ${name}`, () => assert.equal(phase({ room: undefined, air: undefined, you: undefined, wanted: false, ...given }), expected));
}

test("studio: whose the air is", () => {
  assert.ok(heldByMe({ you, air: { held: true, link: "L1", device: "D2" } }));
  assert.ok(!heldByMe({ you, air: { held: true, link: "L2", device: "D1" } }));
  assert.ok(leftHere({ you, air: { held: true, link: "L1", device: "D1" } }));
  assert.ok(!leftHere({ you, air: { held: false, device: "D1" } }));
});

test("studio: an end can be undone for a quarter of an hour", () => {
  const room = { state: "ended", endedAt: "2026-11-21T10:00:00Z" };
  const at = (text) => Date.parse(`2026-11-21T${text}Z`);
  assert.equal(minutesToReopen(room, at("10:00:30")), 15);
  assert.equal(minutesToReopen(room, at("10:14:30")), 1);
  assert.equal(minutesToReopen(room, at("10:15:01")), 0);
  assert.equal(minutesToReopen({ state: "on-air" }, at("10:00:30")), 0);
});

test("studio: the air of another person is offered only once the house would give it", () => {
  const at = (text) => Date.parse(`2026-11-21T${text}Z`);
  const other = { held: true, link: "L2", device: "D2", up: ["voice"] };
  const gone = { ...other, up: [], lostAt: "2026-11-21T10:00:00Z" };
  assert.ok(!mayTake({ you, air: other }, at("10:00:00")));
  assert.ok(!mayTake({ you, air: gone }, at("10:00:59")));
  assert.ok(mayTake({ you, air: gone }, at("10:01:00")));
  assert.ok(mayTake({ you, air: { ...other, link: "L1" } }, at("10:00:00")));
  assert.ok(mayTake({ you, air: { held: false, up: [] } }, at("10:00:00")));
});

const present = { video: false, audio: false };
const SEEN = {
  you: [{}], slides: [{ slides: true }], cut: [{ sending: false, slides: true }, { sending: false, lost: { video: true, audio: true } }],
  pause: [{ state: "paused", sending: false }], waiting: [{ state: "scheduled" }],
  "no-picture": [{ lost: { video: true, audio: false } }], "no-sound": [{ lost: { video: false, audio: true } }], lost: [{ lost: { video: true, audio: true } }],
  "slides-alone": [{ slides: true, lost: { video: true, audio: false } }], "slides-mute": [{ slides: true, lost: { video: false, audio: true } }],
};
test("studio: what rooms see is never said better than it is", () => {
  for (const [key, cases] of Object.entries(SEEN)) {
    for (const given of cases) assert.equal(whatRoomsSee({ state: "on-air", sending: true, slides: false, lost: present, ...given }), key);
    for (const lang of ["fr", "en"]) assert.ok(words[lang][`studio.see.${key}`], `${lang} has no sentence for ${key}`);
  }
});

const LIT = {
  on: {}, off: { phase: "prepare" }, pause: { state: "paused", line: "lost" }, cut: { line: "lost", lost: { video: true, audio: true } }, joining: { line: "joining" },
  "no-picture": { lost: { video: true, audio: false } }, "no-sound": { lost: { video: false, audio: true } }, nothing: { lost: { video: true, audio: true } },
};
test("studio: the lamp says ANTENNE only when picture and sound leave", () => {
  for (const [light, given] of Object.entries(LIT)) {
    assert.equal(lampLight({ phase: "onair", state: "on-air", line: "live", lost: present, ...given }), light);
    for (const lang of ["fr", "en"]) assert.ok(words[lang][`studio.lamp.${light}`], `${lang} has no word for ${light}`);
  }
  assert.equal(lampLight({ phase: "onair", state: "doors-open", line: "live", lost: present }), "joining");
});

test("studio: a site follows when anything of it is there", () => {
  const theres = [{ desks: 1 }, { screens: 2, posts: 3 }, { homes: 4 }];
  assert.deepEqual(followers({ homes: 12 }, theres), { sites: 2, screens: 2, homes: 12 });
  assert.deepEqual(followers(undefined, []), { sites: 0, screens: 0, homes: 0 });
});

test("trays: to sort by age, to ask by turn, closed ones latest first", () => {
  const q = (id, state, askedAt, more) => ({ id, state, askedAt: `2026-11-21T10:0${askedAt}:00Z`, stateAt: `2026-11-21T10:0${askedAt}:30Z`, ...more });
  const trays = sortTrays([q("b", "relayed", 2), q("a", "relayed", 1), q("d", "approved", 1, { ahead: 1 }), q("c", "approved", 3, { ahead: 0 }),
    q("e", "on-air", 1), q("f", "answered", 1), q("g", "answered", 2), q("h", "merged", 1), q("i", "asked", 1)]);
  const ids = Object.fromEntries(Object.entries(trays).map(([name, list]) => [name, list.map((x) => x.id).join("")]));
  assert.deepEqual(ids, { toSort: "ab", toAsk: "cd", onAir: "e", later: "", answered: "gf", declined: "" });
  assert.equal(minutesSince("2026-11-21T10:00:00Z", Date.parse("2026-11-21T10:03:59Z")), 3);
  assert.equal(minutesSince("2026-11-21T10:00:00Z", Date.parse("2026-11-21T09:59:00Z")), 0);
});

test("microphone: a breath is not silence, a dead microphone is", () => {
  const judge = new HearingJudge();
  assert.equal(judge.judge(-90, 0), "unknown");
  assert.equal(judge.judge(-20, 1000), "heard");
  assert.equal(judge.judge(-60, 4000), "heard");
  assert.equal(judge.judge(-60, 6000), "quiet");
  assert.equal(judge.judge(-95, 12000), "silent");
  assert.equal(judge.judge(-20, 12100), "heard");
  assert.equal(decibels(new Float32Array(16)), -100);
  assert.ok(Math.abs(decibels(new Float32Array(16).fill(0.5)) + 6.02) < 0.01);
  assert.equal(meterPosition(-200), 0);
  assert.equal(meterPosition(0), 1);
});

test("test card: the tone has no click at a seam and never falls silent", () => {
  const tone = new ToneMaker(48000);
  const samples = [];
  for (let i = 0; i < 600; i++) samples.push(...tone.next(480));
  let step = 0;
  for (let i = 1; i < samples.length; i++) step = Math.max(step, Math.abs(samples[i] - samples[i - 1]));
  assert.ok(step < 0.012, `largest step ${step}`);
  for (let i = 0; i + 4800 <= samples.length; i += 4800) assert.ok(decibels(Float32Array.from(samples.slice(i, i + 4800))) > -38);
});

test("test card: the clock is as wide at every moment", () => {
  assert.equal(clockText(new Date(2026, 0, 1, 9, 5, 3, 250)), "09:05:03,2");
});
