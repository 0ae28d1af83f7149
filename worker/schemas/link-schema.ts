import * as z from "zod";
import { maxDaysInLink } from "../limits.ts";
import { refuse, userId } from "./beat-schema.ts";
import type { Result } from "../result.ts";

const dayList = z
  .array(z.iso.date({ error: "expected days that exist, written YYYY-MM-DD" }), {
    error: 'expected a list of days, such as ["2026-11-19"]',
  })
  .max(maxDaysInLink, { error: `expected at most ${maxDaysInLink} days` })
  .optional();

/** Two users that are one person. */
export const linkSchema = z
  .object(
    { from: userId, to: userId, days: dayList },
    { error: 'expected an object, such as {"from":"recipe-user","to":"primary-user"}' },
  )
  .refine(({ from, to }) => from !== to, { error: "expected two different users" });

/** A user who is not to be counted. */
export const exclusionSchema = z.object(
  { user: userId, days: dayList },
  { error: 'expected an object, such as {"user":"staff-7"}' },
);

const anonymousLinkSchema = z.object(
  { anonymous: userId, days: dayList },
  { error: 'expected an object, such as {"anonymous":"…","days":["2026-11-19"]}' },
);

/** The body of `POST /v1/links`. */
export function decodeLink(input: unknown): Result<{ from: string; to: string; days: string[] | null }> {
  const parsed = linkSchema.safeParse(input);
  if (!parsed.success) return refuse(parsed.error);
  return { ok: true, value: { ...parsed.data, days: parsed.data.days ?? null } };
}

/** The body of `POST` and `DELETE /v1/exclusions`. */
export function decodeExclusion(input: unknown): Result<{ user: string; days: string[] | null }> {
  const parsed = exclusionSchema.safeParse(input);
  if (!parsed.success) return refuse(parsed.error);
  return { ok: true, value: { ...parsed.data, days: parsed.data.days ?? null } };
}

/** The `link` that a client may send beside its beats when an anonymous installation signs in. */
export function decodeAnonymousLink(input: unknown): Result<{ anonymous: string; days: string[] | null }> {
  const parsed = anonymousLinkSchema.safeParse(input);
  if (!parsed.success) return refuse(parsed.error);
  return { ok: true, value: { ...parsed.data, days: parsed.data.days ?? null } };
}
