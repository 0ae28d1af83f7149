import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify, type JWTVerifyResult } from "jose";
import * as z from "zod";
import { userId } from "../schemas/beat-schema.ts";
import type { Result } from "../result.ts";

/** How signed identities are checked. */
export interface IdentityRules {
  /** The shared secret, or where the public keys are. */
  key: Uint8Array | JWTVerifyGetKey;
  /** The only algorithms that are taken, as JWA names them. */
  algorithms: string[];
  audience: string | null;
  issuer: string | null;
}

/** Who a signed identity says that somebody is. */
export interface SignedIdentity {
  user: string;
  /** The day on which the user first appeared, `YYYY-MM-DD`, where the identity says so. */
  since: string | undefined;
}

/** Seconds by which the app's clock and this one may differ. */
const clockSkewSeconds = 60;

const sinceClaim = z.iso.date().optional();

/**
 * Public keys at a URL. They are fetched again after ten minutes, and when one is asked for that isn't known, but then at most
 * every thirty seconds.
 */
export function remoteKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), { timeoutDuration: 5000, cooldownDuration: 30_000 });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (isAboutTheToken(error)) throw error;
      throw new KeysUnreachable("the keys that `jwt` names can't be fetched, or aren't a JSON Web Key Set");
    }
  };
}

function isAboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

/** The keys could not be fetched: nothing is known about the identity. */
export class KeysUnreachable extends Error {
  override readonly name = "KeysUnreachable";
}

/**
 * Who a JWT (RFC 7519) of the app's backend says that somebody is: `sub`, and `since` where it is there. `exp` must be
 * there; `nbf`, `aud` and `iss` are checked.
 *
 * @param now Unix milliseconds
 * @throws KeysUnreachable
 */
export async function verifyIdentity(
  jwt: string,
  { key, algorithms, audience, issuer }: IdentityRules,
  now: number,
): Promise<Result<SignedIdentity>> {
  const options = {
    algorithms,
    clockTolerance: clockSkewSeconds,
    currentDate: new Date(now),
    requiredClaims: ["sub", "exp"],
    ...(audience !== null && { audience }),
    ...(issuer !== null && { issuer }),
  };
  let verified: JWTVerifyResult;
  try {
    verified = await (typeof key === "function"
      ? jwtVerify(jwt, key, options)
      : jwtVerify(jwt, key, options));
  } catch (error) {
    return { ok: false, error: `identity: ${complaint(error)}` };
  }
  const user = userId.safeParse(verified.payload.sub);
  if (!user.success) return { ok: false, error: `identity: sub: ${user.error.issues[0]?.message}` };
  const since = sinceClaim.safeParse(verified.payload["since"]);
  if (!since.success) return { ok: false, error: "identity: since: expected a day, written YYYY-MM-DD" };
  return { ok: true, value: { user: user.data, since: since.data } };
}

/** In our own words: those of the library may quote the token. */
function complaint(error: unknown): string {
  if (error instanceof KeysUnreachable) throw error;
  if (error instanceof errors.JWTExpired) return "expired: expected one that is made when it is asked for";
  if (error instanceof errors.JWTClaimValidationFailed) return claimComplaint(error.claim, error.reason);
  if (error instanceof errors.JOSEAlgNotAllowed) return "signed with an algorithm that `jwt` doesn't allow";
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return "the signature doesn't fit the key that `jwt` names";
  }
  if (isAboutTheToken(error)) return "kid: expected the id of one of the keys that `jwt` names";
  return "expected a signed JWT in its compact form";
}

function claimComplaint(claim: string, reason: string): string {
  if (reason === "missing") return `${claim}: expected to be there`;
  if (claim === "nbf") return "not valid yet (nbf)";
  return ["aud", "iss"].includes(claim)
    ? `${claim}: expected what \`jwt\` names`
    : "expected exp, nbf and iat as numbers, and sub as a text";
}
