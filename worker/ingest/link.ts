import * as z from "zod";
import type { Calendar } from "../counting/calendar.ts";
import { dayMs, maxDaysInLink, maxDaysOfInstallation } from "../limits.ts";
import { type Decoded, refuse, userId } from "./beat.ts";

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

/**
 * The days of the app's zone that an installation's claim is about. A client's own days may be off by one from
 * those, so their neighbours are looked at too; without a claim it is the last month, as long as a client
 * remembers anything. Looking at a day more takes nobody away who was not there.
 */
export function linkedDays(claimed: readonly string[] | null, calendar: Calendar, now: number): string[] {
  const days = new Set<string>();
  if (claimed === null) {
    for (let ago = -1; ago <= maxDaysOfInstallation; ago++) days.add(calendar.dateAt(now - ago * dayMs));
  } else {
    for (const day of claimed) {
      const noon = Date.parse(`${day}T12:00:00Z`);
      for (const at of [noon - dayMs, noon, noon + dayMs]) days.add(new Date(at).toISOString().slice(0, 10));
    }
  }
  return [...days];
}
