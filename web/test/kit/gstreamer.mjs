// GStreamer's webrtcbin, in a process of its own.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("./webrtcbin.py", import.meta.url));

/** Debian's own Python, for which its packages bring the bindings. */
const PYTHON = process.env.ANTENNE_PYTHON || "/usr/bin/python3";

export class GStreamer {
  #child;
  #said = "";
  #complained = "";

  static start(url) {
    const made = new GStreamer();
    made.#child = spawn(PYTHON, [SCRIPT, url], { stdio: ["pipe", "pipe", "pipe"] });
    made.ended = new Promise((resolve) => made.#child.once("exit", resolve));
    made.#child.stdout.on("data", (chunk) => (made.#said += chunk));
    made.#child.stderr.on("data", (chunk) => (made.#complained += chunk));
    return made;
  }

  /** What it said last: its state, and how much it decoded. */
  figures() {
    if (this.#child.exitCode !== null) throw new Error(`GStreamer ended with ${this.#child.exitCode}: ${this.#complained}`);
    const lines = this.#said.split("\n");
    return lines.length > 1 ? JSON.parse(lines[lines.length - 2]) : { state: "", trouble: "", audio: 0, video: 0 };
  }

  async stop() {
    this.#child.stdin.end();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.ended;
  }

  async tail() {
    return this.#complained.slice(-1000);
  }

  async alarms() {
    return [];
  }
}
