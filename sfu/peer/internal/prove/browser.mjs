// The browser of `prove`: it decodes two films, picture by picture, and compares every pixel.
//
//	node browser.mjs URL

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL("../../../../web/package.json", import.meta.url));
const { chromium } = await import(pathToFileURL(require.resolve("playwright-core")).href).then((m) => m.default ?? m);

/** Runs in the page. */
async function prove() {
  const film = await (await fetch("/film")).json();
  const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

  async function decode(frames) {
    const sums = [];
    const reading = [];
    let failed = null;
    const decoder = new VideoDecoder({
      error: (e) => (failed = e),
      output: (picture) => {
        const read = async () => {
          const pixels = new Uint8Array(picture.allocationSize());
          await picture.copyTo(pixels);
          const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", pixels));
          sums.push([picture.timestamp, picture.codedWidth, [...sum].map((b) => b.toString(16).padStart(2, "0")).join("")]);
          picture.close();
        };
        reading.push(read());
      },
    });
    decoder.configure({ codec: film.Codec, hardwareAcceleration: "prefer-software" });
    for (const [i, frame] of frames.entries()) {
      decoder.decode(new EncodedVideoChunk({ type: i === 0 ? "key" : "delta", timestamp: i * 33_333, data: bytes(frame) }));
    }
    await decoder.flush();
    await Promise.all(reading);
    if (failed) throw failed;
    return new Map(sums.map(([at, ...rest]) => [at, rest.join(" ")]));
  }

  const plain = await decode(film.Plain);
  const stamped = await decode(film.Stamped);
  const moving = new Set(plain.values()).size;
  const wrong = [...plain].filter(([at, sum]) => stamped.get(at) !== sum).length;
  return { pictures: film.Plain.length, plain: plain.size, stamped: stamped.size, moving, wrong };
}

const [url] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.ANTENNE_CHROMIUM || "/usr/bin/chromium", headless: true, args: ["--no-sandbox", "--disable-gpu"] });
try {
  const page = await browser.newPage();
  await page.goto(url.replace("127.0.0.1", "localhost"));
  const found = await page.evaluate(prove);
  const { pictures, plain, stamped, moving, wrong } = found;
  process.stdout.write(`${stamped} of ${pictures} pictures with stamps decoded (${moving} different ones), ${wrong} differ from those without\n`);
  process.exitCode = wrong === 0 && plain === pictures && stamped === pictures && moving > pictures / 2 ? 0 : 1;
} finally {
  await browser.close();
}
