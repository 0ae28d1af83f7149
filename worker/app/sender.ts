import { type AppContext, authenticate, authenticateToken } from "./apps.ts";
import type { Env } from "../env.ts";
import type { HeartbeatBody } from "../schemas/beat-schema.ts";
import { Refusal } from "../http/problem.ts";
import { TokenSession } from "./token-session.ts";

/** Who reports activity through a public door. */
export interface Sender {
  context: AppContext;
  role: "pub" | "secret" | "token";
  /** Whether somebody vouches for who was active: a signed identity, or the app's own server. */
  isVerified: boolean;
  /** Null where a key was shown. */
  token: TokenSession | null;
}

/** Checks the credential of a heartbeat's body, and that the page may use it. Throws a `Refusal`. */
export async function senderOf(
  env: Env,
  request: Request,
  body: HeartbeatBody,
  now: number,
): Promise<Sender> {
  const sender = body.token === undefined ? await byKey(env, body, now) : await byToken(env, body, now);
  checkOrigin(request, sender.context.config.settings.origins);
  return sender;
}

async function byToken(env: Env, { key, token = "" }: HeartbeatBody, now: number): Promise<Sender> {
  if (key !== undefined) throw new Refusal("malformed-body", "expected either key or token, not both");
  const { claims, context } = await authenticateToken(env, token, now);
  return {
    context,
    role: "token",
    isVerified: claims.isVerified,
    token: new TokenSession(env, context, claims),
  };
}

async function byKey(env: Env, { key, beats, invalidate }: HeartbeatBody, now: number): Promise<Sender> {
  if (invalidate === true) throw new Refusal("malformed-body", "invalidate: expected the token beside it");
  const { role, context } = await authenticate(env, key, now);
  if (role !== "pub" && role !== "secret") {
    throw new Refusal("wrong-role", "this key reports no activity: expected the public key");
  }
  if (role === "pub" && context.config.settings.identity === "signed" && beats.some(namesUser)) {
    throw new Refusal(
      "identity-required",
      "this app takes signed identities: expected a token of POST /v1/token in place of the key",
      { "www-authenticate": "Bearer" },
    );
  }
  return { context, role, isVerified: role === "secret", token: null };
}

function namesUser(beat: unknown): boolean {
  return typeof beat === "object" && beat !== null && Object.hasOwn(beat, "user");
}

/** Browsers name the page's origin and can't be made to lie about it; what isn't a browser names none. */
export function checkOrigin(request: Request, allowed: readonly string[]): void {
  const origin = request.headers.get("origin");
  if (allowed.length === 0 || origin === null || allowed.includes(origin)) return;
  throw new Refusal("origin-not-allowed", "the page's origin is not among the app's `origins` setting");
}
