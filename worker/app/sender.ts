import { Refusal } from "../http/problem.ts";
import type { HeartbeatBody } from "../schemas/beat-schema.ts";
import { isAllowedOrigin } from "../schemas/origin.ts";
import type { App } from "./app.ts";
import { authenticateKey, authenticateToken } from "./authenticate.ts";
import type { SenderContext } from "./route-context.ts";
import { TokenSession } from "./token-session.ts";

/** Who reports activity through a public door. */
export interface Sender {
  app: App;
  role: "pub" | "secret" | "token";
  /** Whether somebody vouches for who was active: a signed identity, or the app's own server. */
  isVerified: boolean;
  /** Null where a key was shown. */
  token: TokenSession | null;
}

/** Checks the credential of a heartbeat's body, and that the page may use it. Throws a `Refusal`. */
export async function senderOf(context: SenderContext, body: HeartbeatBody): Promise<Sender> {
  const sender = body.token === undefined ? await byKey(context, body) : await byToken(context, body);
  checkOrigin(context.facts.origin, sender.app.settings.origins);
  return sender;
}

async function byToken({ isolate, now }: SenderContext, { key, token = "" }: HeartbeatBody): Promise<Sender> {
  if (key !== undefined) throw new Refusal("malformed-body", "expected either key or token, not both");
  const { claims, app } = await authenticateToken(isolate.apps, token, now);
  return { app, role: "token", isVerified: claims.isVerified, token: new TokenSession(app, claims) };
}

async function byKey(
  { isolate, now }: SenderContext,
  { key, beats, invalidate }: HeartbeatBody,
): Promise<Sender> {
  if (invalidate === true)
    throw new Refusal("malformed-body", "invalidate: expected a token in the same request");
  const { role, app } = await authenticateKey(isolate.apps, key, now);
  if (role !== "pub" && role !== "secret") {
    throw new Refusal("wrong-role", "this key can't report activity: expected the public key");
  }
  if (role === "pub" && app.settings.identity === "signed" && beats.some(namesUser)) {
    throw new Refusal(
      "identity-required",
      "this app accepts only signed identities: send a token from POST /v1/token instead of the key",
      { "www-authenticate": "Bearer" },
    );
  }
  return { app, role, isVerified: role === "secret", token: null };
}

function namesUser(beat: unknown): boolean {
  return ((beat as { user?: unknown } | null)?.user ?? null) !== null;
}

/** What isn't a browser names no origin, and is let through. */
export function checkOrigin(origin: string | null, allowed: readonly string[]): void {
  if (allowed.length === 0 || origin === null || isAllowedOrigin(origin, allowed)) return;
  throw new Refusal(
    "origin-not-allowed",
    "the page's origin is not in the app's `origins` setting: add it there",
  );
}
