// The report of a rehearsal: figures first, then what each page saw, then what happened.

import { availableParallelism } from "node:os";
import { percentile } from "./diary.mjs";

/**
 * @param {object} played  the Rehearsal, finished
 * @param {Record<string, number>} limits
 * @param {number} minutes
 * @returns {{markdown:string, json:object, kept:boolean}}
 */
export function conclude(played, limits, minutes) {
  const pages = played.diaries.map((d) => d.judge(played.live));
  const figures = summarise(played, pages);
  const verdicts = judge(figures, limits);
  const kept = verdicts.every((v) => v.kept);
  const json = { minutes, start: played.started, kept, figures, verdicts, pages, questions: played.questions, weights: played.weights, acts: played.acts, times: played.times, events: played.events, faults: played.faults, roads: played.roads.map(({ name, built, open }) => ({ name, built, open })) };
  return { json, kept, markdown: write(json) };
}

function summarise(played, pages) {
  const up = played.questions.map((q) => q.up).filter((ms) => ms >= 0);
  const shown = played.questions.map((q) => q.shown).filter((ms) => ms >= 0);
  const back = played.questions.map((q) => q.back).filter((ms) => ms >= 0);
  return {
    pages: pages.length,
    secondsDue: pages.reduce((sum, p) => sum + p.due, 0),
    moving: Math.min(...pages.map((p) => p.moving)),
    longestFrozen: Math.max(...pages.map((p) => p.longestFrozen)),
    freezes: pages.reduce((sum, p) => sum + p.freezes.length, 0),
    longestSilent: Math.max(...pages.map((p) => p.longestSilent)),
    questions: played.questions.length,
    lost: played.questions.filter((q) => q.back < 0).length,
    questionUp: percentile(up, 0.95),
    questionUpMedian: percentile(up, 0.5),
    questionShown: percentile(shown, 0.95),
    questionShownMedian: percentile(shown, 0.5),
    questionBack: percentile(back, 0.95),
    joinMedian: percentile(played.joins, 0.5),
    joinWorst: percentile(played.joins, 1),
    acts: played.acts.filter((a) => a.failed !== "").length,
    roads: Math.max(...played.roads.filter((r) => !r.cut).map((r) => r.built)),
    goroutines: [played.empty.goroutines, Math.max(...played.weights.map((w) => w.goroutines)), played.after.goroutines],
    memory: [played.empty.rss, Math.max(...played.weights.map((w) => w.rss)), played.after.rss].map(Math.round),
    goroutinesKept: played.after.goroutines - played.empty.goroutines,
    memoryKept: Math.round(played.after.rss - played.empty.rss),
    faults: played.faults.length,
    cores: availableParallelism(),
    load: [0.5, 1].map((share) => percentile(played.weights.map((w) => w.load), share)),
  };
}

/** Shares must reach their limit; everything else must stay at or under it. */
function judge(figures, limits) {
  return Object.entries(limits).map(([name, limit]) => {
    const value = figures[name];
    return { name, value, limit, kept: name === "moving" ? value >= limit : value <= limit };
  });
}

const WORDS = {
  moving: ["share of seconds with a moving picture, worst page", percent],
  longestFrozen: ["longest time without a new picture", seconds],
  longestSilent: ["longest time without sound", seconds],
  questionUp: ["a question reaches the studio, 95 of 100", milliseconds],
  questionShown: ["a card stands on every wall, 95 of 100", milliseconds],
  lost: ["questions that did not come back answered", String],
  acts: ["acts of the script that did not go through", String],
  roads: ["peer connections built by a page, most", String],
  goroutinesKept: ["goroutines left after everybody has gone", String],
  memoryKept: ["MB left after everybody has gone", String],
  faults: ["console errors, failed or foreign requests, policy violations", String],
};

const TIMED = {
  pace: "the rooms' pace stands in the studio after",
  exercise: "an instruction stands on every wall after",
  guest: "a guest who was thanked reads so after",
  "cut-said": "a wall whose line is cut says so after",
  "cut-back": "its picture moves again, the line being back, after",
  announcement: "an announcement stands on every « Ma salle » after",
  slate: "an incident stands on every wall after",
};

function percent(v) {
  return `${(100 * v).toFixed(1)} %`;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

function milliseconds(ms) {
  return `${Math.round(ms)} ms`;
}

function write({ minutes, kept, figures, verdicts, pages, questions, weights, acts, times, events, faults, roads, start }) {
  const lines = [
    `# Rehearsal: a séance of ${minutes} minutes`,
    "",
    `One mediator, nobody at the régie, ${pages.length} pages that watch, ${figures.questions} questions, ${figures.secondsDue} page-seconds looked at. **${kept ? "Every limit was kept." : "A limit was not kept."}**`,
    "",
    "| what | measured | limit | |",
    "|---|---|---|---|",
    ...verdicts.map(({ name, value, limit, kept: good }) => `| ${WORDS[name][0]} | ${WORDS[name][1](value)} | ${WORDS[name][1](limit)} | ${good ? "kept" : "**not kept**"} |`),
    "",
    `Also: ${figures.freezes} freezes of 2.5 s or more on all pages together; a question reaches the studio in ${milliseconds(figures.questionUpMedian)} (median), a card every wall in ${milliseconds(figures.questionShownMedian)}; the asker reads « répondue » within ${milliseconds(figures.questionBack)} (95 of 100); after a start or a pause a page shows the picture in ${milliseconds(figures.joinMedian)} (median), ${milliseconds(figures.joinWorst)} at worst, the test's own looking included; goroutines ${figures.goroutines.join(" → ")} and memory ${figures.memory.join(" → ")} MB (empty → most → empty again). The machine: ${figures.cores} cores for the server and every browser at once, load ${figures.load.map((l) => l.toFixed(0)).join(" (median), ")} at most: a load well above the cores shows in stillness and silence.`,
    "",
    "## Each page",
    "",
    "| page | seconds due | moving | sound | longest still | longest silent | frames/s | peer connections |",
    "|---|---|---|---|---|---|---|---|",
    ...pages.map((p) => `| ${p.name} | ${p.due} | ${percent(p.moving)} | ${percent(p.heard)} | ${seconds(p.longestFrozen)} | ${seconds(p.longestSilent)} | ${p.fps.toFixed(1)} | ${roads.find((r) => r.name === p.name)?.built ?? "-"} |`),
    "",
    "A voice pauses: a second without sound is no fault, several in a row are.",
    "",
    ...pages.flatMap((p) => [...told(p.name, "still", p.freezes, start), ...told(p.name, "silent", p.silences, start)]),
    "",
    "## The server over time",
    "",
    "| at | goroutines | MB | load |",
    "|---|---|---|---|",
    ...weights.filter((_, i) => i % Math.max(1, Math.floor(weights.length / 20)) === 0).map((w) => `| ${clock(w.at)} | ${w.goroutines} | ${w.rss.toFixed(0)} | ${w.load.toFixed(0)} |`),
    "",
    "## The script",
    "",
    "| act | took | |",
    "|---|---|---|",
    ...acts.map((a) => `| ${a.words} | ${seconds(a.ms)} | ${a.failed || "done"} |`),
    "",
    `What people waited for: ${times.map((t) => `${TIMED[t.what] || t.what} ${milliseconds(t.ms)}`).join("; ")}.`,
    "",
    "## What happened",
    "",
    ...events.map((e) => `- ${clock(e.at)} ${e.words}`),
    "",
    "## Questions",
    "",
    "| | from | up | shown | answered read |",
    "|---|---|---|---|---|",
    ...questions.map((q) => `| ${q.n} | ${q.from} | ${q.up} ms | ${q.shown} ms | ${q.back} ms |`),
    "",
    faults.length > 0 ? `## Faults\n\n${faults.map((f) => `- ${f}`).join("\n")}\n` : "No fault was seen on any page.\n",
  ];
  return lines.join("\n");
}

/** When a page stood still or was silent for long. */
function told(page, how, stretches, start) {
  return stretches.map(({ at, ms }) => `- ${clock(Math.round((at - start) / 1000))} ${page}: ${how} for ${seconds(ms)}`);
}

function clock(s) {
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}
