// What travels as data and is drawn by each page: announcements for those who work in the rooms and for nobody else, captions in a
// band beside the picture, the name of who speaks, whose séance it is, slates. And what is written on a wall can be read at 8 m.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { inaccessible, picture, untidy } from "../kit/audit.mjs";
import { SIZES } from "../kit/browser.mjs";
import { parseLinks } from "../kit/antenne.mjs";
import { Cast, act, all, goOnAir, onlyThese, prepare } from "../kit/cast.mjs";
import { command } from "../kit/commands.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

/** The walls that must be readable: a 4:3 projector and a laptop's screen. */
const WALLS = { "1024x768": { width: 1024, height: 768 }, "1366x768": { width: 1366, height: 768 } };

/** Least size of letters, in hundredths of the height of the wall. */
const LEAST = { "#card-text": 6, "#exercise-left": 10, "#caption-text": 5, "#floor-band": 4.5, "#you": 10 };
const READ = 4.5;

const SHORT = "On coupe la courge en deux.";
const LONG =
  "Alors là on va prendre la courge, on la coupe en deux dans le sens de la longueur, et puis on enlève toutes les graines avec une cuillère à soupe, doucement, comme ça, sans se presser, vous voyez ?";
const CREDIT = "En direct de la Maison de quartier du Pile, à Roubaix";
/** The longest that may be said, in words of usual length. */
const longest = (most) => `${LONG} `.repeat(2).slice(0, most - 1).trim() + ".";
const INSTRUCTION = "Épluchez la courge, coupez-la en dés de deux centimètres, et mettez-les dans la casserole avec l’oignon et un demi-litre d’eau.";

test("announcements, captions, names, slates", { timeout: 420000 }, async (t) => {
  const stage = await Stage.open(t);
  await stage.plainClip();
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [here, there] = cast.sites;
  const faults = [];
  let studio, control, desks, screens, home, post;
  const as = (role, what) => command(studio, cast.link(role), what);
  const walls = () => [...screens, home];
  const readers = () => [...walls(), post];

  await stage.step("a class with everybody in it", async () => {
    [studio, control] = await Promise.all([cast.studio(), cast.control()]);
    await prepare(studio);
    desks = await Promise.all([cast.desk(here), cast.desk(there)]);
    screens = await Promise.all([cast.screen(here), cast.screen(there)]);
    home = await cast.home(here, { best: true });
    post = await stage.seat(await cast.hall("rooms"), "post", await postLink(antenne, cast.room, here), { size: SIZES.desk });
    await goOnAir(studio);
    await all(walls(), (tab) => tab.seesMotion());
  });

  await stage.step("an announcement of the studio is read on every « Ma salle », and nowhere a resident looks", async () => {
    const text = "Pensez à ouvrir une fenêtre dans chaque salle.";
    await studio.press("#tab-messages");
    await studio.type("L’annonce", text);
    await studio.press("Envoyer aux salles");
    await all(desks, (desk) => desk.sees(text, { in: "#announcement" }));
    await onlyThese(text, [...desks, control], readers());
  });

  await stage.step("one of the régie takes its place", async () => {
    const text = "La pause vient dans cinq minutes.";
    await control.press("#announce");
    await control.type("L’annonce", text);
    await control.press("Envoyer aux salles");
    await all(desks, (desk) => desk.sees(text, { in: "#announcement" }));
    await onlyThese(text, [...desks, control], readers());
    await desks[0].press("#announcement-done");
    await desks[0].seesNot(text);
    assert.ok(await desks[1].reads(text), "what one room has read stands in the other");
  });

  await stage.step("captions: on the walls, at home, on the posts", async () => {
    await as("moderator", { name: "caption", text: SHORT, lang: "fr" });
    await all(readers(), (tab) => tab.sees(SHORT, { in: "#caption" }));
    assert.equal(await screens[0].ask(() => document.getElementById("caption-text").lang), "fr");
  });

  await stage.step("… in a band of their own: solid, on the page, over no picture", async () => {
    for (const [name, box] of Object.entries(WALLS)) {
      for (const tab of screens) await resize(tab, box);
      await all(screens, (tab) => apart(tab, name));
    }
    await apart(home, "at home");
    await lookAt(faults, "screen", "caption", screens[0]);
    await lookAt(faults, "live", "caption", home);
  });

  await stage.step("… over no slides either", async () => {
    await studio.press("#share");
    await all(screens, (tab) => tab.seesMotion({ which: "slides", fps: 0.5 }));
    for (const [name, box] of Object.entries(WALLS)) {
      await resize(screens[0], box);
      await apart(screens[0], `slides, ${name}`);
    }
    await studio.press("#share");
  });

  await stage.step("… two lines at most, the last words of them", async () => {
    await as("moderator", { name: "caption", text: LONG, lang: "fr" });
    await all(readers(), (tab) => tab.sees("vous voyez ?", { in: "#caption" }));
    for (const box of Object.values(WALLS)) {
      for (const tab of screens) await resize(tab, box);
      await all(screens, async (tab) => {
        const { lines, text } = await tab.ask(linesOfCaption);
        assert.ok(lines <= 2 && lines > 1, `${lines} lines on ${tab.name}: ${text}`);
        assert.ok(text.endsWith("vous voyez ?") && text.startsWith("…"), text);
      });
    }
  });

  await stage.step("… and when they end the picture does not jump", async () => {
    const place = () => screens[0].ask(() => document.getElementById("camera").getBoundingClientRect().height);
    const before = await place();
    await as("moderator", { name: "caption", text: "" });
    await all(readers(), (tab) => tab.seesNot("vous voyez ?"));
    assert.equal(await place(), before);
  });

  await stage.step("the name of who speaks, and whose séance it is", async () => {
    await as("mediator", { name: "edit-room", credit: CREDIT });
    await all(walls(), (tab) => tab.sees(CREDIT));
    await as("moderator", { name: "show-strip", title: "Samira Benali", text: "Médiatrice" });
    await all(walls(), async (tab) => {
      await tab.sees("Samira Benali", { in: "#strip" });
      await tab.sees("Médiatrice", { in: "#strip" });
      await apart(tab, "strip", "#strip");
    });
    await lookAt(faults, "screen", "strip", screens[0]);
    await as("mediator", { name: "hide-strip" });
    await all(walls(), (tab) => tab.seesNot("Samira Benali"));
  });

  await stage.step("a question without words stands on the walls as what it is", async () => {
    await as("animator", { name: "ask", question: crypto.randomUUID(), text: "" });
    await act(control, "veut demander", "Retenir");
    await studio.press("#tab-main");
    await act(studio, "veut demander", "À l’antenne");
    await all(walls(), (tab) => tab.sees("Une personne de la salle veut demander quelque chose", { in: "#card" }));
    await lookAt(faults, "screen", "wordless", screens[0]);
    await sized(screens[0], ["#card-text"]);
    await studio.press("#now-answered");
    await all(walls(), (tab) => tab.seesNot("veut demander"));
  });

  await stage.step("an exercise: the instruction and the countdown at the wall's own size, the face small beside them", async () => {
    await as("mediator", { name: "start-exercise", instruction: INSTRUCTION, minutes: "10" });
    await all(readers(), (tab) => tab.sees(INSTRUCTION, { in: "#exercise" }));
    await sized(screens[0], ["#exercise-left", "#exercise-text"]);
    await screens[0].seesMotion();
    await as("moderator", { name: "caption", text: LONG, lang: "fr" });
    await screens[0].sees("vous voyez ?", { in: "#caption" });
    await sized(screens[0], ["#exercise-left", "#exercise-text", "#caption-text"]);
    await lookAt(faults, "screen", "exercise", screens[0]);
    await lookAt(faults, "live", "exercise", home);
    await as("moderator", { name: "caption", text: "" });
    await as("mediator", { name: "end-exercise" });
    await all(readers(), (tab) => tab.seesNot(INSTRUCTION));
    await screens[0].seesMotion();
  });

  await stage.step("the longest texts that are legal, all at once: each can be read, nothing is cut and nothing overlaps", async () => {
    const question = crypto.randomUUID();
    await as("moderator", { name: "show-strip", title: longest(80), text: longest(120) });
    await as("moderator", { name: "caption", text: LONG, lang: "fr" });
    await screens[0].sees("vous voyez ?", { in: "#caption" });
    await whole(faults, "longest-names", screens[0]);
    await as("animator", { name: "ask", question, text: longest(300) });
    await as("moderator", { name: "approve", question });
    await as("mediator", { name: "take", question });
    await screens[0].sees(longest(300), { in: "#card" });
    await whole(faults, "longest-question", screens[0]);
    await as("mediator", { name: "start-exercise", instruction: longest(300), minutes: "10" });
    await screens[0].sees("Il reste", { in: "#exercise" });
    await whole(faults, "longest-both", screens[0]);
    await as("mediator", { name: "answer", question });
    await screens[0].sees(longest(300), { in: "#exercise" });
    await whole(faults, "longest-exercise", screens[0]);
    await as("mediator", { name: "end-exercise" });
    await as("moderator", { name: "caption", text: "" });
    await as("mediator", { name: "hide-strip" });
  });

  await stage.step("a room that is expected on air reads so on its own wall, and no other room does", async () => {
    const grant = crypto.randomUUID();
    await as("mediator", { name: "invite", grant, site: here });
    await desks[0].sees("invités à l’antenne");
    assert.equal(await screens[0].reads("antenne", "#floor-band"), false, "an invitation is nobody else's");
    await accept(antenne, cast, here, grant);
    await screens[0].sees("Votre salle passe bientôt à l’antenne", { in: "#floor-band" });
    await sized(screens[0], ["#floor-band"]);
    await lookAt(faults, "screen", "soon", screens[0]);
    assert.equal(await screens[1].reads("antenne", "#floor-band"), false);
    await as("mediator", { name: "cut", grant });
    await screens[0].seesNot("Votre salle passe bientôt");
  });

  await stage.step("slates the server knows, on every screen", async () => {
    const shown = [];
    const slate = async (words, what) => {
      const seen = screens.map((tab) => firstSeen(tab, words));
      const at = await as("mediator", what);
      shown.push(...(await Promise.all(seen)).map((when) => when - at));
      await all(walls(), (tab) => tab.sees(words));
    };
    await slate("Pause", { name: "pause" });
    await slate("Incident, nous revenons", { name: "pause", slate: "incident" });
    await lookAt(faults, "screen", "studio-incident", screens[0]);
    await as("mediator", { name: "resume" });
    await all(screens, (tab) => tab.seesMotion());
    await slate("C’est terminé", { name: "end" });
    stage.figure(`slates, from the house's answer to the wall: ${shown.map((ms) => `${ms} ms`).join(" ")}`);
  });

  await stage.step("nothing is cut, overlapped, pale or too small", async () => {
    assert.deepEqual(faults, []);
    await stage.allQuiet();
  });
});

async function postLink(antenne, room, site) {
  const [line] = parseLinks(await antenne.command("link", "--role", "post", "--room", room, "--site", site, "--note", "poste 1"));
  return line.url;
}

/** The animator accepts, as her page does. */
async function accept(antenne, cast, site, grant) {
  const headers = { authorization: `Bearer ${new URL(cast.link("animator", site)).hash.slice(1)}`, "content-type": "application/json" };
  const answer = await fetch(`${antenne.url}/floor/${cast.room}`, { method: "POST", headers, body: JSON.stringify({ grant, secret: randomBytes(16).toString("base64url") }) });
  assert.equal(answer.status, 201, await answer.text());
}

async function resize(tab, box) {
  await tab.page.setViewportSize(box);
  await sleep(200);
}

/** The band stands on the page, whole, solid, and no picture that a person sees shares a pixel with it. */
async function apart(tab, where, selector = "#caption") {
  const seen = await tab.ask((selector) => {
    const t = window.__antenneTest;
    const band = document.querySelector(selector);
    const box = band.getBoundingClientRect();
    const over = t.pictures(false).filter(({ box: p }) => Math.min(p.x + p.width, box.right) - Math.max(p.x, box.left) > 1 && Math.min(p.y + p.height, box.bottom) - Math.max(p.y, box.top) > 1);
    return { pictures: t.pictures(false).length, over: over.map((p) => p.id), colour: getComputedStyle(band).backgroundColor, top: box.top, bottom: box.bottom, height: box.height, window: innerHeight, fixed: getComputedStyle(document.body).overflow };
  }, selector);
  assert.ok(seen.pictures > 0, `${tab.name}, ${where}: there is a picture to be apart from`);
  assert.deepEqual(seen.over, [], `${tab.name}, ${where}: over a picture`);
  assert.match(seen.colour, /^rgb\(/, `${tab.name}, ${where}: not solid: ${seen.colour}`);
  assert.ok(seen.height > 8, `${tab.name}, ${where}: ${JSON.stringify(seen)}`);
  if (tab.name.startsWith("screen")) assert.ok(seen.top >= 0 && seen.bottom <= seen.window + 0.5, `${tab.name}, ${where}: beyond the wall: ${JSON.stringify(seen)}`);
}

/** Runs in the page. */
function linesOfCaption() {
  const words = document.getElementById("caption-text");
  const range = document.createRange();
  range.selectNodeContents(words);
  const tops = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
  return { lines: tops.size, text: words.textContent };
}

/** Everything that can be read on a wall, at both sizes, is as large as it must be. */
async function sized(tab, wanted) {
  const before = tab.page.viewportSize();
  for (const [name, box] of Object.entries(WALLS)) {
    await resize(tab, box);
    const sizes = await tab.ask((wanted) => {
      const t = window.__antenneTest;
      const share = (el) => (100 * parseFloat(getComputedStyle(el).fontSize)) / innerHeight;
      const written = (el) => [...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
      const all = [...document.querySelectorAll("#wall *")].filter((el) => t.shown(el) && written(el) && !el.closest("#follow"));
      return { named: wanted.map((s) => [s, t.shown(document.querySelector(s)) ? share(document.querySelector(s)) : 0]), all: all.map((el) => [`${t.describe(el)} « ${el.innerText.slice(0, 30)} »`, share(el)]) };
    }, wanted);
    for (const [selector, size] of sizes.named) assert.ok(size >= (LEAST[selector] || READ) - 0.01, `${name}: ${selector} is ${size.toFixed(2)} % high`);
    for (const [what, size] of sizes.all) assert.ok(size >= READ - 0.01, `${name}: ${what} is ${size.toFixed(2)} % high`);
  }
  await resize(tab, before);
}

/** A wall with a lot on it, at every size: what is cut or overlaps, and what is too small. */
async function whole(faults, state, tab) {
  const before = tab.page.viewportSize();
  for (const [size, box] of Object.entries({ ...WALLS, "1920x1080": { width: 1920, height: 1080 } })) {
    await resize(tab, box);
    await picture(tab, `screen-${state}-${size}`);
    for (const fault of await untidy(tab)) faults.push(`screen-${state}-${size}: ${fault}`);
  }
  await resize(tab, before);
  await sized(tab, []);
}

/** When these words were first on the page, ms since 1970. */
function firstSeen(tab, words) {
  return tab.ask(
    (words) =>
      new Promise((resolve) => {
        const t = window.__antenneTest;
        const look = () => (t.fold(t.text()).includes(t.fold(words)) ? resolve(Date.now()) : requestAnimationFrame(look));
        look();
        setTimeout(() => resolve(Infinity), 15000);
      }),
    words,
  );
}

async function lookAt(faults, page, state, tab) {
  const before = tab.page.viewportSize();
  for (const [size, box] of Object.entries(SIZES)) {
    await resize(tab, box);
    await picture(tab, `${page}-${state}-${size}`);
    for (const fault of await untidy(tab)) faults.push(`${page}-${state}-${size}: ${fault}`);
    if (size !== "desk") for (const fault of await inaccessible(tab)) faults.push(`${page}-${state}-${size}: axe: ${fault}`);
  }
  await resize(tab, before);
}
