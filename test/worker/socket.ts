import { exports } from "cloudflare:workers";
import { liveProtocol, pingText } from "../../sdk/wire.ts";
import type { AppClient } from "./client.ts";

/** An open socket to `/v1/live`, as an outside client has it. */
export class LiveSocket {
  readonly #ws: WebSocket;
  readonly #received: string[] = [];
  readonly #closed: Promise<{ code: number; reason: string }>;
  #wake = () => {};

  private constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.addEventListener("message", ({ data }) => {
      this.#received.push(String(data));
      this.#wake();
    });
    this.#closed = new Promise((resolve) => {
      ws.addEventListener("close", ({ code, reason }) => {
        ws.close();
        resolve({ code, reason });
      });
    });
    ws.accept();
  }

  /** Opens a socket and says nothing yet. */
  static async open(headers: Record<string, string> = {}): Promise<LiveSocket> {
    const response = await upgrade({ "sec-websocket-protocol": liveProtocol, ...headers });
    if (response.webSocket === null) throw new Error(`${response.status}: ${await response.text()}`);
    return new LiveSocket(response.webSocket);
  }

  /** Opens a socket of somebody; resolves once they are counted. */
  static async of(app: AppClient, beat: object, more: object = {}): Promise<LiveSocket> {
    const socket = await LiveSocket.open();
    socket.send(JSON.stringify({ key: await app.key("pub"), beats: [beat], ...more }));
    return socket;
  }

  send(message: string | ArrayBuffer): void {
    this.#ws.send(message);
  }

  /** Pings, and resolves with what it is answered. */
  async ping(): Promise<string> {
    this.send(pingText);
    return this.next();
  }

  /** The next message. */
  async next(): Promise<string> {
    while (this.#received.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#received.shift() as string;
  }

  /** Closes it; resolves when the server has answered. */
  async close(): Promise<void> {
    this.#ws.close(1000, "done");
    await this.#closed;
  }

  /** Resolves when the server closes it. */
  closed(): Promise<{ code: number; reason: string }> {
    return this.#closed;
  }
}

/** A request for an upgrade, with these headers besides. */
export function upgrade(headers: Record<string, string>): Promise<Response> {
  return exports.default.fetch(
    new Request("https://headcount.test/v1/live", { headers: { upgrade: "websocket", ...headers } }),
  );
}
