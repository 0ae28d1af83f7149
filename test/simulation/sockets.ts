import { sabotage } from "./sabotage.ts";
import type { World } from "./world.ts";

/** What somebody who watches one socket is told. Times are by the clock of whoever acts. */
export interface SocketWatcher {
  /** Its first message is about to be judged. */
  judged(at: number): void;
  /** Its gate has noted that its user counts, first at this time. */
  counted(at: number): void;
  pinged(at: number): void;
}

/** What a gate's side of the platform does with what arrives. */
export interface GateSide {
  readonly gate: string;
  receive(socket: ServerSocket, text: string): void;
  hearClose(socket: ServerSocket, code: number, reason: string): void;
  /** Resolves once all that the gate wrote is durable. */
  flushed(): Promise<void>;
}

const [open, closing, closed] = [1, 2, 3];

/** The client's end of a WebSocket. What arrives before `connect` waits. */
export class ClientSocket {
  server!: ServerSocket;
  isOpen = true;
  readonly #world: World;
  #waiting: (() => void)[] | null = [];
  #arrivesAt = 0;
  #onMessage: (text: string) => void = () => {};
  #onClose: (code: number) => void = () => {};

  constructor(world: World) {
    this.#world = world;
  }

  connect(watcher: SocketWatcher, onMessage: (text: string) => void, onClose: (code: number) => void): void {
    this.server.watcher = watcher;
    this.#onMessage = onMessage;
    this.#onClose = onClose;
    for (const happen of this.#waiting?.splice(0) ?? []) happen();
    this.#waiting = null;
  }

  send(text: string): void {
    if (this.isOpen) this.#travel(() => this.server.take(text));
  }

  close(code: number): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#travel(() => this.server.takeClose(code, ""));
  }

  /** The network is gone. The gate hears of it after a while, or never. */
  drop(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    if (this.#world.chance(0.5)) this.#world.soon(5000, () => this.server.takeClose(1006, ""));
  }

  hear(text: string): void {
    this.#whenConnected(() => this.isOpen && this.#onMessage(text));
  }

  hearClose(code: number, reason: string): void {
    this.#whenConnected(() => {
      if (!this.isOpen) return;
      this.isOpen = false;
      this.#world.note(`socket closed ${code} ${reason}`);
      if (code !== 1006) this.#travel(() => this.server.takeClose(code, reason));
      this.#onClose(code);
    });
  }

  #whenConnected(happen: () => void): void {
    if (this.#waiting === null) happen();
    else this.#waiting.push(happen);
  }

  /** One after the other, as on a TCP connection. */
  #travel(arrive: () => void): void {
    this.#arrivesAt = Math.max(this.#arrivesAt, this.#world.now + this.#world.between(5, 200));
    this.#world.soon(this.#arrivesAt - this.#world.now, arrive);
  }
}

/** The Worker's end of a WebSocket, with what the runtime keeps of it while its object hibernates. */
export class ServerSocket {
  readonly client: ClientSocket;
  readyState = open;
  lastPingAt: number | null = null;
  watcher: SocketWatcher | null = null;
  /** Null for a socket that no gate holds. */
  side: GateSide | null = null;
  /** Is told once the gate has dealt with the client's goodbye, or could not be started for it. */
  onGoodbye: (isHeard: boolean) => void = () => {};
  readonly #world: World;
  #attachment: unknown = null;
  #isLost = false;

  constructor(world: World, client: ClientSocket) {
    this.#world = world;
    this.client = client;
    client.server = this;
  }

  get gate(): string {
    return this.side?.gate ?? "";
  }

  accept(): void {}

  serializeAttachment(value: { phase: string; countedAt: number }): void {
    const before = this.#attachment as { phase: string } | null;
    this.#attachment = structuredClone(value);
    if (value.phase === "counted" && before?.phase !== "counted") this.watcher?.counted(value.countedAt);
  }

  deserializeAttachment(): unknown {
    return structuredClone(this.#attachment);
  }

  /** Its object hibernates: of what it knew of this socket the attachment is left. */
  hibernate(): void {
    this.#attachment = sabotage.hibernate?.(this.#attachment) ?? this.#attachment;
  }

  send(text: string): void {
    this.#leave(() => this.client.hear(text));
  }

  close(code: number, reason: string): void {
    // The last ping is forgotten with the closing frame.
    this.lastPingAt = null;
    if (this.readyState === open) this.#leave(() => this.client.hearClose(code, reason));
    this.readyState = this.readyState === open ? closing : closed;
  }

  /** The gate is gone, and the connection with it. */
  lose(): void {
    this.#isLost = true;
    this.readyState = closed;
    this.#world.soon(this.#world.between(5, 2000), () => this.client.hearClose(1006, ""));
  }

  take(text: string): void {
    if (!this.#isLost && this.readyState === open) this.side?.receive(this, text);
  }

  takeClose(code: number, reason: string): void {
    if (this.#isLost || this.side === null) return;
    if (this.readyState === open) this.readyState = closing;
    this.side.hearClose(this, code, reason);
  }

  /** Nothing leaves an object before what it wrote is durable. */
  #leave(arrive: () => void): void {
    const world = this.#world;
    void (this.side?.flushed() ?? Promise.resolve()).then(() =>
      world.soon(world.between(5, 200), () => !this.#isLost && arrive()),
    );
  }
}

/** The runtime's classes that have to do with sockets, in a world. */
export function socketClasses(world: World) {
  class WebSocketPair {
    readonly 0 = new ClientSocket(world);
    readonly 1 = new ServerSocket(world, this[0]);
  }
  class WebSocketRequestResponsePair {
    readonly request: string;
    readonly response: string;
    constructor(request: string, response: string) {
      this.request = request;
      this.response = response;
    }
  }
  return { WebSocketPair, WebSocketRequestResponsePair, Response: UpgradeResponse };
}

interface Upgrade {
  status?: number;
  webSocket?: ClientSocket;
  headers?: Record<string, string>;
}

const NodeResponse = globalThis.Response;

/** Node's `Response`, which may answer 101 with a socket besides. */
class UpgradeResponse extends NodeResponse {
  constructor(body?: BodyInit | null, init?: ResponseInit & Upgrade) {
    if (init?.status !== 101) {
      super(body, init);
      return;
    }
    super(null, init.headers === undefined ? {} : { headers: init.headers });
    Object.defineProperties(this, { status: { value: 101 }, webSocket: { value: init.webSocket } });
  }
}
