// A line to a centre that does with a message of a transaction what it is told, once: it loses the request, or the reply,
// or holds either while something else happens. It may be down. What went over it is kept, with the time.
import { Agent, createServer, request } from "node:http";

const HOST = "127.0.0.1";
const PATIENCE_MS = 60_000;
/** The number of a message. */
const idOf = (body) => /"msgid"\s*:\s*"([^"]*)"/.exec(body)?.[1];
/** Which visit it is about, by the centre's number; none: it is not told. */
const visitOf = (body) => /"mdtrt_id"\s*:\s*"([^"]*)"/.exec(body)?.[1];
/** The transaction of a message is the end of its path. */
const infno = (path) => path.split("/").at(-1);

export class Line {
  heard = [];
  #told = [];
  #onward = new Agent({ keepAlive: true });

  /** A line to an address, up at once. */
  static async to(centre) {
    const line = new Line();
    line.centre = new URL(centre);
    await line.up();
    line.address = `http://${HOST}:${line.port}`;
    return line;
  }

  /** At the next message of a transaction, where its `request` or its `reply` passes: `work` answers whether it goes on.
   * Answers what is settled once it was met. */
  meet(transaction, stage, work) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no ${stage} of ${transaction} came over the line`)), PATIENCE_MS);
      const over = (done) => (value) => (clearTimeout(late), done(value));
      this.#told.push({ transaction, stage, work, resolve: over(resolve), reject: over(reject) });
    });
  }
  /** Loses the next of a transaction: its `request`, which the centre never sees, or its `reply`. */
  lose(transaction, stage) {
    return this.meet(transaction, stage, () => false);
  }
  /** Holds the next of a transaction there. `met` is settled once it is held, and `release` lets it go on. */
  hold(transaction, stage) {
    let release;
    const until = new Promise((resolve) => (release = resolve));
    let here;
    const met = new Promise((resolve) => (here = resolve));
    const work = async () => {
      here();
      await until;
      return true;
    };
    this.meet(transaction, stage, work).catch(() => {});
    return { met, release };
  }
  /** What was told and has not been met is told no more. */
  forget() {
    for (const told of this.#told.splice(0)) told.resolve();
  }

  /** So many messages of a transaction have reached the centre, of those heard since. */
  reached(transaction, from = 0) {
    return this.heard.slice(from).filter((one) => one.infno === transaction && one.reached).length;
  }

  /** Connections are refused. */
  down() {
    const { server } = this;
    this.server = undefined;
    return new Promise((closed) => {
      server?.close(closed);
      server?.closeAllConnections();
      if (!server) closed();
    });
  }
  /** Where it was before, if it was. */
  async up() {
    if (this.server) return;
    this.server = createServer((asked, answer) => void this.#pass(asked, answer).catch(() => answer.destroy()));
    this.server.listen(this.port ?? 0, HOST);
    await new Promise((resolve, reject) => this.server.once("listening", resolve).once("error", reject));
    this.port = this.server.address().port;
  }
  async stop() {
    this.#onward.destroy();
    await this.down();
  }

  async #pass(asked, answer) {
    const one = { infno: infno(asked.url), at: Date.now(), reached: false, answered: false };
    this.heard.push(one);
    const body = await whole(asked);
    Object.assign(one, { id: idOf(body), visit: visitOf(body) });
    if (!(await this.#goes(one.infno, "request"))) return void asked.socket.destroy();
    const came = await this.#forward(asked, body);
    one.reached = true;
    if (!(await this.#goes(one.infno, "reply"))) return void asked.socket.destroy();
    answer.writeHead(came.status, came.headers);
    answer.end(came.body);
    one.answered = true;
  }
  /** Whether it goes on there, as it was told. */
  async #goes(transaction, stage) {
    const at = this.#told.findIndex((told) => told.transaction === transaction && told.stage === stage);
    if (at < 0) return true;
    const [told] = this.#told.splice(at, 1);
    try {
      const goes = await told.work();
      told.resolve();
      return goes;
    } catch (error) {
      told.reject(error);
      return false;
    }
  }
  #forward(asked, body) {
    const { hostname, port } = this.centre;
    return new Promise((resolve, reject) => {
      const onward = request({ agent: this.#onward, hostname, port, path: asked.url, method: asked.method, headers: asked.headers }, async (came) => {
        resolve({ status: came.statusCode, headers: came.headers, body: await whole(came) });
      });
      onward.once("error", reject);
      onward.end(body);
    });
  }
}

async function whole(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}
