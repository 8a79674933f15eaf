// A class of many simulated sites (loadtest class) with its own server, to be looked at by real pages.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build, parseLinks } from "./antenne.mjs";
import { until } from "./poll.mjs";

export class Crowd {
  #child;
  #said = "";

  /**
   * Everybody is there when this returns.
   * @param {import("./stage.mjs").Stage} stage
   * @param {{sites: number, lasts: string, args?: string[]}} o  lasts: as Go writes it, « 90s »
   */
  static async start(stage, { sites, lasts, args = [] }) {
    const made = new Crowd();
    const loadtest = await made.tool(stage, "loadtest", "./loadtest");
    const antenne = await made.tool(stage, "antenne", "./cmd/antenne");
    const file = join(stage.folder, `links-${sites}-${stage.servers.length}`);
    made.#child = spawn(loadtest, ["class", "--antenne", antenne, "--sites", String(sites), "--for", lasts, "--keep-links", file, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    made.ended = new Promise((resolve) => made.#child.once("exit", (code) => resolve(code)));
    for (const pipe of [made.#child.stdout, made.#child.stderr]) pipe.on("data", (chunk) => (made.#said += chunk));
    stage.servers.push(made);
    await until("the crowd is there", () => /^ready: /m.test(made.#said) || made.#child.exitCode !== null, { within: 120000, seen: () => made.#said });
    made.pid = Number(/server (\d+) at/.exec(made.#said)?.[1]);
    made.links = parseLinks(await readFile(file, "utf8"));
    made.host = new URL(made.links[0].url).host;
    made.url = `http://${made.host}`;
    return made;
  }

  async tool(stage, name, command) {
    const binary = join(stage.workshop, name);
    if (!existsSync(binary)) await build(stage.workshop, name, command);
    return binary;
  }

  /** What the crowd measured, once it has gone. @returns {Promise<string>} */
  async report() {
    await this.ended;
    return this.#said;
  }

  /** Whether a part of its report was printed already. @param {string} title */
  has(title) {
    return this.#said.includes(`\n${title}\n`);
  }

  /** Resident memory of the server, in MB. */
  async weight() {
    const status = await readFile(`/proc/${this.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
  }

  async tail() {
    return this.#said;
  }

  async alarms() {
    return this.#said.split("\n").filter((line) => /panic|DATA RACE|fatal error/.test(line));
  }

  async stop() {
    if (this.#child.exitCode === null) this.#child.kill("SIGTERM");
    return this.ended;
  }
}
