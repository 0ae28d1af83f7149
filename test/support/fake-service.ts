import { createHeadcount, type HeadcountError, type ServerOptions } from "../../sdk/server/index.ts";
import type { Beat } from "../../sdk/wire.ts";

/** Something that looks like the Worker to a server's `fetch`, and can be told to misbehave. */
class FakeService {
  readonly requests: { method: string; path: string; headers: Headers; body: string; at: number }[] = [];
  /** What the next answers are, until it is changed. Throwing is being offline. */
  answer: (lines: number) => Response | Promise<Response> = acceptAll;

  readonly fetch = async (target: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(target instanceof Request ? target.url : target);
    const body = typeof init.body === "string" ? init.body : "";
    const { method = "GET", signal } = init;
    this.requests.push({
      method,
      path: url.pathname + url.search,
      headers: new Headers(init.headers),
      body,
      at: Date.now(),
    });
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error));
    });
    return Promise.race([this.answer(body.split("\n").length), aborted]);
  };

  /** The beats of each request, whatever became of it. */
  get batches(): Beat[][] {
    return this.requests.map(({ body }) => body.split("\n").map((line): Beat => JSON.parse(line)));
  }

  get beats(): Beat[] {
    return this.batches.flat();
  }
}

export function acceptAll(lines: number): Response {
  return Response.json({ accepted: lines, rejected: 0, errors: [] });
}

export function problem(status: number, headers: Record<string, string> = {}): () => Response {
  const body = { type: "some-slug", title: "Some title", status, detail: "what was wrong" };
  return () => new Response(JSON.stringify(body), { status, headers });
}

export function unreachable(): never {
  throw new TypeError("fetch failed");
}

/** `headcount/server` in front of a fake service. */
export function openServer(options: Partial<ServerOptions> = {}) {
  const service = new FakeService();
  const errors: HeadcountError[] = [];
  const headcount = createHeadcount({
    endpoint: "https://hc.test",
    secretKey: "hc_secret_test_mac",
    fetch: service.fetch,
    onError: (error) => errors.push(error),
    ...options,
  });
  return { headcount, service, errors };
}
