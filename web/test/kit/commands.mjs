// Acts for which no page has a button yet, or that are no part of a story: said on the class connection itself, with somebody's own
// link, as a program of others would (signaling/wire/protocol.md).

import assert from "node:assert/strict";

/**
 * @param {import("./tab.mjs").Tab} tab  a page of the same house: its browser opens the connection
 * @param {string} link  the printed link whose right it is
 * @param {Record<string, string>} command
 * @returns {Promise<number>} when the house answered « done », ms since 1970
 */
export async function command(tab, link, command) {
  const answer = await tab.ask(speak, { token: new URL(link).hash.slice(1), command });
  assert.equal(answer.type, "done", `${command.name}: ${answer.code} ${answer.text}`);
  return answer.at;
}

/** Runs in the page. */
function speak({ token, command }) {
  return new Promise((resolve) => {
    const socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/ws", "antenne.v1");
    const device = Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", v: 1, token, device, lang: "fr" }));
    socket.onclose = () => resolve({ type: "closed", code: "closed", text: "" });
    socket.onmessage = ({ data }) => {
      const said = JSON.parse(data);
      if (said.type === "welcome") socket.send(JSON.stringify({ type: "do", id: "1", command }));
      if (said.type === "bye" || said.id === "1") {
        socket.onclose = null;
        socket.close();
        resolve({ ...said, at: Date.now() });
      }
    };
  });
}
