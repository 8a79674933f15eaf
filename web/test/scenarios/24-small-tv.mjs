// The studio as a small TV set, and the phone as its remote control and its second camera: what is prepared before the hour, what
// stands on the screens as data, the slates, the hands in the place of the face, and every warning in words.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { SIZES } from "../kit/browser.mjs";
import { Cast, act, all, askFromDesk, goOnAir, prepare, question } from "../kit/cast.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

const STEPS = [["10", "Accueil", "On se présente"], ["0", "Pétrir la pâte", ""], ["15", "Goûter", ""]];
const CREDIT = "En direct de la Maison de quartier, à Avion";
const NEEDS = "Un saladier et une cuillère en bois";

test("a studio like a small TV set", { timeout: 420000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [here, there] = cast.sites;
  let studio, phone, desk, screens, phones, phoneURL;
  const sheet = pdf("Recette du pain");

  await stage.step("before the hour the mediator prepares: title, « il vous faut », credit", async () => {
    phones = await stage.browser(antenne.host, { camera: true }); // the phone films the clip with the numbers
    await stage.plainClip(); // … and the studio the one without
    studio = await cast.studio({ size: SIZES.desk });
    await studio.page.context().addInitScript(keepTracks);
    await studio.reload();
    await prepare(studio);
    [desk, ...screens] = await Promise.all([cast.desk(here), cast.screen(here), cast.screen(there)]);
    await studio.press("#tab-messages");
    await studio.type("Titre", "Le pain de chez nous");
    await studio.type("Il vous faut", NEEDS);
    await studio.type("D’où vous êtes", CREDIT);
    await studio.press("Enregistrer", { box: "form", near: "Il vous faut" });
    await all(screens, async (tab) => {
      await tab.sees("Le pain de chez nous");
      await tab.sees(NEEDS);
    });
  });

  await stage.step("the rundown: a mistake is said where it is, then the room reads the steps", async () => {
    await studio.press("#tab-rundown");
    await studio.press("Écrire le déroulé");
    for (let i = 1; i < STEPS.length; i++) await studio.press("Ajouter une étape");
    await fillSteps(studio, [["dix", "Accueil", ""], ...STEPS.slice(1)]);
    await studio.press("#rundown-save");
    await studio.sees("Étape 1 : écrivez les minutes en chiffres");
    await fillSteps(studio, STEPS);
    await studio.press("#rundown-save");
    await studio.sees("25 minutes en tout");
    await desk.press("Toutes les étapes");
    await all(STEPS, ([, title]) => desk.sees(title));
  });

  await stage.step("what is being written survives its tab; another tab is told, and takes nothing", async () => {
    await studio.press("#tab-rundown");
    await studio.press("Modifier le déroulé");
    await studio.press("Ajouter une étape");
    await fillSteps(studio, [...STEPS, ["5", "Ranger la cuisine", ""]]);
    const second = await stage.people.find((person) => person.tabs.includes(studio)).tab(cast.link("mediator"), "studio, second tab");
    await second.press("#tab-rundown");
    assert.equal(await second.reads("n’a pas été enregistré"), false, "it is being written, not lost");
    await second.press("Modifier le déroulé");
    await fillSteps(second, [["12", "Accueil", "On se présente"], ...STEPS.slice(1)]);
    await all([studio, second], (tab) => tab.sees("Un autre onglet de ce navigateur écrit aussi le déroulé"));
    await second.press("#rundown-save");
    await second.sees("27 minutes en tout");
    await second.close();

    await studio.reload();
    await studio.sees("a été retrouvé", { in: "#news" });
    await prepare(studio);
    await studio.press("#tab-rundown");
    await studio.sees("n’a pas été enregistré");
    await studio.press("Le reprendre");
    assert.deepEqual(await studio.ask(() => [...document.querySelectorAll(".row-title")].map((field) => field.value)), ["Accueil", "Pétrir la pâte", "Goûter", "Ranger la cuisine"]);
    await studio.press("#rundown-save");
    await studio.sees("Quelqu’un a enregistré un autre déroulé");
    await studio.press("Enregistrer le mien");
    await studio.sees("30 minutes en tout");
    await desk.sees("Ranger la cuisine");
    await studio.press("Modifier le déroulé");
    await studio.press("Retirer l’étape 4");
    await studio.press("#rundown-save");
    await studio.sees("25 minutes en tout");
    await studio.reload();
    await prepare(studio);
    await studio.press("#tab-rundown");
    await studio.sees("25 minutes en tout");
    assert.equal(await studio.reads("n’a pas été enregistré"), false, "what was sent is not kept");
    assert.deepEqual(await studio.ask(() => Object.keys(localStorage).filter((key) => key.includes("draft"))), []);
  });

  await stage.step("the sheet: refused in words, sent, and downloaded by the room as it was", async () => {
    await choose(studio, "chat.gif", "image/gif", Buffer.from("GIF89a"));
    await studio.sees("ni un PDF ni une image");
    await choose(studio, "gros.pdf", "application/pdf", Buffer.alloc(10 * 1024 * 1024 + 1, "%PDF-"));
    await studio.sees("trop grand");
    studio.guard.allow(/4\d\d .*\/sheet\//);
    await choose(studio, "faux.pdf", "application/pdf", Buffer.from("Ceci n’est pas un PDF."));
    await until("the house's refusal is read", () => studio.ask(() => document.getElementById("sheet-error").textContent.length > 10), { seen: () => studio.text() });
    await choose(studio, "fiche_pain.pdf", "application/pdf", sheet);
    await studio.sees("fiche pain (PDF");
    await desk.sees("La fiche à imprimer : fiche pain");
    const got = await desk.ask(downloaded);
    assert.deepEqual(got, { type: "application/pdf", sum: sum(sheet) }, "the very bytes");
  });

  await stage.step("the phone is paired by the address in the code", async () => {
    await studio.press("#tab-phone");
    await studio.press("Relier mon téléphone");
    await until("the code is drawn", () => studio.ask(() => document.getElementById("phone-qr").naturalWidth > 0));
    phoneURL = await studio.ask(() => document.getElementById("phone-url").textContent);
    phone = await stage.seat(phones, "phone", phoneURL, { size: SIZES.phone, camera: true });
    await phone.sees("Hors antenne");
    await studio.sees("Votre téléphone est relié");
    assert.ok(!phone.page.url().includes("#"), "the code has left the address");
    assert.equal(await phone.ask(() => navigator.mediaDevices.getUserMedia({ audio: true }).then(() => "given", (error) => error.name)), "NotAllowedError", "its microphone cannot be opened");
    phone.guard.faults.length = 0; // the browser has complained of that very try
  });

  await stage.step("the same code opens nothing a second time", async () => {
    const thief = await stage.seat(phones, "another phone", phoneURL, { size: SIZES.phone });
    thief.guard.allow(/4\d\d .*\/pair\/claim/);
    await thief.sees("Ce téléphone n’est pas relié");
    await thief.close();
  });

  await stage.step("on air: the lamp, the credit and the strip", async () => {
    await studio.press("#tab-main");
    await goOnAir(studio);
    await phone.sees("ANTENNE", { in: "#lamp" });
    await all(screens, (tab) => tab.seesMotion({ fps: 8 }));
    await all(screens, (tab) => tab.sees(CREDIT));
    await studio.press("#tab-messages");
    await studio.type("Le nom", "Samira");
    await studio.type("Une ligne dessous", "boulangère à Avion");
    await studio.press("Montrer");
    await all(screens, (tab) => tab.sees("boulangère à Avion", { in: "#strip" }));
    await studio.press("Enlever");
    await all(screens, (tab) => tab.seesNot("boulangère à Avion"));
  });

  await stage.step("the phone is a remote control: a room in trouble, a question, a step", async () => {
    await desk.press("Plus lentement");
    const name = await desk.ask(() => document.getElementById("place").textContent);
    await act(phone, "Plus lentement", name, { box: ".tile" });
    await desk.sees("Le médiateur a vu");
    const text = question("Quelle farine");
    await askFromDesk(desk, text);
    await phone.sees(text);
    await sleep(600); // what a hand needs: quicker taps were aimed at what stood there before
    await phone.press("À l’antenne", { box: "#now", near: text });
    await all([...screens, studio], (tab) => tab.sees(text));
    await sleep(600);
    await phone.press("Répondue", { box: "#now", near: text });
    await all(screens, (tab) => tab.seesNot(text));
    await phone.press("Commencer : Accueil");
    await all([desk, studio], (tab) => tab.sees("1 sur 3"));
    await studio.press("#tab-main");
    await studio.page.keyboard.press("ArrowRight");
    await phone.sees("2 sur 3");
  });

  await stage.step("an exercise of the step of now, from the phone: nothing is written", async () => {
    await phone.press("En faire un exercice");
    await phone.sees("5 minutes. Le son du studio baisse");
    await phone.press("Lancer l’exercice");
    await all([...screens, desk, studio], (tab) => tab.sees("Pétrir la pâte", { in: "#exercise" }));
    await phone.press("Terminer", { box: "#exercise" });
    await all(screens, (tab) => tab.seesNot("Pétrir la pâte", { in: "#exercise" }));
  });

  await stage.step("the hands in the place of the face: the picture changes, nobody joins again, the sound goes on", async () => {
    const roads = await all(screens, async (tab) => (await tab.roads()).built);
    assert.ok((await screens[0].watch()).codes.every((code) => code < 0), "the face's clip has no numbers");
    await phone.press("Ouvrir la caméra");
    await phone.sees("Les salles ne la voient pas encore", { within: 30000 });
    await studio.sees("Caméra mains, pas à l’antenne", { in: "#hands-cue", within: 30000 });
    await until("the studio sees the hands before anybody", async () => numbered(await studio.watch({ which: "hands-video" })), { within: 30000, seen: () => studio.watch({ which: "hands-video" }) });
    assert.ok((await screens[0].watch()).codes.every((code) => code < 0), "and no wall does");
    await phone.press("Montrer mes mains");
    await studio.sees("Vos salles voient vos mains", { in: "#hands-cue" });
    await all(screens, (tab) => until(`${tab.name} sees the hands`, async () => numbered(await tab.watch()), { within: 30000, seen: () => tab.watch() }));
    await all(screens, (tab) => tab.hears());
    await studio.sees("Vos salles voient : vos mains");
    await phone.sees("Les salles voient vos mains");
    await studio.press("#hands");
    await all(screens, (tab) => until(`${tab.name} sees the face`, async () => plain(await tab.watch()), { within: 30000, seen: () => tab.watch() }));
    await all(screens, (tab) => tab.hears());
    assert.deepEqual(await all(screens, async (tab) => (await tab.roads()).built), roads, "no wall built another connection");
  });

  await stage.step("the phone is loaded again: still paired, no code asked for", async () => {
    await phone.reload();
    await phone.sees("ANTENNE", { in: "#lamp" });
    await phone.sees("2 sur 3");
    await studio.seesNot("Caméra mains, pas à l’antenne", { in: "#hands-cue" }); // its camera closed with the page
  });

  await stage.step("the slates, on every screen", async () => {
    const pressed = await slate(studio, "#incident");
    const waited = await all(screens, async (tab) => {
      await tab.sees("Incident, nous revenons", { within: 10000 });
      return Date.now() - pressed;
    });
    stage.figure(`the incident slate stood after ${waited.map((ms) => `${ms} ms`).join(", ")} (looked at every 150 ms)`);
    await studio.sees("Vos salles voient : « Incident, nous revenons »");
    await phone.sees("Incident", { in: "#lamp" });
    await studio.press("#pause");
    await all(screens, (tab) => tab.seesMotion({ fps: 8 }));
    await slate(studio, "#pause");
    await all(screens, (tab) => tab.sees("Pause"));
    await all(screens, (tab) => tab.seesNot("Incident, nous revenons"));
    await studio.press("#pause");
    await all(screens, (tab) => tab.seesMotion({ fps: 8 }));
  });

  await stage.step("what the mediator cannot notice is said", async () => {
    await studio.ask(() => window.heldTracks.audio.forEach((track) => (track.enabled = false)));
    await studio.sees("Votre micro n’entend rien", { in: "#alarms", within: 20000 });
    await studio.ask(() => window.heldTracks.audio.forEach((track) => (track.enabled = true)));
    await studio.seesNot("Votre micro n’entend rien", { in: "#alarms" });
    await studio.ask(() => window.heldTracks.video.forEach((track) => (track.enabled = false)));
    await studio.sees("Votre image est noire", { within: 20000 });
    await studio.ask(() => window.heldTracks.video.forEach((track) => (track.enabled = true)));
    await studio.seesNot("Votre image est noire");
    await studio.ask(() => window.unplug("audio"));
    await studio.sees("Votre micro est débranché");
    await studio.sees("Sans son", { in: "#lamp" });
    await studio.press("Prendre un autre appareil");
    await studio.sees("ANTENNE", { in: "#lamp" });
    await all(screens, (tab) => tab.hears());
  });

  await stage.step("another device than last time is said, until the mediator has seen it", async () => {
    await studio.ask(() => localStorage.setItem("antenne.studio.device-names", JSON.stringify({ camera: "Caméra du bureau", microphone: "" })));
    await studio.reload();
    await studio.sees("La caméra n’est plus la même", { within: 20000 });
    await studio.press("J’ai vu");
    await studio.seesNot("La caméra n’est plus la même");
    await until("the studio is on air again", () => studio.ask(() => document.body.dataset.phase === "onair"));
  });

  await stage.step("« personne n’écoute » when every screen has gone", async () => {
    await all(screens, (tab) => tab.close());
    await studio.sees("Personne n’écoute", { within: 60000 });
    await phone.sees("Personne n’écoute", { within: 60000 });
    await stage.allQuiet();
  });
});

const numbered = ({ codes }) => codes.some((code) => code >= 0);
const plain = ({ why, codes }) => why === "" && codes.every((code) => code < 0);
const sum = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** The smallest file that says it is a PDF, with something to weigh. */
function pdf(words) {
  return Buffer.from(`%PDF-1.4\n1 0 obj<</Title(${words})>>endobj\n${"x".repeat(40000)}\ntrailer<</Root 1 0 R>>\n%%EOF\n`, "latin1");
}

/** Presses a slate's button; when, in ms since 1970. */
async function slate(studio, id) {
  await studio.press(id);
  return studio.pressedAt;
}

async function fillSteps(studio, steps) {
  for (let i = 0; i < steps.length; i++) {
    const row = studio.page.locator("#rundown-rows > li").nth(i);
    for (const [k, kind] of ["minutes", "title", "detail"].entries()) await row.locator(`.row-${kind}`).fill(steps[i][k]);
  }
}

async function choose(studio, name, mimeType, buffer) {
  await studio.page.setInputFiles("#sheet-file", { name, mimeType, buffer });
}

/** Runs on « Ma salle »: what its link to the sheet gives. */
async function downloaded() {
  const response = await fetch(document.getElementById("sheet").href);
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { type: response.headers.get("Content-Type"), sum: Array.from(digest, (b) => b.toString(16).padStart(2, "0")).join("") };
}

/** Runs before the studio's scripts: keeps hold of its devices, so that they can be covered, silenced and unplugged. */
function keepTracks() {
  window.heldTracks = { audio: [], video: [] };
  const devices = navigator.mediaDevices;
  const ask = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    for (const track of stream.getTracks()) window.heldTracks[track.kind] = [track];
    return stream;
  };
  window.unplug = (kind) => {
    for (const track of window.heldTracks[kind]) {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
  };
}
