// Players and senders that are not our pages: a plain WHEP player gets the programme cut, and a
// WHIP sender that is no browser teaches in VP8 and then in H.264, the viewers staying.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cast, all, goOnAir, prepare } from "../kit/cast.mjs";
import { until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

test("players and senders of others", { timeout: 240000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [screen, home] = [await cast.screen(cast.sites[0]), await cast.home(cast.sites[1], { best: true })];
  let plain;

  await stage.step("a plain WHEP player with one audio and one video plays the programme", async () => {
    const studio = await cast.studio();
    await prepare(studio);
    await goOnAir(studio);
    plain = await stage.seat(await cast.hall("rooms"), "plain player", `${antenne.url}/donnees`);
    await plain.ask(playWhep, `/whep/${cast.room}`);
    await plain.seesMotion();
    const packets = await plain.received();
    assert.ok(packets.audio > 0 && packets.video > 0);
    await studio.close();
  });

  for (const codec of ["VP8", "H264", "VP8"]) {
    await stage.step(`a WHIP sender that is no browser teaches in ${codec}, every viewer stays`, async () => {
      const viewers = [screen, home, plain];
      const before = await built(viewers);
      const sender = await stage.sender(cast.link("mediator"), codec);
      await all(viewers, async (tab) => {
        await until(`${tab.name} is fed ${codec}`, async () => (await tab.codec()) === `video/${codec}`, { seen: () => tab.codec() });
        await tab.seesMotion();
      });
      await all([screen, home], (tab) => tab.hears());
      assert.deepEqual(await built(viewers), before, "no viewer had to join again");
      await sender.stop();
    });
  }

  await stage.step("no page complained", () => stage.allQuiet());
});

const built = async (tabs) => (await all(tabs, (tab) => tab.roads())).map((r) => r.built);

/** Runs in the page: the smallest player there can be. */
async function playWhep(url) {
  const pc = new RTCPeerConnection();
  const stream = new MediaStream();
  pc.addTransceiver("audio", { direction: "recvonly" });
  pc.addTransceiver("video", { direction: "recvonly" });
  pc.ontrack = (e) => stream.addTrack(e.track);
  await pc.setLocalDescription(await pc.createOffer());
  const response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/sdp" }, body: pc.localDescription.sdp });
  if (response.status !== 201) throw new Error(`WHEP said ${response.status}`);
  await pc.setRemoteDescription({ type: "answer", sdp: await response.text() });
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.width = 320;
  video.height = 180;
  document.body.prepend(video);
  video.srcObject = stream;
  await video.play();
}
