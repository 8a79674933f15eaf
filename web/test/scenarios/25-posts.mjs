// The eight machines of a room: the step, the sheet, somebody who is lost, a question with words or without; a few kilobits; read
// aloud by a voice of the machine or not at all; and nothing left of who sat there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLinks } from "../kit/antenne.mjs";
import { inaccessible, picture, untidy } from "../kit/audit.mjs";
import { SIZES } from "../kit/browser.mjs";
import { Cast, WORDS, act, all, goOnAir, onlyThese, prepare, question } from "../kit/cast.mjs";
import { command } from "../kit/commands.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

const POSTS = 8;
const STEPS = ["5 Accueil", "15 Préparer la courge | Laver, couper en deux, enlever les graines.", "20 Cuire la soupe"].join("\n");
const SHEET = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");
const WATCHED = 20000; // ms of a quiet class that are counted
const A_FEW_KILOBITS = 10; // kbit/s
const IDLE = 4; // seconds, in the place of three minutes

test("eight posts in a room", { timeout: 420000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [site, other] = cast.sites;
  const faults = [];
  const links = [];
  let studio, desk, screen, elsewhere, posts, machines;

  await stage.step("the posts are opened, each by its own link", async () => {
    studio = await cast.studio();
    await prepare(studio);
    [desk, screen, elsewhere] = await Promise.all([cast.desk(site), cast.screen(site), cast.desk(other)]);
    for (let n = 1; n <= POSTS; n++) links.push(await postLink(antenne, cast.room, site, n));
    machines = await cast.hall("posts");
    posts = [];
    for (const [i, link] of links.entries()) posts.push(await stage.seat(machines, `post ${i + 1}`, link, { size: SIZES.desk })); // people sit down one by one
    await all(posts, (tab) => tab.sees(`poste ${posts.indexOf(tab) + 1}`));
    await all(posts, (tab) => tab.seesNot("#"));
  });

  await stage.step("the mediator's steps: the one of now and the next, and the sheet", async () => {
    await goOnAir(studio);
    await command(studio, cast.link("mediator"), { name: "set-rundown", steps: STEPS });
    await all(posts, (tab) => tab.sees("Ensuite : Accueil"));
    await command(studio, cast.link("mediator"), { name: "start-step", step: "2" });
    await all(posts, async (tab) => {
      await tab.sees("Étape 2 sur 3");
      await tab.sees("Préparer la courge", { in: "#step-now" });
      await tab.sees("enlever les graines", { in: "#step-detail" });
      await tab.sees("Ensuite : Cuire la soupe");
    });
    await sendSheet(antenne, cast, "La soupe de courge");
    await all(posts, (tab) => tab.sees("La fiche : La soupe de courge"));
    const address = await posts[0].ask(() => document.getElementById("sheet").href);
    assert.deepEqual(Buffer.from(await (await fetch(address)).arrayBuffer()), SHEET, "the sheet is the one that was sent");
  });

  await stage.step("no picture, no sound, a few kilobits", async () => {
    const meters = await all(posts.slice(0, 3), meter);
    await sleep(WATCHED);
    const rates = meters.map((read) => (read() * 8) / WATCHED);
    stage.figure(`a post in a quiet class: ${rates.map((r) => `${r.toFixed(2)} kbit/s, ${((r * 60) / 8).toFixed(1)} kB a minute`).join("; ")}`);
    assert.ok(Math.max(...rates) < A_FEW_KILOBITS && Math.min(...rates) > 0, rates.join());
    for (const tab of posts) assert.equal((await tab.roads()).built, 0, `${tab.name} opened a media session`);
  });

  await stage.step("somebody is lost; the animator reads who, goes there, and the post is quiet again", async () => {
    await posts[2].press("Je suis perdu·e");
    await posts[2].sees("C’est dit à votre animateur", { in: "#lost-said" });
    await posts[2].sees("C’est bon, merci");
    assert.ok(!(await posts[2].reads("arrive", "#lost-said")), "nobody has said yet that she comes");
    await desk.sees("poste 3", { in: "#lost" });
    await posts[2].reload();
    await posts[2].sees("C’est dit à votre animateur", { in: "#lost-said" }); // kept by the house, not by the page
    await lookAt(faults, "lost", posts[2]);
    await desk.press("J’y vais");
    await posts[2].sees("arrive", { in: "#lost-said" });
    await posts[2].sees("Je suis perdu·e");
    await posts[2].seesNot("arrive", { in: "#lost-said", within: 45000 });
    await desk.seesNot("poste 3", { in: "#lost" });
    for (const tab of [screen, elsewhere, posts[3]]) assert.ok(!tab.guard.wire.includes("lostAt"), `${tab.name} was told who is lost`);
  });

  await stage.step("lost, and found again by oneself", async () => {
    await posts[6].press("Je suis perdu·e");
    await desk.sees("poste 7", { in: "#lost" });
    await posts[6].press("C’est bon, merci");
    await desk.seesNot("poste 7", { in: "#lost" });
  });

  await stage.step("a question with words passes by the animator, under the post's name", async () => {
    const text = question("Faut-il éplucher la courge");
    await posts[4].type("Votre question", text);
    await posts[4].press("Envoyer ma question");
    await posts[4].sees(WORDS.asked);
    await desk.sees("poste 5");
    await onlyThese(text, [posts[4], desk], [posts[3], screen, elsewhere, studio]);
    await act(desk, text, "Envoyer à la régie");
    await posts[4].sees(WORDS.relayed);
    await command(studio, cast.link("moderator"), { name: "answer", question: await idOf(posts[4], text), text: "Non, sa peau se mange.", to: "all" });
    await posts[4].sees("Répondue à tous");
    await all(posts, (tab) => tab.sees("Non, sa peau se mange.", { in: "#replies" }));
    await lookAt(faults, "replies", posts[4]);
  });

  await stage.step("a question without words, in one tap", async () => {
    await posts[3].press("J’ai une question");
    await posts[3].sees("Je veux demander quelque chose", { in: "#mine" });
    await posts[3].sees(WORDS.asked);
    await desk.sees("poste 4 veut demander quelque chose");
    await posts[5].seesNot("Je veux demander");
  });

  await stage.step("what is declined is no sentence on a machine that others read", async () => {
    const text = question("Et la pluie");
    await posts[5].type("Votre question", text);
    await posts[5].press("Envoyer ma question");
    await act(desk, text, "Écarter");
    await desk.press("Nous parlons d’autre chose");
    await posts[5].sees("Parlez-en avec", { in: "#mine" });
    assert.equal(await posts[5].reads("autre chose"), false);
  });

  await stage.step("an exercise: what to do, and the clock", async () => {
    await command(studio, cast.link("mediator"), { name: "start-exercise", instruction: "Coupez la courge en dés.", minutes: "5" });
    await all(posts, async (tab) => {
      await tab.sees("Coupez la courge en dés.", { in: "#exercise" });
      await until(`${tab.name} shows a clock`, () => tab.ask(() => /^[45]:\d\d$/.test(document.getElementById("exercise-left").textContent)));
    });
    await lookAt(faults, "exercise", posts[0]);
    await command(studio, cast.link("mediator"), { name: "end-exercise" });
    await all(posts, (tab) => tab.seesNot("Coupez la courge en dés."));
  });

  await stage.step("read aloud: by a voice of this machine, and offered nowhere else", async () => {
    const own = await posts[0].ask(() => speechSynthesis.getVoices().filter((v) => v.localService && v.lang.startsWith("fr")).length);
    assert.equal(await posts[0].reads("Lire à voix haute"), own > 0, `${own} voices of this machine`);
    const tab = await stage.seat(machines, "a post that speaks", links[7], { size: SIZES.desk });
    await tab.page.context().addInitScript(giveVoice, false);
    await tab.reload();
    await tab.sees("Préparer la courge");
    assert.equal(await tab.reads("Lire à voix haute"), false, "a voice that lives elsewhere is offered to nobody");
    await tab.page.context().addInitScript(giveVoice, true);
    await tab.reload();
    await tab.press("Lire à voix haute");
    await tab.sees("Arrêter la lecture");
    assert.deepEqual(await tab.ask(() => window.spoken), [["Préparer la courge. Laver, couper en deux, enlever les graines.", "fr-FR", true]]);
    await tab.press("Arrêter la lecture");
    await tab.sees("Lire à voix haute");
    await lookAt(faults, "voice", tab);
    await tab.close();
  });

  await stage.step("the picture, for the one who asks for it, and never the sound", async () => {
    await posts[7].press("Voir l’image sur ce poste");
    await posts[7].seesMotion({ fps: 3 });
    await lookAt(faults, "picture", posts[7]);
    assert.match((await posts[7].listen()).why, /./, "a post is never heard");
    for (const tab of posts.slice(0, 7)) assert.equal((await tab.roads()).built, 0, `${tab.name} opened a media session`);
    await posts[7].press("Fermer l’image");
    await until("the media session is closed", async () => (await posts[7].roads()).open === 0);
  });

  await stage.step("a post that came by the code is closed from « Ma salle », reads why and how to come back, and does", async () => {
    await desk.press("Montrer le code des postes");
    const tab = await stage.seat(machines, "a post by the code", `${antenne.url}/post`, { size: SIZES.desk });
    await joinBy(tab, await codeOf(desk));
    await tab.sees("Préparer la courge");
    const name = await tab.ask(() => document.getElementById("post-name").textContent);
    await desk.press("Fermer", { box: ".open-device", near: name });
    await desk.sees(`Fermer le ${name} ?`);
    await desk.press("Fermer ce poste", { box: "[role=dialog]", near: "Fermer ce poste" });
    await desk.sees(`${name} est fermé`);
    await tab.sees("Ce poste a été fermé. Pour revenir, demandez le code");
    await lookAt(faults, "closed", tab);
    await joinBy(tab, await codeOf(desk));
    await tab.sees("Préparer la courge");

    const before = await codeOf(desk);
    await desk.press("Nouveau code");
    await desk.sees("Les postes ouverts restent. Les autres devront taper le nouveau code.");
    await desk.press("Nouveau code", { box: "[role=dialog]", near: "Changer le code" });
    await desk.sees(`Postes qui restent : ${POSTS + 1}. Postes fermés : 0.`);
    assert.notEqual(await codeOf(desk), before);
    await tab.press("Je suis perdu·e"); // it is still in
    await desk.sees(name, { in: "#lost" });
    await tab.press("C’est bon, merci");
    await desk.seesNot(name, { in: "#lost" });
    await tab.close();
  });

  await stage.step("nobody for a while: nothing of who sat there is left, and what was sent goes on", async () => {
    const tab = posts[1];
    const text = question("Peut-on garder les graines");
    const draft = "Je voulais aussi vous dire que";
    await shortenIdle(tab);
    await tab.reload();
    await tab.type("Votre question", text);
    await tab.press("Envoyer ma question");
    await tab.sees(WORDS.asked);
    await tab.type("Votre question", draft);
    const before = tab.guard.wire.length;
    await tab.sees("Tout est effacé ici", { within: 20000 });
    await lookAt(faults, "forgot", tab);
    await nothingLeft(tab, [text, draft]);
    await welcomed(tab, before);
    const reloaded = tab.guard.wire.length;
    await tab.reload();
    await tab.sees("Préparer la courge");
    await welcomed(tab, reloaded);
    await nothingLeft(tab, [text, draft]);
    assert.ok(!tab.guard.wire.slice(before).includes(text), "the next one is not told what was asked before");
    await desk.sees(text);
  });

  await stage.step("« J’ai fini » does it at once", async () => {
    await posts[3].press("J’ai fini");
    await posts[3].sees("Tout est effacé ici");
    await nothingLeft(posts[3], ["Je veux demander"]);
    await posts[3].press("J’ai une question"); // whoever comes next asks as somebody else
    await posts[3].sees(WORDS.asked);
    await until("one question is theirs", () => posts[3].ask(() => document.querySelectorAll("#mine .question").length === 1));
  });

  await stage.step("a post without its link says whom to ask; the end is the end", async () => {
    const stranger = await stage.seat(machines, "stranger", `${antenne.url}/post/${cast.room}`);
    await stranger.sees("Demandez le code des postes");
    await lookAt(faults, "no-link", stranger);
    await stranger.close();
    await studio.press("#end");
    await studio.press("Oui, terminer");
    await all(posts, (tab) => tab.sees("La séance est terminée"));
    await lookAt(faults, "ended", posts[0]);
    assert.deepEqual(faults, []);
    await stage.allQuiet();
  });
});

async function postLink(antenne, room, site, n) {
  const [line] = parseLinks(await antenne.command("link", "--role", "post", "--room", room, "--site", site, "--note", `poste ${n}`));
  return line.url;
}

async function sendSheet(antenne, cast, title) {
  const headers = { authorization: `Bearer ${new URL(cast.link("mediator")).hash.slice(1)}`, "content-type": "application/pdf" };
  const answer = await fetch(`${antenne.url}/sheet/${cast.room}?title=${encodeURIComponent(title)}`, { method: "POST", headers, body: SHEET });
  assert.ok(answer.ok, `the sheet: ${answer.status} ${await answer.text()}`);
}

/** The code that « Ma salle » shows for its posts. */
function codeOf(desk) {
  return until("« Ma salle » shows a code", async () => {
    const text = await desk.ask(() => document.getElementById("posts-code").innerText.trim());
    return /^\w{4}-\w{4}$/.test(text) && text;
  });
}

async function joinBy(tab, code) {
  await tab.type("Le code", code);
  await tab.press("#go");
}

/** The class has let the page in since it had heard so much. */
const welcomed = (tab, heard) => until(`${tab.name} is let in`, () => tab.guard.wire.slice(heard).includes('"type":"welcome"'));

const idOf = (tab, text) => tab.ask((text) => [...document.querySelectorAll("#mine .question")].find((item) => item.textContent.includes(text)).dataset.id, text);

/** Counts what the network brings and takes from now on, in bytes: messages with their frames, and answers to requests. */
async function meter(tab) {
  let bytes = 0;
  const frame = ({ response }) => (bytes += Buffer.byteLength(response.payloadData) + (response.payloadData.length < 126 ? 2 : 4) + 52); // TCP and IPv4
  tab.cdp.on("Network.webSocketFrameReceived", frame);
  tab.cdp.on("Network.webSocketFrameSent", frame);
  tab.cdp.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await tab.cdp.send("Network.enable");
  return () => bytes;
}

/** Runs in the page, before its scripts: a browser with one French voice, of this machine or of somebody's cloud. */
function giveVoice(local) {
  window.spoken = [];
  const voice = { lang: "fr-FR", name: "Voix", localService: local, default: true };
  const synth = { getVoices: () => [voice], cancel() {}, addEventListener() {}, speak: (u) => window.spoken.push([u.text, u.lang, u.voice === voice]) };
  Object.defineProperty(window, "speechSynthesis", { value: synth, configurable: true });
  Object.defineProperty(window, "SpeechSynthesisUtterance", { value: class { constructor(text) { this.text = text; } }, configurable: true });
}

/** The page's own wait stands in its HTML: it is made short before the page's scripts read it. */
async function shortenIdle(tab) {
  assert.equal(await tab.ask(() => document.getElementById("post").dataset.idle), "180", "three minutes");
  await tab.page.context().addInitScript((seconds) => {
    const shorten = () => {
      const post = document.getElementById("post");
      if (post && post.dataset.idle !== String(seconds)) post.dataset.idle = String(seconds);
    };
    new MutationObserver(shorten).observe(document, { childList: true, subtree: true });
  }, IDLE);
}

/** Neither to be read, nor in a field, nor anywhere in the page, nor kept by the tab for its next visitor. */
async function nothingLeft(tab, words) {
  const left = await tab.ask(
    (words) => {
      const all = [document.getElementById("post").innerHTML, document.getElementById("ask-text").value, ...Object.values(sessionStorage), ...Object.values(localStorage)].join("\n");
      return words.filter((w) => all.includes(w));
    },
    words,
  );
  assert.deepEqual(left, [], `${tab.name} still holds them`);
}

async function lookAt(faults, state, tab) {
  const before = tab.page.viewportSize();
  for (const [size, box] of Object.entries(SIZES)) {
    await tab.page.setViewportSize(box);
    await sleep(150);
    await picture(tab, `post-${state}-${size}`);
    for (const fault of await untidy(tab)) faults.push(`post-${state}-${size}: ${fault}`);
    if (size !== "desk") for (const fault of await inaccessible(tab)) faults.push(`post-${state}-${size}: axe: ${fault}`);
  }
  await tab.page.setViewportSize(before);
}
