// A dialogue of three turns with a room on air, in a room that has an echo: what the projector plays reaches the phone's
// microphone 120 ms later and 6 dB quieter. Nobody hears it come back, and no word is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SIZES } from "../kit/browser.mjs";
import { Cast, WORDS, goOnAir, prepare } from "../kit/cast.mjs";
import { GUEST, acceptAt, agree, hold, inviteFromStudio, placeOf, putOnAir, release } from "../kit/floor.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { RoomAcoustics, between, median, moment, quantile, words } from "../kit/room-acoustics.mjs";
import { Stage } from "../kit/stage.mjs";

/** The mediator: a murmur that never stops while somebody else speaks, to be looked for where it must not be; and words, for each turn. */
const MURMUR = 950;
const ASKS = [500, 600, 700];
const ANSWERS = [2250, 2650, 3150]; // far from the murmur: a loudspeaker that is turned up in steps is heard beside its tone
const BANDS = [MURMUR, ...ASKS, ...ANSWERS];

const WORDS_A_TURN = 5;
const DELAY = 120;
const LOSS = 6;

const NORMAL = 3; // dB around the level before: what people call as loud as before
const ECHO = -40; // dB of the original
const HEARD = -15; // dB of the original: a word that is there
const BACK = 300; // ms
const ZERO = 200; // ms
const AT_ZERO = -90; // dB of full scale
const SPOKEN = -12; // dB of full scale, at the mouth

test("a dialogue of three turns, with an echo in the room", { timeout: 300000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const rig = await RoomAcoustics.open(stage, antenne, { bands: BANDS, delay: DELAY, loss: LOSS });
  const cast = new Cast(stage, antenne);
  const [here, there] = cast.sites;
  let studio, itsWall, otherWall, guest, place;
  const turns = [];

  await stage.step("a séance on air, in two rooms", async () => {
    studio = await rig.seat("studio", cast.link("mediator"), { size: SIZES.wall });
    [itsWall, otherWall] = await Promise.all([here, there].map((site) => rig.seat(`wall ${site}`, cast.link("screen", site), { size: SIZES.wall })));
    guest = await rig.seat("phone", cast.link("animator", here), { size: SIZES.phone });
    place = await placeOf(guest);
    await prepare(studio);
    for (const wall of [itsWall, otherWall]) await wall.press(WORDS.openRoom);
    await goOnAir(studio);
    for (const wall of [itsWall, otherWall]) await wall.seesMotion();
  });

  await stage.step("one of them comes backstage", async () => {
    await inviteFromStudio(studio, place);
    await acceptAt(guest);
    await agree(guest);
    await studio.press("#guest-headphones");
  });

  await stage.step("the room has an echo: the rig itself", async () => {
    await rig.listen(studio, itsWall, otherWall, guest);
    await rig.loop(itsWall, guest);
    await rig.hum(studio, MURMUR, true);
    await until("the murmur is in the room", async () => quantile(await last(rig, itsWall, "loudspeaker", MURMUR), 0.5) > -30, { within: 10000 });
    const echo = async () => ({ played: quantile(await last(rig, itsWall, "loudspeaker", MURMUR), 0.5), caught: quantile(await last(rig, guest, "microphone", MURMUR), 0.5) });
    let seen;
    await until("the phone's microphone hears the projector, as much quieter as the room makes it", async () => Math.abs((seen = await echo()).played - LOSS - seen.caught) < 1.5, { within: 60000, seen: () => seen });
    stage.figure(`the wall plays the mediator at ${db(seen.played)}, the phone's microphone catches it at ${db(seen.caught)}`);
  });

  await stage.step("backstage already: its projector is at zero before its microphone opens, and the mediator hears no echo", async () => {
    await echoes(rig, itsWall, guest);
    const from = Date.now() - 1000;
    await hold(guest);
    const answered = await rig.speak(guest, { hz: ANSWERS[0], words: WORDS_A_TURN });
    await sleep(end(answered) + 100 - Date.now());
    await release(guest);
    await rig.settle(1800);
    const { pressed, opened, released } = await pressOf(rig, guest, from);
    const room = await rig.track(itsWall, "loudspeaker", MURMUR, from);
    const before = quantile(between(room, pressed - 800, pressed - 50), 0.5);
    const [zero, back] = [moment(room, { below: AT_ZERO, from: pressed }) - pressed, moment(room, { above: before - NORMAL, from: released }) - released];
    const original = quantile(between(await rig.track(otherWall, "voice", MURMUR, from), opened, released), 0.5);
    const echo = loudest(await rig.track(studio, "guest-sound", MURMUR, opened, released + 600)) - original;
    const heard = words(await rig.track(studio, "guest-sound", ANSWERS[0], from), { above: SPOKEN + HEARD, core: 100 });
    stage.figure(`backstage: at zero after ${ms(zero)}, the microphone opens after ${ms(opened - pressed)}, as before ${ms(back)} after it closed; the mediator's echo at ${db(echo)}`);
    assert.ok(zero <= opened - pressed, "the projector is at zero before the microphone opens");
    assert.ok(quantile(between(room, opened, released), 0.99) <= AT_ZERO, "and stays so");
    assert.ok(echo <= ECHO, `the mediator hears their own echo at ${db(echo)}`);
    assert.ok(back < Infinity, "the room hears the mediator as before");
    assert.equal(heard, WORDS_A_TURN, "the mediator hears every word");
    assert.ok(quantile(await rig.track(otherWall, "guest-voice", ANSWERS[0], from), 0.99) <= AT_ZERO, "and nobody else does");
    await rig.hum(studio, MURMUR, false);
  });

  await stage.step("and on air", () => putOnAir(studio, guest));

  for (let n = 0; n < 3; n++) {
    await stage.step(`turn ${n + 1}`, async () => turns.push(await turn(rig, { studio, itsWall, otherWall, guest }, n)));
  }

  await stage.step("no word of either side is lost", async () => {
    for (const [n, turn] of turns.entries()) {
      assert.deepEqual(turn.words, { asked: { itsWall: WORDS_A_TURN, otherWall: WORDS_A_TURN }, answered: { otherWall: WORDS_A_TURN, studio: WORDS_A_TURN } }, `turn ${n + 1}`);
    }
  });

  await stage.step("nothing comes back", async () => {
    for (const what of ["echoOnWalls", "echoInStudio", "own"]) {
      const worst = Math.max(...turns.map((turn) => turn[what]));
      stage.figure(`${what}: ${turns.map((turn) => db(turn[what])).join(", ")} of the original`);
      assert.ok(worst <= ECHO, `${what}: ${db(worst)} of the original`);
    }
  });

  await stage.step("the room is silent under the open microphone, and hears the mediator again after it", async () => {
    for (const what of ["zero", "open", "back"]) stage.figure(`${what}: ${turns.map((turn) => ms(turn[what])).join(", ")}`);
    assert.ok(median(turns.map((turn) => turn.zero)) <= ZERO, "the projector is at zero");
    assert.ok(turns.every((turn) => turn.open >= turn.zero), "no microphone opens before");
    assert.ok(median(turns.map((turn) => turn.back)) <= BACK, "the room hears the mediator as before");
  });

  await stage.step("kept open without a hand, the projector is at zero as soon", async () => {
    await rig.hum(studio, MURMUR, true);
    const zeros = [];
    for (let n = 0; n < 3; n++) zeros.push(await keptOpen(rig, guest, itsWall));
    await rig.hum(studio, MURMUR, false);
    stage.figure(`kept open: at zero after ${zeros.map(ms).join(", ")}`);
    assert.ok(median(zeros) <= ZERO, `at zero after ${zeros.map(ms)}`);
  });

  await stage.step("what is measured is there: a projector that does not fall silent is heard, and said", async () => {
    await rig.stick(itsWall, true);
    const from = Date.now();
    await hold(guest);
    const asked = await rig.speak(studio, { hz: ASKS[0], words: 30, pause: 200 });
    await guest.sees(GUEST.turnDown, { in: "#bleed", within: 15000 });
    await sleep(asked[asked.length - 1][1] + 800 - Date.now());
    await release(guest);
    const original = loudest(await rig.track(otherWall, "voice", ASKS[0], from));
    const onWalls = loudest(await rig.track(otherWall, "guest-voice", ASKS[0], from)) - original;
    const inStudio = loudest(await rig.track(studio, "guest-sound", ASKS[0], from)) - original;
    stage.figure(`with a projector that plays on: ${db(onWalls)} on other walls, ${db(inStudio)} in the studio`);
    for (const echo of [onWalls, inStudio]) assert.ok(Math.abs(echo + LOSS) < 4, `the echo is heard as the room makes it: ${db(echo)}`);
    await rig.stick(itsWall, false);
  });

  await stage.step("no page complains", () => stage.allQuiet());
});

/** The mediator asks; murmurs on while the guest answers; the room listens again. */
async function turn(rig, people, n) {
  const { studio, guest } = people;
  const from = Date.now();
  const asked = await rig.speak(studio, { hz: ASKS[n], words: WORDS_A_TURN });
  await sleep(end(asked) - Date.now());
  await rig.settle(1000);
  await rig.hum(studio, MURMUR, true);
  await rig.settle(1500);
  await echoes(rig, people.itsWall, guest);
  await hold(guest);
  const answered = await rig.speak(guest, { hz: ANSWERS[n], words: WORDS_A_TURN });
  await sleep(end(answered) + 100 - Date.now());
  await release(guest);
  await rig.settle(1800);
  await rig.hum(studio, MURMUR, false);
  await rig.settle(500);
  return judge(rig, people, n, from, answered);
}

/** The room has its echo: a machine short of time may starve the rig's own loop for a moment, and a turn without it would prove nothing. */
function echoes(rig, wall, guest) {
  return until("the microphone catches the wall", async () => {
    const [played, caught] = [quantile(await last(rig, wall, "loudspeaker", MURMUR), 0.5), quantile(await last(rig, guest, "microphone", MURMUR), 0.1)];
    return Math.abs(played - LOSS - caught) < 2;
  }, { within: 30000 });
}

/** Levels in dB of what was said; times in ms from the press, or from the release. */
async function judge(rig, { studio, itsWall, otherWall, guest }, n, from, answered) {
  const { pressed, opened, released } = await pressOf(rig, guest, from);
  const room = await rig.track(itsWall, "loudspeaker", MURMUR, from);
  const before = quantile(between(room, pressed - 800, pressed - 50), 0.5);
  const caught = quantile(await rig.track(guest, "microphone", MURMUR, pressed - 800, pressed - 50), 0.5);
  assert.ok(Math.abs(before - LOSS - caught) < 2, `the room has its echo before the turn: ${db(before)}, ${db(caught)} in the microphone`);
  const original = quantile(between(await rig.track(otherWall, "voice", MURMUR, from), opened, released), 0.5);
  const during = async (tab, input) => loudest(await rig.track(tab, input, MURMUR, opened, released + 600)) - original;
  const heard = async (tab, input, hz) => words(await rig.track(tab, input, hz, from), { above: SPOKEN + HEARD, core: 100 });
  const theirs = loudest(await rig.track(otherWall, "guest-voice", ANSWERS[n], answered[0][0]));
  return {
    echoOnWalls: await during(otherWall, "guest-voice"),
    echoInStudio: await during(studio, "guest-sound"),
    own: loudest(await rig.track(itsWall, "loudspeaker", ANSWERS[n], answered[0][0])) - theirs,
    zero: moment(room, { below: AT_ZERO, from: pressed }) - pressed,
    open: opened - pressed,
    back: moment(room, { above: before - NORMAL, from: released }) - released,
    words: {
      asked: { itsWall: await heard(itsWall, "loudspeaker", ASKS[n]), otherWall: await heard(otherWall, "voice", ASKS[n]) },
      answered: { otherWall: await heard(otherWall, "guest-voice", ANSWERS[n]), studio: await heard(studio, "guest-sound", ANSWERS[n]) },
    },
  };
}

/** « Garder ouvert »: after how long the projector is at zero, to stay there until it is closed. */
async function keptOpen(rig, guest, wall) {
  await rig.settle(1200);
  const from = Date.now() - 200;
  await guest.press(GUEST.latch);
  await guest.sees(GUEST.speak, { in: "#hold-word" });
  await rig.settle(1500);
  const pressed = handOf(await rig.report(guest, from), "click");
  const played = await rig.track(wall, "loudspeaker", MURMUR, from);
  const zero = moment(played, { below: AT_ZERO, from: pressed }) - pressed;
  assert.ok(quantile(between(played, pressed + zero, Infinity), 0.99) <= AT_ZERO, "the projector is at zero, and stays so");
  await guest.press(GUEST.unlatch);
  await until("the room has its sound back", async () => quantile(await last(rig, wall, "loudspeaker", MURMUR), 0.5) > -30);
  return zero;
}

/** When the guest pressed, when the microphone opened upon it, and when the guest let go. */
async function pressOf(rig, guest, from) {
  const hands = await rig.report(guest, from);
  const pressed = handOf(hands, "pointerdown");
  return { pressed, opened: hands.doors.find(([at, open]) => open && at >= pressed)[0], released: handOf(hands, "pointerup") };
}

const end = (spoken) => spoken[spoken.length - 1][1];
const loudest = (track) => quantile(track, 0.98);
const last = (rig, tab, input, hz) => rig.track(tab, input, hz, Date.now() - 400);
const handOf = (report, name) => report.hands.find(([, what]) => what === name)[0];
const db = (level) => `${level.toFixed(1)} dB`;
const ms = (time) => `${time.toFixed(0)} ms`;
