import * as z from "zod";
import { maxInlineKeys } from "../limits.ts";
import { hiddenSecret, type JwtSettings } from "../counting/app-settings.ts";

const minSecretBytes = 32;
/** What each kind of key signs with. A public key never stands for a shared secret: the two lists have nothing in common. */
const algorithms = {
  secret: ["HS256", "HS384", "HS512"],
  jwks: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
};
const defaultAlgorithms = { secret: ["HS256"], jwks: ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"] };

/** Wherever it is wrong: a union that knows which of its two was meant leaves the words to that one. */
const expected = {
  error: `expected {"secret":"…"} of at least ${minSecretBytes} bytes (with ${algorithms.secret.join(", ")}) or {"jwks":"https://…"} or {"keys":[…]}, public keys of a JWK Set (with ${algorithms.jwks.join(", ")}), and optionally algorithms, audience and issuer`,
};

/** Members that only a private or a shared key has (RFC 7518, section 6): one that was put in by mistake is not kept. */
const secretMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

const keyMember = z.union([z.string(), z.array(z.string()), z.boolean()], expected);
const publicKey = z
  .object({ kty: z.enum(["RSA", "EC", "OKP"], expected) }, expected)
  .catchall(keyMember)
  .refine((key) => !secretMembers.some((member) => member in key), {
    error: "expected public keys without d, p, q or k: what you sent contains private keys, so replace them",
  });

const name = z.string().min(1, expected).max(256, expected).nullable().optional();

/** How the app's backend signs identities, as it is set: a shared secret or a URL alone will do. */
export const jwtSchema = z
  .union(
    [
      z.string().refine((text) => isSecret(text) || isWeb(text), expected),
      z
        .strictObject({
          secret: z.string().refine(isSecret, expected).optional(),
          jwks: z.string().max(2048, expected).refine(isWeb, expected).optional(),
          keys: z.array(publicKey, expected).min(1, expected).max(maxInlineKeys, expected).optional(),
          algorithms: z.array(z.string()).min(1, expected).optional(),
          audience: name,
          issuer: name,
        })
        .refine(({ secret, jwks, keys }) => [secret, jwks, keys].filter(Boolean).length === 1, expected)
        .refine(
          ({ secret, algorithms: asked = [] }) =>
            asked.every((each) => algorithms[secret === undefined ? "jwks" : "secret"].includes(each)),
          expected,
        ),
    ],
    expected,
  )
  .nullable();

/** The setting as it is answered, with everything filled in. */
export const shownJwtSchema = z
  .strictObject({
    secret: z.string().optional(),
    jwks: z.string().optional(),
    keys: z.array(z.object({ kty: z.string() }).catchall(keyMember)).optional(),
    algorithms: z.array(z.string()),
    audience: z.string().nullable(),
    issuer: z.string().nullable(),
  })
  .nullable();

/** The setting with everything filled in. The secret is still as it was given. */
export function readJwt(set: NonNullable<z.infer<typeof jwtSchema>>): JwtSettings {
  if (typeof set === "string") return readJwt(isWeb(set) ? { jwks: set } : { secret: set });
  const { secret, jwks, keys, audience = null, issuer = null } = set;
  const kind = secret === undefined ? "jwks" : "secret";
  return {
    ...(secret !== undefined && { secret }),
    ...(jwks !== undefined && { jwks }),
    ...(keys !== undefined && { keys }),
    algorithms: set.algorithms ?? defaultAlgorithms[kind],
    audience,
    issuer,
  };
}

function isSecret(text: string): boolean {
  return text === hiddenSecret || (!isWeb(text) && new TextEncoder().encode(text).length >= minSecretBytes);
}

/** By https, or by http: whether that may be asked the service decides, which knows whom it may ask. */
function isWeb(text: string): boolean {
  return URL.canParse(text) && ["https:", "http:"].includes(new URL(text).protocol);
}
