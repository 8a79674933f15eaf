// A phone in a pocket: the system stops every process of its browser, timers, sockets and all, and lets them go on later.

import { readdirSync, readFileSync } from "node:fs";

/** A process and all that it started, the process first. */
function family(pid) {
  const parents = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent) parents.set(Number(name), parent);
  }
  const all = [pid];
  for (const known of all) for (const [child, parent] of parents) if (parent === known) all.push(child);
  return all;
}

/** @returns {number} 0 for one that is gone */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

/**
 * Stops a browser's processes. Nothing may be asked of its pages until they are woken.
 * @param {number} pid  of the browser
 * @returns {() => void} wakes them
 */
export function fallAsleep(pid) {
  const asleep = family(pid);
  for (const each of asleep) signal(each, "SIGSTOP");
  return () => {
    for (const each of asleep.reverse()) signal(each, "SIGCONT");
  };
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended meanwhile
  }
}
