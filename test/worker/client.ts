import { env, exports } from "cloudflare:workers";
import { beforeEach, expect } from "vitest";
import type { ActivityResponse, HeartbeatResponse, TokenResponse } from "../../sdk/wire.ts";
import type { Role } from "../../worker/roles.ts";
import { KeyRing } from "../../worker/app/keys.ts";
import { UserHasher } from "../../worker/ingest/user-hasher.ts";
import { rollupName, shardName } from "../../worker/app/object-names.ts";
import { stayWithinSlot } from "../support/slot.ts";

export interface ActiveAnswer {
  app: string;
  at: string;
  definition: string;
  windows: {
    window: string;
    from: string;
    to: string;
    count: number | null;
    low: number | null;
    high: number | null;
    reason?: string;
  }[];
}

interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
}

// No test runs from one slot, or one day, into the next.
beforeEach(stayWithinSlot, 60_000);

const ring = await KeyRing.from(env.HEADCOUNT_SECRET);

/** One app, spoken to as an outside client would: through the Worker's own doors. */
export class AppClient {
  readonly app: string;

  constructor(app: string) {
    this.app = app;
  }

  key(role: Role, revision = 0): Promise<string> {
    return ring.keyFor(this.app, role, revision);
  }

  /** What only the service has: the key that seals the app's tokens. */
  tokenKey(): Promise<CryptoKey> {
    return ring.sealingKey(this.app, "token");
  }

  async fetch(path: string, init: RequestInit = {}, role: Role = "secret"): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) headers.set("authorization", `Bearer ${await this.key(role)}`);
    return exports.default.fetch(new Request(`https://headcount.test${path}`, { ...init, headers }));
  }

  async heartbeat(beats: unknown[], init: RequestInit = {}): Promise<Response> {
    return exports.default.fetch(
      new Request("https://headcount.test/v1/heartbeat", {
        method: "POST",
        body: JSON.stringify({ key: await this.key("pub"), beats }),
        ...init,
      }),
    );
  }

  async beat(...beats: unknown[]): Promise<HeartbeatResponse> {
    return okJson(await this.heartbeat(beats));
  }

  /** `POST /v1/token` with the public key, unless the body names another. */
  async exchange(body: Record<string, unknown>): Promise<Response> {
    return exports.default.fetch(
      new Request("https://headcount.test/v1/token", {
        method: "POST",
        body: JSON.stringify({ key: await this.key("pub"), ...body }),
      }),
    );
  }

  /** A new token. */
  async token(body: Record<string, unknown>): Promise<string> {
    return (await okJson<TokenResponse>(await this.exchange(body))).token;
  }

  /** A heartbeat with a token in place of the key. */
  async report(token: string, body: Record<string, unknown> = {}): Promise<Response> {
    return exports.default.fetch(
      new Request("https://headcount.test/v1/heartbeat", {
        method: "POST",
        body: JSON.stringify({ token, beats: [{}], ...body }),
      }),
    );
  }

  async import(beats: unknown[]): Promise<ActivityResponse> {
    return okJson(await this.activity(beats));
  }

  /** `POST /v1/activity`: beats as NDJSON, or a body of another type. */
  activity(
    beats: readonly unknown[] | BodyInit,
    headers: Record<string, string> = {},
    query = "",
  ): Promise<Response> {
    return this.fetch(`/v1/activity${query}`, {
      method: "POST",
      body: Array.isArray(beats) ? beats.map((beat) => JSON.stringify(beat)).join("\n") : (beats as BodyInit),
      headers: { "content-type": "application/x-ndjson", ...headers },
    });
  }

  async active(query: string): Promise<ActiveAnswer> {
    return okJson(await this.fetch(`/v1/active?${query}`, {}, "read"));
  }

  /** The one count that a query gives, with all that was acknowledged in it. */
  async count(query: string): Promise<number | null> {
    return (await this.active(`fresh=1&${query}`)).windows[0]?.count ?? null;
  }

  async set(settings: Record<string, unknown>): Promise<Record<string, unknown>> {
    return okJson(await this.fetch("/v1/settings", { method: "PUT", body: JSON.stringify(settings) }));
  }

  /** The token of a view that is shared by a reader. */
  async share(view: Record<string, unknown>): Promise<string> {
    const init = { method: "POST", body: JSON.stringify(view) };
    return (await okJson<{ token: string }>(await this.fetch("/v1/share", init, "read"))).token;
  }

  async shard(index = 0) {
    return env.SHARDS.getByName(shardName(await this.#name(), index));
  }

  async rollup() {
    return env.ROLLUPS.getByName(rollupName(await this.#name()));
  }

  async #name() {
    const { keyId } = await UserHasher.from(await ring.userHashKey(this.app));
    return { app: this.app, keyId };
  }
}

async function okJson<Body>(response: Response): Promise<Body> {
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json();
}

/** Names of people: `user-0`, `user-1`, … */
export function people(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `user-${from + index}`);
}

/** The problem document of a refusal, checked to be one. */
export async function problem(
  response: Response | Promise<Response>,
): Promise<Problem & Record<string, unknown>> {
  const answered = await response;
  expect(answered.headers.get("content-type")).toBe("application/problem+json");
  const body = (await answered.json()) as Problem & Record<string, unknown>;
  expect(body.status).toBe(answered.status);
  expect(body.title).not.toBe("");
  expect(body.detail).not.toBe("");
  return body;
}
