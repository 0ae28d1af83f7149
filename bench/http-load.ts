import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";

/** What a server did with some requests. */
export interface Load {
  perSecond: number;
  /** Requests a second of the server's processor time and its children's, which neither the client nor other work on the machine changes. */
  perCpuSecond: number;
}

/**
 * Sends requests over some connections that are kept, each of which waits for its answer before it sends the next. Throws
 * where one is not answered 200.
 */
export async function load(
  port: number,
  pid: number,
  connections: number,
  calls: number,
  requestOf: (n: number) => string,
): Promise<Load> {
  let next = 0;
  const before = await cpuSeconds(pid);
  const startedAt = performance.now();
  const worker = async () => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const answers = answersOf(socket);
    for (let n = next++; n < calls; n = next++) {
      socket.write(requestOf(n));
      const { value } = await answers.next();
      if (value !== "200") throw new Error(`expected 200, got ${value}`);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return {
    perSecond: (1000 * calls) / (performance.now() - startedAt),
    perCpuSecond: calls / ((await cpuSeconds(pid)) - before),
  };
}

/** A request as it goes over the wire. */
export function post(path: string, body: string, headers: Record<string, string> = {}): string {
  const all = { host: "localhost", "content-length": String(Buffer.byteLength(body)), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

/** A request without a body as it goes over the wire. */
export function get(path: string, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${lines.join("")}\r\n`;
}

/** The status of each answer. Every answer says how long it is. */
async function* answersOf(socket: Socket): AsyncGenerator<string> {
  let text = "";
  for await (const piece of socket.setEncoding("latin1")) {
    text += piece;
    for (;;) {
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) break;
      const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
      if (text.length < end + 4 + length) break;
      const status = text.slice(9, 12);
      text = text.slice(end + 4 + length);
      yield status;
    }
  }
}

/** Processor time so far of a process and of those that it has started (Linux). */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // One of them may end meanwhile.
  if (stat === undefined) return 0;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => ""))
    .trim()
    .split(" ");
  const ofChildren = await Promise.all(children.filter(Boolean).map((child) => cpuSeconds(Number(child))));
  // In ticks of a hundredth of a second.
  const own = (Number(fields[11]) + Number(fields[12])) / 100;
  return ofChildren.reduce((sum, seconds) => sum + seconds, own);
}
