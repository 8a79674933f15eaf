// Another build of the same program: one sentence of one page is said with other words. Built by the same compiler from the
// same sources, the changed file laid over them, so that the server itself says that its pages are others.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./antenne.mjs";

const execute = promisify(execFile);

/**
 * @param {string} folder
 * @param {string} key  of the French sentence
 * @param {string} sentence  what it is in the new build
 * @returns {Promise<string>} the path of the binary
 */
export async function buildWithWords(folder, key, sentence) {
  const file = join(ROOT, "web", "locale", "fr.json");
  const words = JSON.parse(await readFile(file, "utf8"));
  assert.ok(words[key] && words[key] !== sentence, `${key} is another sentence now`);
  const changed = join(folder, "fr.json");
  await writeFile(changed, JSON.stringify({ ...words, [key]: sentence }));
  const overlay = join(folder, "overlay.json");
  await writeFile(overlay, JSON.stringify({ Replace: { [file]: changed } }));
  const binary = join(folder, "antenne-upgraded");
  await execute("go", ["build", "-overlay", overlay, "-o", binary, "./cmd/antenne"], { cwd: ROOT, env: { ...process.env, CGO_ENABLED: "0" } });
  return binary;
}
