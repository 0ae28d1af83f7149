import * as z from "zod";
import { readComparison, readRange } from "../dashboard/period.ts";
import { isZone } from "../dashboard/format.ts";
import { panels, panelsOfEveryone, type SharedView } from "../dashboard/shared-view.ts";
import { readView } from "../dashboard/view.ts";
import type { ShareAnswer } from "../dashboard/status.ts";
import type { Result } from "../result.ts";
import { refuse } from "./beat-schema.ts";

const panelError = { error: `expected a list of some of ${panels.join(", ")}` };
const rangeError = { error: "expected 30, 90, 365, week, month, or days such as 2026-11-01..2026-11-19" };
const compareError = { error: "expected previous, weekdays, year, or a day such as 2025-11-01" };
const onlyError = { error: "expected a declared dimension and one of its values, such as plan:pro" };
const dimensionError = { error: "expected a declared dimension" };
const choice = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: `expected ${words.join(" or ")}` }).optional();

/** The body of `POST /v1/share`: panels, and what the dashboard's address says of a view, by the same names. */
export const shareSchema = z.strictObject(
  {
    panels: z.array(z.enum(panels, panelError), panelError).min(1, panelError).max(panels.length, panelError),
    metric: choice(["dau", "wau", "mau"]),
    range: z
      .string(rangeError)
      .refine((text) => readRange(text) !== null, rangeError)
      .optional(),
    compare: z
      .string(compareError)
      .refine((text) => readComparison(text) !== null, compareError)
      .optional(),
    by: z.string(dimensionError).max(32, dimensionError).optional(),
    window: choice(["24h", "7d", "30d"]),
    interval: choice(["day", "week"]),
    zone: z
      .string({ error: "expected the IANA name of a time zone, such as Europe/Berlin" })
      .refine(isZone, { error: "expected the IANA name of a time zone, such as Europe/Berlin" })
      .optional(),
    only: z
      .string(onlyError)
      .max(100, onlyError)
      .regex(/^[^:]+:.+$/s, onlyError)
      .optional(),
  },
  {
    error:
      'expected panels and what the dashboard\'s address names, such as {"panels":["trend"],"metric":"wau"}',
  },
);

/** The answer of `POST /v1/share`. */
export const shareLinkSchema = z.strictObject({ token: z.string(), path: z.string() });

/** The answer of `GET /v1/share`. */
export const sharedViewSchema = z.strictObject({
  app: z.string(),
  at: z.iso.datetime(),
  definition: z.literal("share/1"),
  view: z.string(),
  timeZone: z.string(),
  firstDay: z.iso.datetime().nullable(),
  dimensions: z.array(z.string()),
}) satisfies z.ZodType<ShareAnswer>;

/** Reads the view that is to be shared; `declared` are the app's dimensions. */
export function decodeShare(input: unknown, declared: readonly string[]): Result<SharedView> {
  const parsed = shareSchema.safeParse(input);
  if (!parsed.success) return refuse(parsed.error);
  const { panels: shown, ...members } = parsed.data;
  const told = Object.entries(members).filter(
    (member): member is [string, string] => member[1] !== undefined,
  );
  const view = readView(new URLSearchParams(told).toString());
  const by = shown.includes("split") ? (view.by ?? declared[0] ?? null) : null;
  const known = declared.length === 0 ? "the app declares none" : declared.join(", ");
  if (shown.includes("split") && (by === null || !declared.includes(by))) {
    return { ok: false, error: `by: expected a declared dimension: ${known}` };
  }
  if (view.only !== null && !declared.includes(view.only.dimension)) {
    return { ok: false, error: `only: expected a declared dimension: ${known}` };
  }
  if (view.only !== null && shown.some((panel) => panelsOfEveryone.includes(panel))) {
    return {
      ok: false,
      error: `panels: ${panelsOfEveryone.join(" and ")} always show everyone: remove them from a view of one value`,
    };
  }
  return {
    ok: true,
    value: { panels: panels.filter((panel) => shown.includes(panel)), view: { ...view, by } },
  };
}
