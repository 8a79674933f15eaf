// The measures measured: a test that cannot fail proves nothing. A small page of our own plays
// the fake camera through a real peer connection; then it freezes, goes black, falls silent,
// asks strangers, breaks the policy, and each time the kit must say so.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";
import { inaccessible, untidy } from "../kit/audit.mjs";
import { SIZES } from "../kit/browser.mjs";
import { CLIP } from "../kit/clip.mjs";
import { Diary, percentile } from "../kit/diary.mjs";
import { readPNG, writeSmallPNG } from "../kit/png.mjs";
import { until } from "../kit/poll.mjs";
import { comesInSight, inSight } from "../kit/sight.mjs";
import { Stage } from "../kit/stage.mjs";

const PAGE = `<!doctype html><html lang="fr"><meta charset="utf-8"><title>Mesures</title><style>button,input{min-height:32px}</style>
<body><h1>Mesures</h1><button id="start">Commencer</button> <button id="sound">Ouvrir le son</button>
<label>Votre question <input id="q"></label><video id="v" playsinline muted style="width:320px;height:180px"></video>
<script src="/page.js"></script>`;

const SCRIPT = `
const v = document.getElementById("v");
const far = {};
async function start() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360 } });
  const a = new RTCPeerConnection(), b = new RTCPeerConnection();
  a.onicecandidate = (e) => e.candidate && b.addIceCandidate(e.candidate);
  b.onicecandidate = (e) => e.candidate && a.addIceCandidate(e.candidate);
  b.ontrack = (e) => { v.srcObject = e.streams[0]; v.play().catch(() => {}); };
  for (const t of stream.getTracks()) a.addTrack(t, stream);
  await a.setLocalDescription(await a.createOffer());
  await b.setRemoteDescription(a.localDescription);
  await b.setLocalDescription(await b.createAnswer());
  await a.setRemoteDescription(b.localDescription);
  Object.assign(far, { stream, a, b });
  window.far = far;
}
document.getElementById("start").addEventListener("click", () => start().catch(() => {}));
document.getElementById("sound").addEventListener("click", () => { v.muted = false; v.play(); });
`;

async function serve(voice) {
  const sound = await readFile(voice);
  const server = createServer((request, response) => {
    if (request.url === "/voice.wav") return response.writeHead(200, { "Content-Type": "audio/wav" }).end(sound);
    const script = request.url === "/page.js";
    if (!script && request.url !== "/") return response.writeHead(404).end();
    response.writeHead(200, {
      "Content-Type": script ? "text/javascript; charset=utf-8" : "text/html; charset=utf-8",
      "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; media-src 'self' blob:; connect-src *; require-trusted-types-for 'script'",
    });
    response.end(script ? SCRIPT : PAGE);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

test("the diary of a long séance", () => {
  const diary = new Diary("wall");
  const second = (at, frames, moved = 5, rms = 0.05) => ({ at: at * 1000, frames, moved, rms });
  for (let at = 0; at < 20; at++) diary.seconds.push(second(at, at >= 5 && at < 9 ? 0 : 25, at === 15 ? 0 : 5, at === 12 ? 0 : 0.05));
  const all = diary.judge([{ from: 0, to: 20000 }]);
  assert.equal(all.due, 20);
  assert.equal(all.longestFrozen, 5000, "from the last good second to the next one");
  assert.deepEqual(all.freezes, [{ at: 4000, ms: 5000 }]);
  assert.equal(all.longestSilent, 2000);
  assert.equal(all.moving, 15 / 20);
  const calm = diary.judge([{ from: 0, to: 4500 }, { from: 16000, to: 20000 }]);
  assert.deepEqual([calm.moving, calm.longestFrozen, calm.due], [1, 0, 9]);
  assert.equal(percentile([5, 1, 3], 0.5), 3);
});

test("the measures themselves", { timeout: 240000 }, async (t) => {
  const stage = await Stage.open(t);
  const server = await serve(stage.media.voice);
  t.after(() => server.close());
  const host = `127.0.0.1:${server.address().port}`;
  const url = `http://${host}/`;
  const browser = await stage.browser(host, { camera: true });
  const tab = await stage.seat(browser, "measures", url, { camera: true, size: SIZES.phone });

  await stage.step("before anything: no picture, no sound", async () => {
    assert.equal((await tab.watch({ ms: 800 })).why, "the video has no picture");
    assert.equal((await tab.listen({ ms: 400 })).why, "nothing on the page has sound");
    assert.equal((await tab.roads()).built, 0);
  });

  await stage.step("a moving picture is seen, frame by frame", async () => {
    await tab.press("Commencer");
    const seen = await tab.seesMotion({ fps: 15 });
    assert.ok(seen.codes.filter((c) => c >= 0 && c < CLIP.frames).length >= 3, `bar codes read: ${seen.codes}`);
    assert.ok(await tab.paintsMotion(), "the painted page moves too");
    stage.figure(`the clip: ${seen.fps.toFixed(1)} frames/s, ${seen.width}x${seen.height}`);
    assert.deepEqual([(await tab.roads()).built, (await tab.roads()).open], [2, 2]);
  });

  await stage.step("a muted player is not heard; an open one is", async () => {
    assert.equal((await tab.listen({ ms: 500, every: 200 })).why, "every player is muted, paused or turned down");
    await tab.press("Ouvrir le son");
    const heard = await tab.hears();
    stage.figure(`the voice: rms ${heard.rms.toFixed(3)}, peak ${heard.peak.toFixed(3)}`);
  });

  await stage.step("silence is told from sound", async () => {
    await tab.ask(() => void (window.far.stream.getAudioTracks()[0].enabled = false));
    await until("silence", async () => (await tab.listen({ ms: 700, every: 200 })).why === "silence");
    await tab.ask(() => void (window.far.stream.getAudioTracks()[0].enabled = true));
    await tab.hears();
  });

  await stage.step("a black picture fails", async () => {
    await tab.ask(() => void (window.far.stream.getVideoTracks()[0].enabled = false));
    await until("black", async () => (await tab.watch({ ms: 1000 })).why === "the picture is black");
    await tab.ask(() => void (window.far.stream.getVideoTracks()[0].enabled = true));
    await tab.seesMotion();
  });

  await stage.step("a frozen picture fails", async () => {
    await tab.ask(() => window.far.a.getSenders().find((s) => s.track.kind === "video").replaceTrack(null));
    await until("frozen", async () => (await tab.watch({ ms: 1000 })).why === "the picture is frozen");
    assert.equal(await tab.paintsMotion(), false);
    await tab.ask(() => window.far.stream.getTracks().forEach((track) => track.stop()));
  });

  await stage.step("a covered control is refused, words are typed as by a person", async () => {
    await tab.type("Votre question", "Combien d’œufs ?");
    assert.equal(await tab.ask(() => document.getElementById("q").value), "Combien d’œufs ?");
    await tab.ask(() => {
      const cover = document.createElement("div");
      cover.id = "cover";
      cover.style.cssText = "position:fixed;inset:0;background:#fff";
      document.body.append(cover);
    });
    await assert.rejects(tab.press("Commencer", { within: 300 }), /covered by <div id=cover>/);
    assert.equal(await tab.paintsMotion(), false);
    await tab.ask(() => document.getElementById("cover").remove());
  });

  await stage.step("what is before the eyes is told from what is below, half out, behind, or see-through", async () => {
    await tab.ask(() => {
      const box = (id, style) => {
        const div = document.createElement("div");
        div.id = id;
        div.style.cssText = `position:absolute;left:20px;width:120px;height:120px;background:#fff;${style}`;
        document.body.append(div);
        return div;
      };
      box("tall", "top:0;height:6000px;width:1px");
      box("near", "top:300px;border-radius:60px").append("près");
      box("veil", "top:300px;background:transparent");
      box("half", `top:${window.innerHeight - 60}px`);
      box("below", "top:3000px");
      box("behind", "top:300px;left:200px");
      box("glass", "top:300px;left:200px;width:60px;pointer-events:none");
    });
    const share = async (selector, low, high) => {
      const seen = await inSight(tab, selector);
      assert.ok(seen >= low && seen <= high, `${selector}: ${seen}`);
    };
    await share("#near", 0.7, 1); // under a veil that hides nothing; it is a disc
    await share("#half", 0.3, 0.7);
    await share("#behind", 0.3, 0.7); // what lets taps through hides all the same
    await share("#below", 0, 0);
    await share("#nobody", 0, 0);
    await assert.rejects(comesInSight(tab, "#below", { within: 300 }), /beyond the window/);
    await tab.ask(() => document.getElementById("below").scrollIntoView({ block: "center" }));
    await comesInSight(tab, "#below", { share: 1 });
    await share("#near", 0, 0);
    await tab.ask(() => {
      for (const id of ["tall", "near", "veil", "half", "below", "behind", "glass"]) document.getElementById(id).remove();
      window.scrollTo(0, 0);
    });
  });

  await stage.step("what is cut, overlapped, pale or nameless is found", async () => {
    assert.deepEqual(await untidy(tab), []);
    await tab.ask(() => {
      const add = (words, style) => {
        const p = document.createElement("p");
        p.textContent = words;
        p.style.cssText = `position:fixed;margin:0;${style}`;
        document.body.append(p);
      };
      add("dessous", "top:500px;left:20px;font-size:20px");
      add("dessus", "top:505px;left:30px;font-size:20px");
      add("un bien long mot", "top:560px;left:20px;width:40px;overflow:hidden;white-space:nowrap");
      add("dehors", "top:600px;left:340px");
      add("pâle", "top:640px;left:20px;color:#bbb;background:#fff");
      const nameless = document.createElement("button");
      nameless.style.cssText = "position:fixed;top:680px;left:20px;width:40px;height:40px";
      document.body.append(nameless);
    });
    const found = (await untidy(tab)).join("\n");
    for (const words of ["texts overlap", "text cut by its box: <p> « un bien", "text beyond the edge"]) assert.ok(found.includes(words), `${words} in:\n${found}`);
    const axe = (await inaccessible(tab)).join("\n");
    for (const rule of ["color-contrast", "button-name"]) assert.ok(axe.includes(rule), `${rule} in:\n${axe}`);
  });

  await stage.step("a picture of the page is read, and written small", async () => {
    const { data } = await tab.cdp.send("Page.captureScreenshot", { format: "png" });
    const full = Buffer.from(data, "base64");
    const before = readPNG(full);
    const small = writeSmallPNG(before);
    assert.ok(small.length < full.length);
    await writeFile(`${stage.folder}/small.png`, small);
  });

  await stage.step("hidden is hidden, frozen is frozen, and both end", async () => {
    const alone = await stage.seat(await stage.loneBrowser(host), "hidden", url, { size: SIZES.phone });
    await alone.hide();
    const still = await alone.ask(() => new Promise((done) => {
      const timer = setTimeout(() => done(true), 600);
      requestAnimationFrame(() => { clearTimeout(timer); done(false); });
    }));
    assert.ok(still, "a hidden page is given no animation frame");
    await alone.freeze();
    await alone.thaw();
    await alone.show();
  });

  await stage.step("errors, strangers and broken policy are seen", async () => {
    assert.deepEqual(await tab.faults(), []);
    await tab.ask(() => {
      console.error("aïe");
      setTimeout(() => { throw new Error("uncaught"); });
      fetch("http://127.0.0.1:9/stranger").catch(() => {});
      try { document.body.innerHTML = "<p>no</p>"; } catch { /* the policy says no */ }
    });
    const faults = await until("four faults", async () => {
      const seen = await tab.faults();
      return ["aïe", "Error: uncaught", "foreign request", "policy violation"].every((w) => seen.some((f) => f.includes(w))) && seen;
    });
    assert.ok(faults.length >= 4);
  });

  await stage.step("without a gesture the sound stays locked", async () => {
    const silent = await stage.seat(browser, "locked", url);
    const play = () => silent.ask(() => new Audio("/voice.wav").play().then(() => "plays", (e) => e.name));
    assert.equal(await play(), "NotAllowedError");
    await silent.press("Commencer");
    assert.equal(await play(), "plays");
  });
});
