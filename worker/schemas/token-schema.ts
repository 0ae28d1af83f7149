import * as z from "zod";
import type { TokenRequest } from "../../sdk/wire.ts";
import { readInstantOrDay } from "../instant.ts";
import type { Result } from "../result.ts";
import { refuse } from "./beat-schema.ts";
import { reading } from "./reading.ts";
import { userId } from "./user-id.ts";

const maxIdentityLength = 8192;

/** When a user first appeared: Unix milliseconds, or a day of the app's zone. */
const firstSeen = z.union([z.number(), z.string()]).transform(reading(readInstantOrDay));

/** The body of `POST /v1/token`. */
export const exchangeSchema = z
  .object(
    {
      key: z.string({ error: "expected the app's public key" }).optional(),
      client: userId,
      identity: z
        .string({ error: "expected a JWT" })
        .max(maxIdentityLength, { error: `expected at most ${maxIdentityLength} characters` })
        .optional(),
      user: userId.optional(),
      anonymous: userId.optional(),
      since: firstSeen.optional(),
    },
    { error: 'expected an object, such as {"key":"hc_pub_…","client":"…","identity":"…"}' },
  )
  .refine(({ user, anonymous }) => user === undefined || anonymous === undefined, {
    error: "expected either user or anonymous",
  }) satisfies z.ZodType<Omit<TokenRequest, "key">>;

/** An exchange of a credential for a token. */
export type ExchangeBody = z.infer<typeof exchangeSchema>;

export function decodeExchange(input: unknown): Result<ExchangeBody> {
  const parsed = exchangeSchema.safeParse(input);
  return parsed.success ? { ok: true, value: parsed.data } : refuse(parsed.error);
}

const revocationError = { error: 'expected whose tokens: {"user":"u-42"}, or {"all":true} for everybody\'s' };

/** The body of `DELETE /v1/token` with a secret key. */
export const revocationSchema = z
  .object({ user: userId.optional(), all: z.literal(true, revocationError).optional() }, revocationError)
  .refine(({ user, all }) => (user === undefined) === (all === true), revocationError);

/** Whose tokens are revoked; everybody's where nobody is named. */
export function decodeRevocation(input: unknown): Result<{ user?: string | undefined }> {
  const parsed = revocationSchema.safeParse(input);
  return parsed.success ? { ok: true, value: parsed.data } : refuse(parsed.error);
}
