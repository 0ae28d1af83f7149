import * as z from "zod";
import { maxDaysInLink } from "../limits.ts";
import { type Decoded, refuse, userId } from "./beat.ts";

const days = z
  .array(z.iso.date({ error: "expected days that exist, written YYYY-MM-DD" }), {
    error: 'expected a list of days, such as ["2026-11-19"]',
  })
  .max(maxDaysInLink, { error: `expected at most ${maxDaysInLink} days` })
  .optional();

const linkSchema = z
  .object(
    { from: userId, to: userId, days },
    { error: 'expected an object, such as {"from":"recipe-user","to":"primary-user"}' },
  )
  .refine(({ from, to }) => from !== to, { error: "expected two different users" });

const exclusionSchema = z.object(
  { user: userId, days },
  { error: 'expected an object, such as {"user":"staff-7"}' },
);

const anonymousLinkSchema = z.object(
  { anonymous: userId, days },
  { error: 'expected an object, such as {"anonymous":"…","days":["2026-11-19"]}' },
);

/** The body of `POST /v1/links`. */
export function decodeLink(input: unknown): Decoded<{ from: string; to: string; days: string[] | null }> {
  const parsed = linkSchema.safeParse(input);
  if (!parsed.success) return refuse(parsed.error);
  return { ok: true, value: { ...parsed.data, days: parsed.data.days ?? null } };
}

/** The body of `POST` and `DELETE /v1/exclusions`. */
export function decodeExclusion(input: unknown): Decoded<{ user: string; days: string[] | null }> {
  const parsed = exclusionSchema.safeParse(input);
  if (!parsed.success) return refuse(parsed.error);
  return { ok: true, value: { ...parsed.data, days: parsed.data.days ?? null } };
}

/** The `link` that a client may send beside its beats when an anonymous installation signs in. */
export function decodeAnonymousLink(input: unknown): Decoded<{ anonymous: string; days: string[] | null }> {
  const parsed = anonymousLinkSchema.safeParse(input);
  if (!parsed.success) return refuse(parsed.error);
  return { ok: true, value: { ...parsed.data, days: parsed.data.days ?? null } };
}
