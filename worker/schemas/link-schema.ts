import * as z from "zod";
import { readInstant } from "../instant.ts";
import { maxDaysInLink } from "../limits.ts";
import type { Result } from "../result.ts";
import { refuse, userId } from "./beat-schema.ts";
import { reading } from "./reading.ts";

const dayList = z
  .array(z.iso.date({ error: "expected days that exist, written YYYY-MM-DD" }), {
    error: 'expected a list of days, such as ["2026-11-19"]',
  })
  .max(maxDaysInLink, { error: `expected at most ${maxDaysInLink} days` });

/** An instant, as Unix milliseconds. */
const instant = z.union([z.number(), z.string()]).transform(reading(readInstant));

/** Two users that are one person. */
export const linkSchema = z
  .strictObject(
    {
      from: userId,
      to: userId,
      days: dayList.optional(),
      first: instant.optional(),
      last: instant.optional(),
    },
    {
      error:
        'expected an object, such as {"from":"recipe-user","to":"primary-user"}, with days, or first and last',
    },
  )
  .refine(({ from, to }) => from !== to, { error: "expected two different users" })
  .refine(({ first = 0, last = Infinity }) => first <= last, {
    error: "first: expected an instant before last",
  });

/** A link that is to end. */
export const unlinkSchema = z.strictObject(
  { from: userId, to: userId.optional(), days: dayList.optional() },
  { error: 'expected an object, such as {"from":"recipe-user"}, perhaps with to and days' },
);

/** A user who is not to be counted. */
export const exclusionSchema = z.strictObject(
  { user: userId, days: dayList.optional() },
  { error: 'expected an object, such as {"user":"staff-7"}, perhaps with days' },
);

const anonymousLinkSchema = z.object(
  {
    anonymous: userId,
    first: instant.optional(),
    days: z
      .union([z.int().min(0).max(0xffffffff), dayList], {
        error: `expected a 32-bit number, or a list of at most ${maxDaysInLink} days`,
      })
      .optional(),
    now: z.number().optional(),
  },
  { error: 'expected an object, such as {"anonymous":"…","first":1795203773884,"days":5}' },
);

export type Link = z.output<typeof linkSchema>;
export type Unlink = z.output<typeof unlinkSchema>;
export type Exclusion = z.output<typeof exclusionSchema>;

/** An installation that has signed in. */
export interface AnonymousLink {
  anonymous: string;
  /** When it was first seen by its own clock, Unix milliseconds. */
  first: number | null;
  /** Bit k: active k days before `now`; or the days, `YYYY-MM-DD`. */
  days: number | string[] | null;
  /** What its clock said, Unix milliseconds. */
  now: number | null;
}

/** The body, or a line, of `POST /v1/links`. */
export function decodeLink(input: unknown): Result<Link> {
  return decode(linkSchema, input);
}

/** The body of `DELETE /v1/links`. */
export function decodeUnlink(input: unknown): Result<Unlink> {
  return decode(unlinkSchema, input);
}

/** The body of `POST` and `DELETE /v1/exclusions`. */
export function decodeExclusion(input: unknown): Result<Exclusion> {
  return decode(exclusionSchema, input);
}

/** The `link` that a client may send beside its beats when an anonymous installation signs in. */
export function decodeAnonymousLink(input: unknown): Result<AnonymousLink> {
  const parsed = anonymousLinkSchema.safeParse(input);
  if (!parsed.success) return { ok: false, error: `link: ${refuse(parsed.error).error}` };
  const { anonymous, first = null, days = null, now = null } = parsed.data;
  return { ok: true, value: { anonymous, first, days, now } };
}

function decode<Schema extends z.ZodType>(schema: Schema, input: unknown): Result<z.output<Schema>> {
  const parsed = schema.safeParse(input);
  return parsed.success ? { ok: true, value: parsed.data } : refuse(parsed.error);
}
