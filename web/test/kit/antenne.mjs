// The real binary, on ports and a data folder of its own.

import { execFile, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { until } from "./poll.mjs";

const execute = promisify(execFile);
export const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Builds a command of this project and returns its path. */
export async function build(folder, name = "antenne", command = "./cmd/antenne") {
  const binary = join(folder, name);
  await execute("go", ["build", "-o", binary, command], { cwd: ROOT, env: { ...process.env, CGO_ENABLED: "0" } });
  return binary;
}

/** A WHIP sender in a process of its own. */
export class Sender {
  #child;

  static async start(binary, link, codec) {
    const made = new Sender();
    made.#child = spawn(binary, ["--codec", codec, link], { stdio: ["ignore", "pipe", "pipe"] });
    made.ended = new Promise((resolve) => made.#child.once("exit", resolve));
    let said = "";
    made.#child.stdout.on("data", (chunk) => (said += chunk));
    made.#child.stderr.on("data", (chunk) => (said += chunk));
    await until("the sender publishes", () => said.includes("publishing"), { seen: () => said });
    return made;
  }

  async stop() {
    this.#child.kill("SIGTERM");
    await this.ended;
  }

  async tail() {
    return "";
  }

  async alarms() {
    return [];
  }
}

export class Antenne {
  #child = null;
  #out = "";

  /** @param {{binary:string, folder:string, demo?:boolean, args?:string[]}} o */
  static async start(o) {
    await mkdir(o.folder, { recursive: true });
    const made = new Antenne();
    made.binary = o.binary;
    made.folder = o.folder;
    made.data = join(o.folder, "data");
    made.log = join(o.folder, "antenne.log");
    made.ports = { http: await freeTCP(), admin: await freeTCP(), media: await freeUDP() };
    made.host = `127.0.0.1:${made.ports.http}`;
    made.url = `http://${made.host}`;
    made.args = [...(o.demo === false ? [] : ["--demo"]), ...(o.args || [])];
    await made.again();
    return made;
  }

  /** Starts (again) on the same ports and data; ready on return. */
  async again() {
    this.spawn();
    await until("the server is ready", () => this.#ready(), { within: 30000, every: 50, seen: () => this.tail() });
    if (this.args.includes("--demo")) {
      await until("the links are printed", () => this.links.some((l) => l.role === "mediator"), { within: 10000, every: 50, seen: () => this.#out });
    }
  }

  /** Starts without waiting. */
  spawn() {
    const log = openSync(this.log, "a");
    this.#out = "";
    this.#child = spawn(
      this.binary,
      ["serve", "--http", this.host, "--media", `:${this.ports.media}`, "--data", this.data, "--public-url", this.url, "--admin", `127.0.0.1:${this.ports.admin}`, ...this.args],
      { stdio: ["ignore", "pipe", log] },
    );
    closeSync(log);
    this.#child.stdout.on("data", (chunk) => (this.#out += chunk));
    this.ended = new Promise((resolve) => this.#child.on("exit", (code, signal) => resolve({ code, signal })));
  }

  async #ready() {
    if (this.#child.exitCode !== null) throw new Error(`the server ended with ${this.#child.exitCode}`);
    return this.answers("/readyz");
  }

  /** Whether the server answers 200 there, asked with little patience. */
  async answers(path) {
    const response = await fetch(this.url + path, { signal: AbortSignal.timeout(1000) }).catch(() => null);
    return response !== null && response.status === 200;
  }

  /** The lines ROLE, SITE, URL that the server printed, oldest first. */
  get links() {
    return parseLinks(this.#out);
  }

  /** The first printed link of a role (and of a site, where one is given). */
  link(role, site) {
    const found = this.links.find((l) => l.role === role && (!site || l.site === site));
    if (!found) throw new Error(`no printed link for ${role} ${site || ""}:\n${this.#out}`);
    return found;
  }

  get sites() {
    return [...new Set(this.links.map((l) => l.site).filter((s) => s !== "-"))];
  }

  get pid() {
    return this.#child.pid;
  }

  /** As a power cut: no goodbye. */
  async kill() {
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  /** A planned stop; returns how it ended. */
  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGTERM");
    return this.ended;
  }

  /** Runs a sub-command against this server and returns what it printed. */
  async command(...args) {
    const { stdout } = await execute(this.binary, [...args, "--data", this.data]);
    return stdout;
  }

  async metrics() {
    const text = await (await fetch(`http://127.0.0.1:${this.ports.admin}/metrics`, { signal: AbortSignal.timeout(3000) })).text();
    const values = new Map();
    for (const line of text.split("\n")) {
      const found = /^([a-zA-Z_:][^\s]*)\s+([0-9.eE+-]+)$/.exec(line);
      if (found) values.set(found[1], Number(found[2]));
    }
    return values;
  }

  /** Resident memory in MB and goroutines, as the system and the server count them. */
  async weight() {
    const status = await readFile(`/proc/${this.pid}/status`, "utf8");
    const metrics = await this.metrics();
    return { rss: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024, goroutines: metrics.get("go_goroutines") };
  }

  async tail(lines = 30) {
    const text = await readFile(this.log, "utf8").catch(() => "");
    return text.split("\n").slice(-lines).join("\n");
  }

  /** Lines of the log that no good run has. */
  async alarms() {
    const text = await readFile(this.log, "utf8").catch(() => "");
    return text.split("\n").filter((line) => /panic|DATA RACE|fatal error|goroutine \d+ \[/.test(line));
  }
}

export function parseLinks(text) {
  return text
    .split("\n")
    .map((line) => /^([a-z]+)\t(\S+)\t(https?:\/\/\S+)$/.exec(line.trim()))
    .filter(Boolean)
    .map(([, role, site, url]) => ({ role, site, url }));
}

export function freeTCP() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function freeUDP() {
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.on("error", reject);
    socket.bind(0, "0.0.0.0", () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
