// A studio that sends its camera once (OBS, Firefox, a machine without VP8): a family that asked for the cheapest picture gets
// the sound and a still one by contract, is told that it is the séance and not its line, and has a moving picture by a tap.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inaccessible, picture, untidy } from "../kit/audit.mjs";
import { Cast, goOnAir, prepare } from "../kit/cast.mjs";
import { Stage } from "../kit/stage.mjs";

const WORDS = "Cette séance n’a qu’une grande image";

test("a studio that sends one layer", { timeout: 240000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [site] = cast.sites;
  let home, desk;

  await stage.step("the class is on air, in one layer", async () => {
    const studio = await cast.studio();
    await studio.ask(sendsOnce);
    const screen = await cast.screen(site);
    desk = await cast.desk(site);
    await prepare(studio);
    await goOnAir(studio);
    await screen.seesMotion({ within: 40000, fps: 2 });
    assert.ok(Object.keys(await studio.layers()).length <= 1, "it sends layers");
  });

  await stage.step("a family at « Image économe » is told why its picture stands still, and hears", async () => {
    home = await cast.home(site);
    await home.sees(WORDS, { in: "#slow", within: 40000 });
    await home.sees("jusqu’à 700 Mo par heure", { in: "#slow" });
    await home.hears();
    await picture(home, "large-home-phone");
    assert.deepEqual([...(await untidy(home)), ...(await inaccessible(home))], []);
  });

  await stage.step("a tap makes it move, and the words are gone", async () => {
    await home.press("Meilleure image");
    await home.seesMotion({ within: 40000, fps: 2 });
    await home.seesNot(WORDS);
    await desk.sees("votre salle reçoit bien l’image et le son");
  });

  await stage.step("nobody complains", () => stage.allQuiet());
});

/** Runs in the page: a browser that knows of no layers. */
function sendsOnce() {
  const real = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function once(track, how) {
    if (how && how.sendEncodings && how.sendEncodings.length > 1) throw new TypeError("sendEncodings");
    return real.call(this, track, how);
  };
}
