// A question typed while the server is down survives a crash of the page, and arrives once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cast, askFromDesk, askFromHome, question, WORDS } from "../kit/cast.mjs";
import { sleep } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

test("the outbox", { timeout: 240000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [site] = cast.sites;
  const [home, desk] = [await cast.home(site), await cast.desk(site)];
  const control = await cast.control();
  const texts = { home: question("Depuis la maison"), desk: question("Depuis la salle") };

  await stage.step("the server is down: the questions are kept, and the pages say so", async () => {
    await desk.sees("salle");
    for (const tab of [home, desk, control]) tab.guard.expectOutage(true);
    await antenne.kill();
    await askFromHome(home, texts.home);
    await home.sees("gardée");
    await askFromDesk(desk, texts.desk);
    await desk.sees(texts.desk);
  });

  await stage.step("the phone's page crashes", async () => {
    await home.crash();
  });

  let again;
  await stage.step("the server is back, the phone opens its page again: each question arrives", async () => {
    await antenne.again();
    const phone = stage.people.find((p) => p.tabs.includes(home));
    again = await phone.tab(home.url, "home again");
    await desk.sees(texts.home);
    await control.sees(texts.desk);
    await again.sees(WORDS.asked);
    await desk.sees(WORDS.relayed);
  });

  await stage.step("and once: after a reload as well", async () => {
    await again.reload();
    await desk.reload();
    await desk.sees(texts.home);
    await again.sees(texts.home);
    await sleep(1500);
    for (const [tab, text] of [[desk, texts.home], [desk, texts.desk], [control, texts.desk], [again, texts.home]]) {
      assert.equal(await times(tab, text), 1, `${tab.name} shows « ${text} » once`);
    }
    const history = await antenne.command("history", cast.room);
    stage.figure(`history: ${history.split("\n").filter(Boolean).length} lines`);
  });
});

/** How many rows of the page carry this text. */
function times(tab, text) {
  return tab.ask((words) => {
    const t = window.__antenneTest;
    return [...document.querySelectorAll("li, article")].filter((row) => t.shown(row) && !row.querySelector("li, article") && t.fold(row.innerText).includes(t.fold(words))).length;
  }, text);
}
