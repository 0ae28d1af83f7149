import { vi } from "vitest";
import { init } from "../../sdk/index.ts";
import type { Headcount, KeyValueStorage, Lifecycle, Options } from "../../sdk/index.ts";
import type { Beat, HeartbeatRequest } from "../../sdk/wire.ts";

/** Half a minute into a slot, at 10 o'clock UTC. */
export const start = Date.parse("2026-11-20T10:00:30Z");

/** Something that looks like the Worker to `fetch`, and can be told to misbehave. */
export class FakeServer {
  readonly requests: { url: string; request: RequestInit; body: HeartbeatRequest; at: number }[] = [];
  /** What the next answers are, until it is changed. */
  answer: () => Response | Promise<Response> = accept();

  readonly fetch = async (target: string | URL | Request, request: RequestInit = {}): Promise<Response> => {
    const url = target instanceof Request ? target.url : target.toString();
    const body: HeartbeatRequest = JSON.parse(typeof request.body === "string" ? request.body : "");
    this.requests.push({ url, request, body, at: Date.now() });
    return this.answer();
  };

  get beats(): Beat[] {
    return this.requests.flatMap(({ body }) => body.beats);
  }

  /** What each request said about the installation that was counted before. */
  get links(): HeartbeatRequest["link"][] {
    return this.requests.map(({ body }) => body.link);
  }

  get users(): (string | undefined)[] {
    return this.beats.map(({ user }) => user);
  }
}

export function accept(interval = 300): () => Response {
  return () => Response.json({ accepted: 1, rejected: [], interval });
}

export function refuse(status: number, headers: Record<string, string> = {}): () => Response {
  return () => new Response("{}", { status, headers });
}

export function offline(): Promise<Response> {
  return Promise.reject(new TypeError("Failed to fetch"));
}

/** A page that is shown and hidden by hand. */
export class FakePage implements Lifecycle {
  visible = true;
  readonly #listeners = new Set<() => void>();

  readonly isVisible = (): boolean => this.visible;

  readonly subscribe = (wake: () => void): (() => void) => {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  };

  get listeners(): number {
    return this.#listeners.size;
  }

  /** As `online` does, and everything else that may mean that somebody looks again. */
  wake(): void {
    for (const wake of this.#listeners) wake();
  }

  show(visible = true): void {
    this.visible = visible;
    this.wake();
  }
}

export class FakeStorage implements KeyValueStorage {
  readonly items = new Map<string, string>();
  getItem(name: string): string | null {
    return this.items.get(name) ?? null;
  }
  setItem(name: string, value: string): void {
    this.items.set(name, value);
  }
  get text(): string {
    return [...this.items.values()].join("\n");
  }
}

export interface Client {
  headcount: Headcount;
  server: FakeServer;
  page: FakePage;
  storage: FakeStorage;
  problems: (Error | Response)[];
  /** The same browser, a new page: what is in storage is all that is left. */
  reload(): Client;
}

let keys = 0;

/** The SDK between a fake page, a fake server and a fake storage. Each has a key, and so an instance, of its own. */
export function openClient(
  options: Partial<Options> = {},
  { server = new FakeServer(), page = new FakePage(), storage = new FakeStorage() } = {},
): Client {
  const problems: (Error | Response)[] = [];
  const key = options.key ?? `hc_pub_test${keys++}_mac`;
  const headcount = init({
    endpoint: "https://hc.test",
    key,
    fetch: server.fetch,
    storage,
    lifecycle: page,
    onError: (problem) => problems.push(problem),
    ...options,
  });
  return {
    headcount,
    server,
    page,
    storage,
    problems,
    reload() {
      headcount.shutdown();
      return openClient({ ...options, key }, { server, storage, page: new FakePage() });
    },
  };
}

/** Stops the clock at `start`; whatever is drawn is the middle, unless a test asks for more. */
export function stopTheClock(): void {
  vi.useFakeTimers({ now: start });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  vi.stubGlobal("navigator", {});
}

export function restartTheClock(): void {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
}

const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** Lets that much time pass, and everything happen that is due in it. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}
