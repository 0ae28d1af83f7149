/** What the simulation uses of the SDK, in types of its own: those of the page and those of the Worker don't go together. */
export interface Headcount {
  identify(user: string, about?: { dimensions?: Record<string, string> }): void;
  shutdown(): void;
}

interface InitOptions {
  endpoint: string;
  key: string;
  fetch: (url: string, request: { body: string }) => Promise<unknown>;
  storage: { getItem(name: string): string | null; setItem(name: string, value: string): void };
  lifecycle: { isVisible(): boolean; subscribe(wake: () => void): () => void };
}

// By a name that the type checker does not follow.
const entry: string = "../../sdk/index.ts";

/** The SDK's own `init`. */
export const { init } = (await import(entry)) as { init: (options: InitOptions) => Headcount };
