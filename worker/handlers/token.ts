import { authenticateKey, authenticateToken, bearerOf } from "../app/authenticate.ts";
import { issueToken, revokeEverybody, revokeUser } from "../app/issue-token.ts";
import { limitRate } from "../app/limit-rate.ts";
import type { RouteContext } from "../app/route-context.ts";
import { checkOrigin } from "../app/sender.ts";
import { TokenSession } from "../app/token-session.ts";
import { jsonOrText, readBody } from "../http/body.ts";
import { Refusal } from "../http/problem.ts";
import { maxTokenBytes } from "../limits.ts";
import { decodeExchange, decodeRevocation } from "../schemas/token-schema.ts";
import { appOfToken } from "../tokens/sealed-token.ts";

const rules = { types: jsonOrText, maxBytes: maxTokenBytes };

/** `POST /v1/token`: a credential is shown once, and exchanged for a token that is sent with heartbeats from then on. */
export async function postToken(route: RouteContext): Promise<Response> {
  const { request, isolate, facts, now } = route;
  const body = await readBody(request, { ...rules, decode: decodeExchange }, isolate.readings);
  const { role, app, keyRevision } = await authenticateKey(isolate.apps, body.key, now);
  if (role !== "pub" && role !== "secret") {
    throw new Refusal("wrong-role", "this key can't report activity: expected the public key");
  }
  checkOrigin(facts.origin, app.settings.origins);
  if (role === "pub") await limitRate(route, app.name.app, "exchanges");
  return isolate.inFlight.run("reports", true, async () =>
    Response.json(await issueToken(app, { role, revision: keyRevision }, body, now)),
  );
}

/**
 * `DELETE /v1/token`: with a token as bearer its client's tokens are revoked (a logout); with a secret key and a user
 * those of all the user's clients (a new password), or those of everybody (`{"all":true}`).
 */
export async function deleteToken(route: RouteContext): Promise<Response> {
  const { request, isolate, now } = route;
  const bearer = bearerOf(request);
  if (bearer !== null && appOfToken(bearer) !== null) {
    const { claims, app } = await authenticateToken(isolate.apps, bearer, now);
    await limitRate(route, app.name.app, "exchanges");
    await isolate.inFlight.run("reports", true, () => new TokenSession(app, claims).revoke());
    return Response.json({ revoked: true });
  }
  const { role, app } = await authenticateKey(isolate.apps, bearer, now);
  if (role !== "secret")
    throw new Refusal("wrong-role", "expected the token itself or a secret key as bearer");
  const { user } = await readBody(request, { ...rules, decode: decodeRevocation });
  await isolate.inFlight.run("reports", false, () =>
    user === undefined ? revokeEverybody(app, now) : revokeUser(app, user),
  );
  return Response.json({ revoked: true });
}
