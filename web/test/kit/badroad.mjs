// A bad line between a player and the server, in user space, without any privilege: a door of its
// own for HTTP and WebSocket which lets everything pass, but puts a lossy UDP port in place of the
// server's addresses into each answer to an offer. The player, a page of ours or a program of
// others, is not touched. Which datagrams are lost is drawn from a seed, each way from its own.

import { createSocket } from "node:dgram";
import { createServer, request } from "node:http";
import { networkInterfaces } from "node:os";

export class BadRoad {
  #door;
  #server;
  #o;
  #cut = false;
  #held = new Set(); // the connections, on both sides

  /** The datagrams of each session, oldest first. @type {Line[]} */
  lines = [];

  /**
   * @param {import("./antenne.mjs").Antenne} antenne
   * @param {{seed:number, loss:number, host?:string}} o loss: the share that is lost each way once media has begun to
   *   flow; host: where players find the UDP ports
   */
  static async open(antenne, { seed, loss, host = "127.0.0.1" }) {
    const made = new BadRoad();
    made.#server = antenne;
    made.#o = { seed, loss, host };
    made.#door = createServer((ask, answer) => made.#pass(ask, answer));
    made.#door.on("upgrade", (ask, socket, head) => made.#join(ask, socket, head));
    made.#door.on("connection", (socket) => made.#meet(socket));
    await new Promise((resolve) => made.#door.listen(0, "127.0.0.1", resolve));
    made.host = `127.0.0.1:${made.#door.address().port}`;
    made.url = `http://${made.host}`;
    return made;
  }

  #meet(socket) {
    this.#held.add(socket);
    socket.on("close", () => this.#held.delete(socket));
    if (this.#cut) hold(socket);
  }

  /** Nothing passes any more, either way, and nobody says so: as when a box in a cellar is unplugged. */
  cut() {
    this.#cut = true;
    for (const line of this.lines) line.cut = true;
    for (const socket of this.#held) hold(socket);
  }

  /** What was held back is lost, as it is when a connection was given up meanwhile; what comes now passes. */
  mend() {
    this.#cut = false;
    for (const line of this.lines) line.cut = false;
    for (const socket of this.#held) socket.destroy();
  }

  /** The same link, by this road. */
  link(url) {
    return url.replace(this.#server.url, this.url);
  }

  #forward(ask) {
    const headers = { ...ask.headers, host: this.#server.host };
    if (headers.origin) headers.origin = this.#server.url;
    return request({ host: "127.0.0.1", port: this.#server.ports.http, method: ask.method, path: ask.url, headers });
  }

  #pass(ask, answer) {
    if (this.#cut) return; // a connection that stood before may still have brought it
    const onward = this.#forward(ask);
    onward.on("error", () => answer.destroy());
    onward.on("response", async (got) => {
      if (got.headers["content-type"] !== "application/sdp" || got.statusCode !== 201) {
        answer.writeHead(got.statusCode, got.headers);
        got.pipe(answer);
        return;
      }
      const body = Buffer.from(await this.#detour(await text(got)));
      answer.writeHead(got.statusCode, { ...got.headers, "content-length": body.length });
      answer.end(body);
    });
    ask.pipe(onward);
  }

  #join(ask, socket, head) {
    const onward = this.#forward(ask);
    onward.on("upgrade", (got, server, first) => {
      const lines = Object.entries(got.headers).map(([key, value]) => `${key}: ${value}\r\n`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`);
      socket.write(first);
      server.write(head);
      this.#meet(server);
      for (const [from, to] of [[socket, server], [server, socket]]) {
        from.pipe(to);
        from.on("error", () => to.destroy());
        from.on("close", () => to.destroy());
      }
    });
    onward.on("response", () => socket.destroy());
    onward.on("error", () => socket.destroy());
    onward.end();
  }

  /** The answer with one address in it, that of a lossy line of its own. */
  async #detour(sdp) {
    const { seed, loss, host } = this.#o;
    const line = await Line.open({ host, server: this.#server.ports.media, seed: seed + 2 * this.lines.length, loss });
    this.lines.push(line);
    const [first] = /a=candidate:[^\r\n]*\r\n/.exec(sdp);
    const at = sdp.indexOf(first);
    return sdp.slice(0, at) + `a=candidate:1 1 udp 2130706431 ${host} ${line.port} typ host\r\n` + sdp.slice(at).replace(/a=candidate:[^\r\n]*\r\n/g, "");
  }

  async close() {
    for (const line of this.lines) line.close();
    this.#door.closeAllConnections();
    await new Promise((resolve) => this.#door.close(resolve));
  }
}

/** The datagrams of one session. */
class Line {
  #near; // the socket that the player knows
  #far; // the socket that the server knows
  #player = null;
  #open = false;
  cut = false;
  up = { passed: 0, lost: 0 };
  down = { passed: 0, lost: 0 };

  static async open({ host, server, seed, loss }) {
    const made = new Line();
    made.#near = await bound(host);
    made.#far = await bound("127.0.0.1");
    made.port = made.#near.address().port;
    const unlucky = { up: dice(seed), down: dice(seed + 1) };
    made.#near.on("message", (datagram, from) => {
      made.#player = from;
      if (!made.#loses(made.up, unlucky.up, loss)) made.#far.send(datagram, server, "127.0.0.1");
    });
    made.#far.on("message", (datagram) => {
      if (isMedia(datagram)) made.#open = true;
      if (made.#player && !made.#loses(made.down, unlucky.down, loss)) made.#near.send(datagram, made.#player.port, made.#player.address);
    });
    return made;
  }

  /** Before the first packet of media all pass: it is the lossy class that is tried, not the handshake. */
  #loses(way, unlucky, loss) {
    const lost = this.cut || (this.#open && unlucky() < loss);
    if (lost) way.lost++;
    else way.passed++;
    return lost;
  }

  toString() {
    return `lost ${this.down.lost} of ${this.down.lost + this.down.passed} down, ${this.up.lost} of ${this.up.lost + this.up.passed} up`;
  }

  close() {
    this.#near.close();
    this.#far.close();
  }
}

/** A connection that stands and through which nothing comes. */
function hold(socket) {
  socket.unpipe();
  socket.pause();
}

/** RTP or RTCP among what shares the port (RFC 7983). */
const isMedia = (datagram) => datagram.length > 0 && datagram[0] >= 128 && datagram[0] <= 191;

function bound(host) {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 20, sendBufferSize: 1 << 20 });
    socket.on("error", reject);
    socket.bind(0, host, () => resolve(socket));
  });
}

async function text(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Numbers in 0..1 that look random and are the same each time (mulberry32). */
function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** An IPv4 address of this machine that is not loopback: Firefox and libnice use no other. */
export function ownAddress() {
  for (const addresses of Object.values(networkInterfaces())) {
    const found = addresses.find((a) => a.family === "IPv4" && !a.internal);
    if (found) return found.address;
  }
  throw new Error("Firefox and GStreamer need an IPv4 address beside 127.0.0.1 to play media");
}
