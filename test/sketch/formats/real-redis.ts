import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

type Reply = string | number | Buffer | null;

const program = "redis-server";

/** Whether there is a redis-server to start on this machine. */
export const hasRedis = canRun(program, "--version");

/**
 * A redis-server of its own, without a port, on a socket in a temporary directory that goes with it.
 * Replies are read one at a time: send the next command when the last is answered.
 */
export class RealRedis {
  readonly #server: ChildProcess;
  readonly #directory: string;
  readonly #socket: Socket;
  #received = Buffer.alloc(0);

  private constructor(server: ChildProcess, directory: string, socket: Socket) {
    this.#server = server;
    this.#directory = directory;
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
  }

  static async start(): Promise<RealRedis> {
    const directory = mkdtempSync(join(tmpdir(), "headcount-redis-"));
    const path = join(directory, "redis.sock");
    const server = spawn(
      program,
      ["--port", "0", "--unixsocket", path, "--dir", directory, "--save", "", "--appendonly", "no"],
      { stdio: "ignore" },
    );
    for (let tries = 0; !existsSync(path); tries++) {
      if (tries === 200) throw new Error("redis-server did not open its socket within 10 s");
      await wait(50);
    }
    const socket = connect(path);
    await once(socket, "connect");
    return new RealRedis(server, directory, socket);
  }

  /** The reply to one command; an error reply is thrown. */
  async send(...command: (string | Uint8Array)[]): Promise<Reply> {
    const parts = [Buffer.from(`*${command.length}\r\n`)];
    for (const argument of command) {
      const bytes = Buffer.from(argument);
      parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
    }
    this.#received = Buffer.alloc(0);
    this.#socket.write(Buffer.concat(parts));
    for (;;) {
      const reply = parseReply(this.#received);
      if (reply !== undefined) return reply;
      await once(this.#socket, "data");
    }
  }

  /** The value of a key as bytes. */
  async bytes(key: string): Promise<Buffer> {
    const reply = await this.send("GET", key);
    if (!Buffer.isBuffer(reply)) throw new Error(`GET ${key} gave no bytes`);
    return reply;
  }

  async stop(): Promise<void> {
    this.#socket.destroy();
    const ended = once(this.#server, "exit");
    this.#server.kill();
    await ended;
    rmSync(this.#directory, { recursive: true });
  }
}

/** The reply, or undefined while part of it is missing. */
function parseReply(received: Buffer): Reply | undefined {
  const end = received.indexOf("\r\n");
  if (end < 0) return undefined;
  const line = received.toString("latin1", 1, end);
  switch (String.fromCharCode(received[0]!)) {
    case "+":
      return line;
    case ":":
      return Number(line);
    case "$": {
      const length = Number(line);
      if (length < 0) return null;
      if (received.length < end + 2 + length + 2) return undefined;
      return Buffer.from(received.subarray(end + 2, end + 2 + length));
    }
    default:
      throw new Error(line);
  }
}

function canRun(command: string, argument: string): boolean {
  try {
    execFileSync(command, [argument], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
