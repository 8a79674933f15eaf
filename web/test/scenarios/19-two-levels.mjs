// Questions on two levels: a room's own tray, then the régie's board, then the air; and the state of each one on its way back down.
// Two people sit at the régie: what one has done the other sees at once, and does not do twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLinks } from "../kit/antenne.mjs";
import { inaccessible, picture, untidy } from "../kit/audit.mjs";
import { SIZES } from "../kit/browser.mjs";
import { Cast, WORDS, act, all, askFromDesk, askFromHome, goOnAir, onlyThese, prepare, question } from "../kit/cast.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

/** The card of a question on the régie's board, as text on one line. */
const card = (tab, words) =>
  tab.ask((wanted) => {
    const t = window.__antenneTest;
    const found = [...document.querySelectorAll(".control-list > li.question:not(.leaving)")].find((el) => t.fold(el.innerText || el.textContent).includes(t.fold(wanted)));
    return found ? found.textContent.replace(/\s+/g, " ") : "";
  }, words);

async function cardReads(tab, question, words) {
  await until(`the card of « ${question} » at ${tab.name} reads « ${words} »`, async () => (await card(tab, question)).replace(/\u00a0/g, " ").includes(words), { seen: async () => (await card(tab, question)) || tab.text() });
}

/** A key, on the card of a question, which takes the focus as the arrows give it. */
async function key(tab, question, letter) {
  await until(`the card of « ${question} » can take the focus`, () =>
    tab.ask((wanted) => {
      const t = window.__antenneTest;
      const found = [...document.querySelectorAll(".trays li.question:not(.leaving)")].find((el) => t.fold(el.innerText).includes(t.fold(wanted)));
      if (found) found.focus();
      return document.activeElement === found;
    }, question),
  );
  await tab.page.keyboard.press(letter);
}

async function tidy(tab, name) {
  const before = tab.page.viewportSize();
  const faults = [];
  for (const [size, box] of Object.entries(SIZES)) {
    await tab.page.setViewportSize(box);
    await sleep(250);
    await picture(tab, `${name}-${size}`);
    for (const fault of [...(await untidy(tab)), ...(await inaccessible(tab))]) faults.push(`${name}-${size}: ${fault}`);
  }
  await tab.page.setViewportSize(before);
  assert.deepEqual(faults, []);
}

test("questions on two levels, with two people at the régie", { timeout: 420000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [here, there] = cast.sites;
  const link = async (role, ...more) => parseLinks(await antenne.command("link", "--role", role, "--room", cast.room, ...more))[0].url;
  let studio, lea, ali, desk, other, screens, home, otherHome, post;
  const everybodyElse = () => [other, otherHome, ...screens];

  await stage.step("everybody is there: studio, two at the régie, two rooms with their screens, homes, a post", async () => {
    const rooms = await cast.hall("rooms");
    studio = await cast.studio();
    await prepare(studio);
    lea = await stage.seat(rooms, "Léa", await link("moderator", "--note", "Léa"), { size: SIZES.wall });
    ali = await stage.seat(rooms, "Ali", await link("moderator", "--note", "Ali"), { size: SIZES.wall });
    [desk, other] = [await cast.desk(here), await cast.desk(there)];
    screens = await Promise.all([cast.screen(here), cast.screen(there)]);
    home = await cast.home(here);
    otherHome = await cast.home(there);
    post = await stage.seat(rooms, "poste 3", await link("post", "--site", here, "--note", "poste 3"), { size: SIZES.desk });
    await goOnAir(studio);
    await all(screens, (tab) => tab.seesMotion());
    await lea.sees("2 personnes à la régie");
  });

  await stage.step("a post's question waits in its own room, is said with other words there, and goes up", async () => {
    const first = question("Cest koi la levure");
    await askFromHome(post, first);
    await onlyThese(first, [post, desk], [lea, ali, studio, home, ...everybodyElse()]);
    await desk.sees("poste 3");
    await act(desk, first, "Reformuler");
    const better = question("À quoi sert la levure");
    await desk.type("La question, telle que la régie la lira", better);
    await desk.press("Garder ce texte");
    await act(desk, better, "Envoyer à la régie");
    await onlyThese(better, [post, desk, lea, ali], [home, ...everybodyElse()]);
    assert.ok(!lea.guard.wire.includes(first), "the first words stay in the room");
    assert.ok(!lea.guard.wire.includes("poste 3"), "so does who asked");
    await act(lea, better, "Retenir");
    await post.sees(WORDS.approved);
    await act(studio, better, "À l’antenne");
    await all([...screens, home, otherHome, desk, other], (tab) => tab.sees(better));
    await studio.sees("Lisez la question à voix haute");
    await studio.press("#now-answered");
    await post.sees(WORDS.answered);
  });

  await stage.step("« Répondu ici »: the régie never hears of it", async () => {
    const text = question("Où est le sel");
    await askFromHome(home, text);
    await act(desk, text, "Répondu ici");
    await home.sees(WORDS.answered);
    await onlyThese(text, [home, desk], [lea, ali, studio, post, ...everybodyElse()]);
  });

  await stage.step("what one does the other sees at once, with the name; done again, it is done once and said kindly", async () => {
    const text = question("Peut-on faire sans œufs");
    await askFromDesk(desk, text);
    await ali.sees(text);
    await ali.ask((wanted) => {
      const t = window.__antenneTest;
      const row = [...document.querySelectorAll("#toSort > li")].find((el) => t.fold(el.innerText).includes(t.fold(wanted)));
      window.lateButton = row.querySelector("[data-act=approve]");
    }, text);
    await act(lea, text, "Retenir");
    await cardReads(ali, text, "Retenue par Léa");
    await ali.ask(() => window.lateButton.click()); // a finger that was already on its way
    await ali.sees("C’était déjà fait. Retenue par Léa.");
    await cardReads(lea, text, "Retenue par Léa");
    const times = (await antenne.command("history", cast.room)).split("\n").filter((line) => line.includes(text)).length;
    assert.ok(times >= 1, "the log knows it");
    await act(ali, text, "Après la séance");
    await until("Léa sees whose hand it was", async () => (await card(lea, text)).includes("Gardée pour après par Ali"));
    await desk.sees("Réponse après la séance");
  });

  await stage.step("a kind refusal is read by who asked and its desk, and by nobody else", async () => {
    const text = question("Mon voisin fait du bruit");
    await askFromHome(home, text);
    await act(desk, text, "Envoyer à la régie");
    await key(lea, text, "e");
    await lea.press("Votre question est personnelle");
    await all([home, desk], (tab) => tab.sees("Votre question est personnelle"));
    await cardReads(ali, text, "Écartée par Léa");
    await onlyThese(text, [home, desk], [post, ...everybodyElse()]);
    for (const tab of [post, ...everybodyElse()]) assert.ok(!tab.guard.wire.includes("\"personal\""), `${tab.name} was told that something was declined`);
  });

  await stage.step("two rooms ask the same: one card with both names, and both are on air", async () => {
    const mine = question("Combien de temps au four");
    const theirs = question("Au four, combien de temps");
    await askFromDesk(desk, mine);
    await askFromDesk(other, theirs);
    const name = await desk.ask(() => document.getElementById("place").textContent.trim());
    await act(lea, theirs, "Retenir");
    await key(lea, mine, "g");
    await lea.sees("Regrouper avec laquelle");
    const first = await lea.ask(() => [...document.querySelectorAll(".dialog-stack > button")].find((b) => window.__antenneTest.shown(b)).textContent);
    assert.ok(first.includes(theirs.replace(/ \?$/, "")), `the one that looks alike comes first, not « ${first} »`);
    await lea.press(theirs);
    await all([lea, ali], (tab) => cardReads(tab, theirs, `Regroupée avec une autre : ${name.split(",")[0]}`));
    await act(studio, theirs, "À l’antenne");
    await all([desk, other], (tab) => tab.sees(WORDS.onAir, { in: "#mine" }));
    await studio.press("#now-answered");
    await all([desk, other], (tab) => tab.sees(WORDS.answered));
  });

  await stage.step("the studio sees the next five, and that there are more", async () => {
    for (let i = 0; i < 3; i++) await askFromDesk(desk, question("Et après la première cuisson"));
    for (let i = 0; i < 4; i++) await askFromDesk(other, question("Et avant la première cuisson"));
    for (let i = 0; i < 7; i++) {
      await until("one to keep", () => lea.find("#toSort [data-act=approve]"));
      await sleep(500);
      const left = await lea.ask(() => document.querySelectorAll("#toSort > li:not(.leaving)").length);
      await lea.press("#toSort li:not(.leaving) [data-act=approve]");
      await until("it has left", async () => (await lea.ask(() => document.querySelectorAll("#toSort > li:not(.leaving)").length)) < left);
    }
    await studio.sees("Et 2 autres ensuite");
    assert.equal(await studio.ask(() => [...document.querySelectorAll("#next > li:not(.leaving)")].filter((el) => window.__antenneTest.shown(el)).length), 5);
    await tidy(lea, "control-board");
  });

  await stage.step("a written answer goes to who asked; one for all goes to every room", async () => {
    const one = question("Quelle farine");
    const everyone = question("Quand est la prochaine séance");
    await askFromDesk(desk, one);
    await askFromDesk(other, everyone);
    await act(ali, one, "Répondre par écrit");
    await ali.type("Votre réponse", "De la farine de sarrasin suffit.");
    await ali.press("Envoyer la réponse");
    await onlyThese("De la farine de sarrasin suffit.", [desk], [post, home, ...everybodyElse()]);
    await act(ali, everyone, "Répondre par écrit");
    await ali.type("Votre réponse", "Jeudi prochain à 14 h.");
    await ali.page.locator("label.choice", { hasText: "Toutes les salles" }).click();
    await picture(ali, "control-answer-wall");
    assert.deepEqual(await inaccessible(ali), []);
    await ali.press("Envoyer la réponse");
    await all([other, desk, home, otherHome, post], (tab) => tab.sees("Jeudi prochain à 14 h."));
  });

  await stage.step("a room that goes too far is paused, in words, with its homes; and comes back", async () => {
    const text = question("Hé ho");
    await askFromDesk(other, text);
    await act(lea, text, "Suspendre la salle");
    await lea.press("Suspendre ses questions");
    await all([lea, ali], (tab) => tab.sees("Questions suspendues"));
    await other.sees("en pause");
    const refused = question("Et moi");
    await askFromHome(otherHome, refused);
    await otherHome.sees("Les questions de votre salle sont en pause");
    assert.ok(!lea.guard.wire.includes(refused));
    await ali.press("Rétablir");
    await until("the room may ask again", async () => !(await other.reads("en pause")));
    const again = question("Merci");
    await askFromDesk(other, again);
    await lea.sees(again);
  });

  await stage.step("who asks without end is held, in words", async () => {
    for (let i = 0; i < 4; i++) await askFromHome(home, question(`Encore une ${i}`));
    await home.sees("Les questions arrivent vite");
  });

  await stage.step("after the séance the list of what is left is there, by room, to be printed", async () => {
    await studio.press("#end");
    await studio.press("Oui, terminer");
    await lea.sees("À répondre après la séance");
    await lea.sees("Peut-on faire sans œufs", { in: "#follow" });
    await lea.sees("réponse promise", { in: "#follow" });
    await lea.sees("jamais répondue", { in: "#follow" });
    assert.ok(!(await lea.reads("Mon voisin fait du bruit", "#follow")), "what was declined is closed");
    await lea.page.emulateMedia({ media: "print" });
    assert.ok(await lea.reads("Peut-on faire sans œufs"), "it is on the paper");
    assert.ok(!(await lea.reads("À trier")), "the board is not");
    await lea.page.emulateMedia({ media: "screen" });
    await tidy(lea, "control-follow");
    await stage.allQuiet();
  });
});
