import * as z from "zod";
import type { Calendar } from "../counting/calendar.ts";
import type { ActiveDays } from "../counting/move-activity.ts";
import { dayMs, maxDaysInLink, maxDaysOfInstallation } from "../limits.ts";
import { type Decoded, refuse, userId } from "./beat-schema.ts";

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
 * When an installation was active, in days of the app's zone. A client may be off by one of those, so the neighbours of the
 * days that it claims are possible too, and so is all of the last month. Without a claim the last month is taken for sure.
 */
export function installationDays(
  claimed: readonly string[] | null,
  calendar: Calendar,
  now: number,
): ActiveDays {
  const month = Array.from({ length: maxDaysOfInstallation + 2 }, (_, ago) =>
    calendar.dateAt(now + (1 - ago) * dayMs),
  );
  if (claimed === null) return { sure: month, perhaps: [] };
  const neighbours = claimed
    .flatMap((day) => [Date.parse(day) - dayMs, Date.parse(day) + dayMs])
    .filter((at) => at > 0 && at < now)
    .map(dateOf);
  return { sure: claimed, perhaps: [...month, ...neighbours] };
}

/** The date of a midnight, UTC. */
function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
