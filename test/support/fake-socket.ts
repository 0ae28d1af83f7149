/** A browser's WebSocket without a network: what is at its other end is played by a test. */
export class FakeSocket extends EventTarget {
  static all: FakeSocket[] = [];
  readonly sent: string[] = [];
  isClosed = false;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly url: string;
  readonly protocol: string;

  constructor(url: string, protocol: string) {
    super();
    this.url = url;
    this.protocol = protocol;
    FakeSocket.all.push(this);
  }

  static get last(): FakeSocket {
    return FakeSocket.all.at(-1) as FakeSocket;
  }

  /** Those that nobody has closed. */
  static get open(): FakeSocket[] {
    return FakeSocket.all.filter(({ isClosed }) => !isClosed);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.end(1000);
  }

  /** The connection is there. */
  accept(): this {
    this.onopen?.();
    return this;
  }

  answer(data = "pong"): void {
    this.onmessage?.({ data });
    this.dispatchEvent(new Event("message"));
  }

  /** The connection is over, by whoever. */
  end(code: number): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.onclose?.({ code });
  }

  get pings(): number {
    return this.sent.filter((text) => text === "ping").length;
  }
}

/** `navigator.locks` for tabs that share it: one at a time, in order. */
export class FakeLocks {
  readonly #queue: (() => void)[] = [];
  #isHeld = false;

  readonly request = async (
    _name: string,
    { signal }: { signal: AbortSignal },
    hold: () => Promise<unknown>,
  ): Promise<void> => {
    if (this.#isHeld) {
      await new Promise<void>((resolve, reject) => {
        this.#queue.push(resolve);
        signal.addEventListener("abort", () => reject(new Error("aborted")));
      });
      if (signal.aborted) return;
    }
    this.#isHeld = true;
    await hold();
    this.#isHeld = false;
    this.#queue.shift()?.();
  };
}
