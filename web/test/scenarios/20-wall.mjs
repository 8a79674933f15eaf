// The wall of sites: what each room says reaches those who look after all of them, a person's tap goes back down to the room, and
// nothing else does; the coordination reads the same wall from the day before; six, sixty and 220 rooms each have their shape.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseLinks } from "../kit/antenne.mjs";
import { inaccessible, OUT, picture, untidy } from "../kit/audit.mjs";
import { SIZES } from "../kit/browser.mjs";
import { Cast, all, goOnAir, prepare } from "../kit/cast.mjs";
import { Crowd } from "../kit/crowd.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

const PACE = (pace) => `#pace [data-pace=${pace}]`;
const TROUBLE = (trouble) => `#pace [data-trouble=${trouble}]`;

/** What the tile of a room reads, on one line; "" when it is not on this wall. */
const tileOf = (tab, name) =>
  tab.ask((wanted) => {
    const t = window.__antenneTest;
    const tile = [...document.querySelectorAll(".tile:not(.leaving)")].find((el) => t.shown(el) && t.fold(el.innerText).includes(t.fold(wanted)));
    return tile ? tile.innerText.replace(/\s+/g, " ") : "";
  }, name);

async function reads(tab, name, words) {
  const fold = (text) => text.replace(/[’']/g, "'").replace(/\u00a0/g, " ").toLowerCase();
  await until(`the tile of ${name} at ${tab.name} reads « ${words} »`, async () => fold(await tileOf(tab, name)).includes(fold(words)), { seen: () => tab.text() });
}

/** Presses the tile of a room. */
async function tap(tab, name) {
  const at = await tab.ask((wanted) => {
    const t = window.__antenneTest;
    const tile = [...document.querySelectorAll(".tile")].find((el) => t.shown(el) && t.fold(el.innerText).includes(t.fold(wanted)));
    tile.scrollIntoView({ block: "center" });
    const box = tile.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + 8 };
  }, name);
  await sleep(500);
  await tab.page.mouse.click(at.x, at.y);
}

async function tidy(tab, name) {
  const faults = [];
  const before = tab.page.viewportSize();
  for (const [size, box] of Object.entries(SIZES)) {
    await tab.page.setViewportSize(box);
    await sleep(250);
    await picture(tab, `${name}-${size}`);
    for (const fault of [...(await untidy(tab)), ...(await inaccessible(tab))]) faults.push(`${name}-${size}: ${fault}`);
  }
  await tab.page.setViewportSize(before);
  assert.deepEqual(faults, []);
}

test("the wall from the day before, for who holds the coordination's link", { timeout: 180000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne({ demo: false });
  const { cast, room } = await tomorrow(stage, antenne);
  let wall;

  await stage.step("nobody has come yet, and there is nothing to press", async () => {
    wall = await stage.seat(await cast.hall("rooms"), "coordination", cast.link("coordinator"), { size: SIZES.wall });
    for (const name of ["Canal", "Ateliers", "Avenir"]) await reads(wall, name, "Pas encore venue");
    await wall.sees("0 salle sur 3");
    const controls = await wall.ask(() => [...document.querySelectorAll("main button, main input, main select, main textarea, main [role=button]")].filter((el) => window.__antenneTest.shown(el)).length);
    assert.equal(controls, 0, "the coordination only looks");
    await tidy(wall, "wall-before");
  });

  await stage.step("rooms get ready one after the other, and what they did stays known when they leave", async () => {
    const desk = await cast.desk("avenir");
    await reads(wall, "Avenir", "Venue, sans écran");
    const screen = await cast.screen("canal");
    await reads(wall, "Canal", "Écran prêt");
    await desk.press("#check-heard");
    await reads(wall, "Avenir", "Son vérifié");
    await desk.page.close();
    await screen.page.close();
    await wall.sees("0 salle sur 3");
    await wall.reload();
    await reads(wall, "Avenir", "Son vérifié");
    await reads(wall, "Canal", "Écran prêt");
    await reads(wall, "Ateliers", "Pas encore venue");
  });

  await stage.step("its link opens nothing else", async () => {
    const token = new URL(cast.link("coordinator")).hash;
    for (const page of ["control", "studio", "desk"]) {
      const tab = await stage.seat(await cast.hall("rooms"), `coordination at ${page}`, `${antenne.url}/${page}/${room}${token}`);
      await sleep(1500);
      const said = await tab.ask(() => new Promise((resolve) => {
        const ws = new WebSocket(`ws://${location.host}/ws`, "antenne.v1");
        ws.onopen = () => ws.send(JSON.stringify({ type: "hello", v: 1, device: crypto.randomUUID(), token: Object.entries(sessionStorage).find(([key]) => key.startsWith("antenne.token."))[1] }));
        ws.onmessage = (e) => {
          const m = JSON.parse(e.data);
          if (m.type === "welcome") ws.send(JSON.stringify({ type: "do", id: "x", command: { name: "see-pace", site: "avenir" } }));
          if (m.type === "refused" || m.type === "done") resolve(m.code || m.type);
        };
      }));
      assert.equal(said, "role-may-not");
      await tab.page.close();
    }
    await stage.allQuiet();
  });
});

test("what a room says, who sees it, and what it reads back", { timeout: 300000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [one, two] = cast.sites;
  let studio, control, desks, names;

  await stage.step("the class is on air, with two rooms and somebody at home", async () => {
    studio = await cast.studio();
    await prepare(studio);
    [control, ...desks] = await Promise.all([cast.control(), cast.desk(one), cast.desk(two)]);
    await Promise.all([cast.screen(one), cast.screen(two)]);
    await cast.home(one);
    await goOnAir(studio);
    names = await all(desks, (desk) => desk.ask(() => document.getElementById("place").textContent.trim()));
    await control.sees("≈ 1 connexion");
  });

  await stage.step("« on est bloqués » is on both walls at once, in words, first of all", async () => {
    await desks[1].press(PACE("slower"));
    await desks[0].press(PACE("stuck"));
    for (const tab of [studio, control]) {
      await reads(tab, names[0], "On est bloqués");
      await reads(tab, names[1], "Plus lentement");
      await tab.sees("On est bloqués : 1 salle sur 2");
      const order = await tab.ask(() => [...document.querySelectorAll(".tile:not(.leaving)")].filter((el) => window.__antenneTest.shown(el)).map((el) => el.dataset.need));
      assert.deepEqual(order.slice(0, 2), ["stuck", "slower"], `${tab.name}: the worst stands first`);
    }
  });

  await stage.step("the pages have it; as long as no person taps, the room is told nothing", async () => {
    await sleep(4000);
    for (const desk of desks) {
      assert.ok(!(await desk.reads("a vu")), `${desk.name} reads « a vu » and nobody tapped`);
      assert.ok(!/"seenAt"/.test(desk.guard.wire), `${desk.name} was told by the house`);
    }
  });

  await stage.step("a tap on the tile: the room reads who saw it, and so do the others", async () => {
    await tap(control, names[0]);
    await desks[0].sees("La régie a vu");
    for (const tab of [studio, control]) await reads(tab, names[0], "Vu par la régie");
    assert.ok(!(await desks[1].reads("a vu")), "the other room is told nothing");
  });

  await stage.step("a tap on the total tells every room of that pace, by keyboard too", async () => {
    await studio.ask(() => document.querySelector("#wall [data-pace=slower]").focus());
    await studio.page.keyboard.press("Enter");
    await desks[1].sees("Le médiateur a vu");
    await reads(control, names[1], "Vu par le studio");
  });

  await stage.step("another pace is not seen yet; a trouble stands beside it and erases nothing", async () => {
    await desks[0].press(TROUBLE("no-sound"));
    await desks[0].press(PACE("slower"));
    for (const tab of [studio, control]) {
      await reads(tab, names[0], "Pas de son");
      await reads(tab, names[0], "Plus lentement");
      assert.ok(!/vu par/i.test(await tileOf(tab, names[0])), `${tab.name}: a new pace was seen by nobody`);
    }
    await desks[0].press(TROUBLE("no-sound"));
    for (const tab of [studio, control]) await until(`${tab.name}: the trouble is over`, async () => !(await tileOf(tab, names[0])).includes("Pas de son"));
    await reads(control, names[0], "Plus lentement");
  });

  await stage.step("people are counted by the room", async () => {
    for (let i = 0; i < 3; i++) {
      await desks[0].press("#people-more");
      await sleep(100);
    }
    await until("a number of people", async () => /\d+ personnes?/.test(await tileOf(control, names[0])), { seen: () => control.text() });
  });

  await stage.step("nothing moves under a finger: what is more urgent waits for the release", async () => {
    const order = () => control.ask(() => [...document.querySelectorAll(".tile:not(.leaving)")].filter((el) => window.__antenneTest.shown(el)).map((el) => el.dataset.key));
    const before = await order();
    const at = await control.ask(() => {
      const tile = [...document.querySelectorAll(".tile")].find((el) => window.__antenneTest.shown(el));
      tile.scrollIntoView({ block: "center" });
      const box = tile.getBoundingClientRect();
      return { x: box.x + 20, y: box.y + 10 };
    });
    await control.page.mouse.move(at.x, at.y);
    await control.page.mouse.down();
    const last = before.filter((key) => key === one || key === two).pop();
    assert.notEqual(before[0], last);
    await desks[[one, two].indexOf(last)].press(PACE("stuck"));
    await studio.sees("On est bloqués : 1 salle sur 2");
    assert.deepEqual(await order(), before, "the tiles moved under the finger");
    await control.page.mouse.move(2, 2); // the press is taken back: no tap
    await control.page.mouse.up();
    await until("the tiles are in order again", async () => (await order())[0] === last, { seen: order });
    await tidy(control, "control-wall");
    await stage.allQuiet();
  });
});

for (const [sites, layout] of [[6, "few"], [60, "all"], [220, "folded"]]) {
  test(`a wall of ${sites} rooms`, { timeout: 240000 }, async (t) => {
    const stage = await Stage.open(t);
    const crowd = await Crowd.start(stage, { sites, lasts: "5m", args: ["--pace", "30s", "--homes", "10", "--posts", "0"] });
    const cast = new Cast(stage, crowd, { links: crowd.links });
    let wall, control;

    await stage.step("each page shows it in its shape", async () => {
      wall = await stage.seat(await cast.hall("rooms"), "coordination", cast.link("coordinator"), { size: SIZES.wall });
      control = await cast.control();
      await wall.sees(`salles sur ${sites}`);
      await until("the layout", () => wall.ask((wanted) => document.querySelector("#wall .wall-tiles").dataset.layout === wanted, layout));
      await sleep(15000); // rooms say how they are
      const below = [];
      for (const size of ["desk", "wall"]) {
        await wall.page.setViewportSize(SIZES[size]);
        await sleep(250);
        below.push(await wall.ask(() => [...document.querySelectorAll("#wall .tile:not(.leaving)")].filter((el) => el.getBoundingClientRect().bottom > window.innerHeight).length));
        await picture(wall, `wall-${sites}-${size}`);
      }
      const { shown, judged } = await wall.ask(() => {
        const tiles = [...document.querySelectorAll("#wall .tile:not(.leaving)")];
        return { shown: tiles.length, judged: /OK : (\d+) · À voir : (\d+)/.exec(document.querySelector(".wall-who").textContent.replace(/\u00a0/g, " ")).slice(1).map(Number) };
      });
      stage.figure(`${sites} rooms: ${shown} tiles, ${below[0]} below the fold of 1024x768, ${below[1]} of 1366x768, OK ${judged[0]}, to look at ${judged[1]}`);
      assert.equal(judged[0] + judged[1], sites);
      if (layout === "folded") assert.ok(shown <= 60 && shown < sites / 2, `${shown} tiles`);
      else assert.equal(shown, sites);
      if (layout !== "folded") assert.deepEqual(below, [0, 0], "all of them on one screen");
    });

    await stage.step("nothing is cut, nameless or out of reach", async () => {
      await tidy(wall, `wall-${sites}`);
      await picture(control, `control-${sites}-wall`);
      assert.deepEqual(await untidy(control), []);
      for (const size of ["desk", "wall"]) await unfolded(stage, control, sites, size);
      await stage.allQuiet();
    });
  });
}

/** px by which the régie's wall may be higher than a screen: which rooms need somebody is the crowd's own chance. */
const LINE = 24;

/** The whole wall of the régie: on one screen up to sixty, each room under a finger. */
async function unfolded(stage, control, sites, size) {
  await control.page.setViewportSize(SIZES[size]);
  await control.ask(() => (document.getElementById("places-box").open = true));
  await until("the wall is drawn", () => control.ask(() => document.querySelectorAll("#places .tile").length > 0));
  await sleep(300);
  const { high, screen, small } = await control.ask(() => {
    const boxes = [...document.querySelectorAll("#places button.tile-face, #places button.wall-count")].filter((el) => window.__antenneTest.shown(el)).map((el) => el.getBoundingClientRect());
    return { high: Math.round(document.getElementById("places").getBoundingClientRect().height), screen: window.innerHeight, small: boxes.filter((box) => Math.min(box.width, box.height) < 44).length };
  });
  stage.figure(`the régie's wall of ${sites}: ${high} px of ${screen} at ${size}`);
  await control.ask(() => document.getElementById("places-box").scrollIntoView());
  const { data } = await control.cdp.send("Page.captureScreenshot", { format: "png" });
  await writeFile(join(OUT, `control-places-${sites}-${size}.png`), Buffer.from(data, "base64"));
  assert.equal(small, 0, "buttons of less than 44 px");
  if (sites <= 60) assert.ok(high <= screen + LINE, `the régie's wall of ${sites} is ${high} px high at ${size}`);
  await control.ask(() => (document.getElementById("places-box").open = false));
}

/** A séance tomorrow, made by the commands anybody would use. */
async function tomorrow(stage, antenne) {
  const sites = join(stage.folder, "sites.csv");
  await writeFile(sites, "avenir;Centre social de l’Avenir;Wattrelos\ncanal;Centre social du Canal;Roubaix\nateliers;Maison de quartier des Ateliers;Lille\n");
  const at = new Date(Date.now() + 24 * 3600 * 1000).toISOString().slice(0, 19) + "Z";
  const room = (await antenne.command("room", "add", "--title", "Cuisine du soir", "--at", at, "--sites", sites, "--public", "--mediator", "Nadia")).trim();
  const lines = [];
  for (const [role, site] of [["coordinator"], ["animator", "avenir"], ["screen", "canal"], ["mediator"]]) {
    lines.push(await antenne.command("link", "--role", role, "--room", room, ...(site ? ["--site", site] : [])));
  }
  return { cast: new Cast(stage, antenne, { links: parseLinks(lines.join("\n")) }), room };
}
