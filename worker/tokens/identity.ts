import {
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
  type JWTVerifyResult,
} from "jose";
import { readInstantOrDay } from "../instant.ts";
import { ok, refused, type Result } from "../result.ts";
import { userId } from "../schemas/user-id.ts";
import { isAboutTheToken, KeysUnreachable } from "./key-server.ts";

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
  /** When the user first appeared, where the identity says so: Unix milliseconds, or a day of the app's zone. */
  since: number | string | undefined;
}

/** Seconds by which the app's clock and this one may differ. */
const clockSkewSeconds = 60;

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
    if (error instanceof KeysUnreachable) throw error;
    return refused(`identity: ${complaintAboutHeader(jwt) ?? complaint(error)}`);
  }
  const { payload } = verified;
  const inMilliseconds = claimInMilliseconds(payload);
  if (inMilliseconds !== undefined) return refused(`identity: ${inMilliseconds}`);
  const user = userId.safeParse(payload.sub);
  if (!user.success) return refused(`identity: sub: ${user.error.issues[0]?.message}`);
  // Many languages write null for what isn't there.
  const since = payload["since"] == null ? ok(undefined) : readInstantOrDay(payload["since"]);
  if (!since.ok) return refused(`identity: since: ${since.error}`);
  return ok({ user: user.data, since: since.value });
}

/** A NumericDate (RFC 7519, section 2) counts seconds; one that counts milliseconds would be good for fifty thousand years. */
function claimInMilliseconds(payload: JWTPayload): string | undefined {
  const name = (["exp", "nbf", "iat"] as const).find((claim) => Number(payload[claim]) >= 1e11);
  return name && `${name}: looks like milliseconds: expected seconds`;
}

/** What the library tells in words that could mean anything. */
function complaintAboutHeader(jwt: string): string | undefined {
  try {
    return decodeProtectedHeader(jwt).crit === undefined
      ? undefined
      : "crit: unknown extension: expected no crit";
  } catch {
    return undefined;
  }
}

/** In our own words: those of the library may quote the token. */
function complaint(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "expired: issue a new JWT for each exchange";
  if (error instanceof errors.JWTClaimValidationFailed) {
    return claimInMilliseconds(error.payload) ?? claimComplaint(error.claim, error.reason);
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return "signed with an algorithm that the `jwt` setting doesn't allow";
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return "the signature doesn't match the key in the `jwt` setting";
  }
  if (isAboutTheToken(error)) return "kid: expected the id of a key in the `jwt` setting";
  return "expected a signed JWT in its compact form";
}

function claimComplaint(claim: string, reason: string): string {
  if (reason === "missing") return `${claim}: missing`;
  if (claim === "nbf") return "not valid yet (nbf)";
  return ["aud", "iss"].includes(claim)
    ? `${claim}: expected the value in the \`jwt\` setting`
    : "expected exp, nbf and iat as numbers, and sub as a string";
}
