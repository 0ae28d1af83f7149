import type { DurableObject } from "cloudflare:workers";
import { KeyRing } from "../app/keys.ts";
import type { Env } from "../env.ts";
import { Gate as RealGate } from "../objects/gate.ts";
import { Rollup as RealRollup } from "../objects/rollup.ts";
import { Shard as RealShard } from "../objects/shard.ts";
import { fetchRoute } from "../routes.ts";
import {
  armed,
  firstDue,
  followClock,
  moveClockTo,
  type Named,
  type ObjectClock,
  replaceDate,
  setClock,
} from "./clock.ts";

/**
 * The service as `headcount/testing` starts it: the same routes and objects, with a clock that a test moves. It is built by
 * itself into `dist/testing`; nothing that is deployed imports it.
 */
replaceDate();

interface TestingEnv extends Env {
  /** What moves the clock has to know it, so that no request of an app under test does by chance. */
  TESTING_TOKEN: string;
}

export { Directory } from "../objects/directory.ts";

/** What the clock asks of every object that has alarms. */
interface Clocked {
  /** Does now what its alarm would do. */
  ring(): Promise<void>;
  /** Tells the engine when the alarm is due by its own clock. */
  rearm(): Promise<void>;
}

/** The class of an object that has alarms, with the service's clock in the place of the engine's. */
function clocked(
  binding: Named["binding"],
  RealObject: new (ctx: DurableObjectState, env: Env) => DurableObject<Env> & { alarm(): Promise<void> },
) {
  return class extends RealObject implements Clocked {
    readonly #clock: ObjectClock;

    constructor(ctx: DurableObjectState, env: Env) {
      const clock = followClock(binding, ctx);
      super(ctx, env);
      this.#clock = clock;
    }

    async ring(): Promise<void> {
      await this.#clock.disarm();
      await super.alarm();
    }

    async rearm(): Promise<void> {
      await this.#clock.rearm();
    }

    override async alarm(): Promise<void> {
      this.#clock.rang();
      await super.alarm();
    }
  };
}

export const Shard = clocked("SHARDS", RealShard);
export const Rollup = clocked("ROLLUPS", RealRollup);

/** A gate that can be asked to finish judging the first messages that have come. */
class SettlingGate extends RealGate {
  readonly #judgements = new Set<Promise<void>>();

  override async webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const judgement = super.webSocketMessage(ws, message);
    this.#judgements.add(judgement);
    try {
      await judgement;
    } finally {
      this.#judgements.delete(judgement);
    }
  }

  async settle(): Promise<void> {
    await Promise.allSettled(this.#judgements);
  }
}

export const Gate = clocked("GATES", SettlingGate);

function objectOf(env: TestingEnv, { binding, name }: Named): Clocked {
  return env[binding].getByName(name) as unknown as Clocked;
}

/**
 * The alarms that are due until then come one after the other, each at its time, as they would have. A first message of a
 * socket that is being judged is judged before: else it would be taken for lost, since its time is up.
 */
async function advance(env: TestingEnv, ms: number): Promise<void> {
  const gates = armed().filter(({ binding }) => binding === "GATES");
  await Promise.all(gates.map(({ name }) => (env.GATES.getByName(name) as unknown as SettlingGate).settle()));
  const until = Date.now() + ms;
  for (let due = firstDue(until); due !== undefined; due = firstDue(until)) {
    moveClockTo(due.at);
    await objectOf(env, due).ring();
  }
  moveClockTo(until);
  await Promise.all(armed().map((object) => objectOf(env, object).rearm()));
}

async function order(request: Request, env: TestingEnv): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/advance") await advance(env, Number(searchParams.get("ms")));
  if (pathname === "/start") {
    if (searchParams.has("now")) setClock(Number(searchParams.get("now")));
    const ring = await KeyRing.from(env.HEADCOUNT_SECRET);
    const app = searchParams.get("app") ?? "";
    const [publicKey, read, secret, share] = await Promise.all(
      (["pub", "read", "secret", "share"] as const).map((role) => ring.keyFor(app, role)),
    );
    return Response.json({ now: Date.now(), keys: { public: publicKey, read, secret, share } });
  }
  return Response.json({ now: Date.now() });
}

export default {
  async fetch(request, env) {
    const isOrder = request.headers.get("x-headcount-testing") === env.TESTING_TOKEN;
    return isOrder ? order(request, env) : fetchRoute(request, env);
  },
} satisfies ExportedHandler<TestingEnv>;
