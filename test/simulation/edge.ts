import {
  type ActivityResponse,
  type HeartbeatRequest,
  type HeartbeatResponse,
  liveProtocol,
} from "../../sdk/wire.ts";
import { Isolate } from "../../worker/app/isolate.ts";
import type { SettingsChange } from "../../worker/counting/app-settings.ts";
import { dayMs } from "../../worker/limits.ts";
import { fetchRoute } from "../../worker/routes.ts";
import type { Keys } from "./keys.ts";
import type { Ledger, SentBeat } from "./ledger.ts";
import type { Objects } from "./objects.ts";
import type { ClientSocket } from "./sockets.ts";
import type { Actor, World } from "./world.ts";

const origin = "https://headcount.test";

/** One of the Workers at the edge: an isolate with the service in it, spoken to by requests alone. */
export class Edge {
  actor: Actor;
  readonly #world: World;
  readonly #objects: Objects;
  readonly #keys: Keys;
  readonly #ledger: Ledger;
  #isolate: Isolate;

  constructor(name: string, world: World, objects: Objects, keys: Keys, ledger: Ledger) {
    this.actor = { name, skewMs: world.between(-50, 50), isAlive: true };
    this.#world = world;
    this.#objects = objects;
    this.#keys = keys;
    this.#ledger = ledger;
    this.#isolate = new Isolate(objects.env);
  }

  /** Another isolate takes its place: memory is empty, what was under way is not answered. */
  restart(): void {
    this.#world.note(`restart ${this.actor.name}`);
    this.actor.isAlive = false;
    this.actor = { ...this.actor, isAlive: true };
    this.#isolate = new Isolate(this.#objects.env);
  }

  /** A heartbeat as a client sends it, but for the key: devices have one each, so that the SDK tells them apart. */
  async heartbeat(text: string): Promise<Response> {
    const body = JSON.parse(text) as HeartbeatRequest;
    const linked = this.#noteLink(body);
    const sent = this.#ledger.offer(shifted(body, Date.now()), Date.now(), this.#world.now, 7 * dayMs);
    const response = await this.fetch("POST", "/v1/heartbeat", { ...body, key: this.#keys.pub }, null);
    if (!response.ok) return response;
    const { rejected } = (await response.clone().json()) as HeartbeatResponse;
    const isRejected = new Set(rejected.map(({ index }) => index));
    this.#ledger.acknowledge(
      sent.filter((_, index) => !isRejected.has(index)),
      this.#world.now,
    );
    linked?.();
    return response;
  }

  /** A socket of `GET /v1/live`, or null where there is none to be had. */
  async live(): Promise<ClientSocket | null> {
    const headers = { upgrade: "websocket", "sec-websocket-protocol": liveProtocol };
    const response = await this.#request(new Request(`${origin}/v1/live`, { headers }));
    return response.webSocket as unknown as ClientSocket | null;
  }

  /** What a client says first on its socket. */
  firstMessage(who: { user: string } | { anonymous: string }, dimensions: Record<string, string>): string {
    return JSON.stringify({ key: this.#keys.pub, beats: [{ ...who, dimensions }] });
  }

  /** Activity that a server of the app reports. */
  async activity(beats: SentBeat[]): Promise<void> {
    const sent = this.#ledger.offer(beats, Date.now(), this.#world.now, 400 * dayMs);
    const { errors } = (await this.#ask("POST", "/v1/activity", { beats })) as ActivityResponse;
    const isRefused = new Set(errors.map(({ line }) => line));
    this.#ledger.acknowledge(
      sent.filter((_, index) => !isRefused.has(index + 1)),
      this.#world.now,
    );
  }

  /** A sign of life of now that a server of the app passes on as it comes, the same body each time. */
  async signOfLife(beat: SentBeat): Promise<void> {
    const sent = this.#ledger.offer([beat], Date.now(), this.#world.now, 7 * dayMs);
    const body = { key: this.#keys.secret, beats: [beat] };
    const { ok } = await this.fetch("POST", "/v1/heartbeat", body, null);
    if (ok) this.#ledger.acknowledge(sent, this.#world.now);
  }

  heartbeatWithOldKey(beats: SentBeat[]): Promise<Response> {
    return this.fetch("POST", "/v1/heartbeat", { key: this.#keys.oldPub, beats }, null);
  }

  exchange(of: { client: string; user: string }): Promise<Response> {
    return this.fetch("POST", "/v1/token", { ...of, key: this.#keys.pub }, null);
  }

  /** Revokes what all of a user's clients hold: a new password. */
  async revoke(user: string): Promise<void> {
    await this.#ask("DELETE", "/v1/token", { user });
  }

  /** Revokes all tokens of the app. */
  async revokeEverybody(): Promise<void> {
    await this.#ask("DELETE", "/v1/token", { all: true });
  }

  async link(from: string, to: string): Promise<void> {
    await this.#ask("POST", "/v1/links", { from, to });
  }

  async exclude(user: string): Promise<void> {
    await this.#ask("POST", "/v1/exclusions", { user });
  }

  async include(user: string): Promise<void> {
    await this.#ask("DELETE", "/v1/exclusions", { user });
  }

  /** @param mayBeRefused whether it is no failure that settings don't go together */
  async set(change: SettingsChange, mayBeRefused = false): Promise<void> {
    const { status } = await this.fetch("PUT", "/v1/settings", change, this.#keys.secret);
    if (status !== 200 && !(mayBeRefused && status === 422)) throw new Error(`PUT /v1/settings: ${status}`);
  }

  /** Resolves once all that was acknowledged is in the roll-up. */
  async push(): Promise<void> {
    await this.#ask("GET", "/v1/active?fresh=1");
  }

  #noteLink({ beats, link }: HeartbeatRequest): (() => void) | null {
    const user = beats.find((beat) => beat.user !== undefined)?.user;
    if (link === undefined || user === undefined) return null;
    return this.#ledger.linking(`anonymous ${link.anonymous}`, `user ${user}`, this.#world.now);
  }

  /** What a server with the secret key is answered. Throws where it is refused. */
  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.fetch(method, path, body, this.#keys.secret);
    if (response.ok) return response.json();
    throw new Error(`${method} ${path}: ${response.status}`);
  }

  /** Any request, with a key or a token as bearer. A text goes as NDJSON, all else as JSON. */
  async fetch(method: string, path: string, body: unknown, bearer: string | null): Promise<Response> {
    const request = new Request(origin + path, {
      method,
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(typeof body === "string" && { "content-type": "application/x-ndjson" }),
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return this.#request(request);
  }

  async #request(request: Request): Promise<Response> {
    const isolate = this.#isolate;
    const response = await fetchRoute(request, this.#objects.env, () => isolate);
    if (response.status === 500) this.#world.mishaps.push(`${request.method} ${request.url} ended in a 500`);
    return response;
  }
}

/** The beats by the edge's clock: a client's that is off by more than a minute is set right. */
function shifted({ beats, now: said }: HeartbeatRequest, now: number): SentBeat[] {
  const offMs = said === undefined ? 0 : now - said;
  if (Math.abs(offMs) <= 60_000) return beats;
  return beats.map((beat) => (beat.at === undefined ? beat : { ...beat, at: beat.at + offMs }));
}
