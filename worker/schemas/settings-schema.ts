import * as z from "zod";
import { resolutions } from "../counting/resolution.ts";
import { isTimeZone } from "../counting/calendar.ts";
import type { Settings, SettingsChange } from "../counting/app-settings.ts";
import {
  maxAllowedValues,
  maxDimensions,
  maxDimensionValueLength,
  maxKeyRevision,
  maxShards,
  maxTokenTtlSeconds,
} from "../limits.ts";
import { refuse } from "./beat-schema.ts";
import { jwtSchema, readJwt } from "./jwt-schema.ts";
import { readOrigin, readWebOrigin } from "./origin.ts";
import { readWebhooks, webhooksSchema } from "./webhook-schema.ts";
import { readInstant } from "../instant.ts";
import type { Result } from "../result.ts";
import { type Role, roles } from "../roles.ts";

const originError =
  "expected origins without a path, such as https://app.example.com, https://*.example.com (its sub-domains), capacitor://localhost, chrome-extension://…, file:// or null";

const embedOriginError =
  "expected origins of web pages, such as https://www.example.com or https://*.example.com";

/** Names that mean something else in a query or a series. */
const reserved = [
  "window",
  "since",
  "from",
  "to",
  "period",
  "date",
  "day",
  "fresh",
  "format",
  "by",
  "metric",
  "part",
  "interval",
  "cohorts",
  "periods",
  "cohort",
  "week",
];
const dimensionError = `expected names such as platform or plan: a letter, then up to 31 letters, digits or underscores, and none of ${reserved.join(", ")}`;

const revision = z
  .int({ error: "expected a whole number" })
  .min(0, { error: "expected 0 or more" })
  .max(maxKeyRevision, { error: `expected at most ${maxKeyRevision}` });

/** A revision for each role. */
export const keyRevisionsSchema = z.strictObject(
  { pub: revision, read: revision, secret: revision, share: revision } satisfies Record<Role, z.ZodType>,
  { error: `expected revisions for some of ${roles.join(", ")}, such as {"read":1}` },
);

const valueError = {
  error: `expected a list of strings of 1 to ${maxDimensionValueLength} characters`,
};

const instantError = "expected Unix milliseconds, ISO 8601 with a zone, or null";

/** What may be set; each member may be absent. */
export const settingsSchema = z
  .strictObject(
    {
      timeZone: z
        .string({ error: "expected the IANA name of a time zone, such as Europe/Berlin" })
        .refine(isTimeZone, { error: "expected the IANA name of a time zone, such as Europe/Berlin" }),
      retentionDays: z
        .int({ error: "expected a whole number of days" })
        .min(1, { error: "expected 1 day or more" })
        .max(3650, { error: "expected 3650 days or fewer" }),
      resolution: z.enum(resolutions, { error: `expected one of ${resolutions.join(", ")}` }),
      shards: z
        .int({ error: "expected a whole number" })
        .refine((n) => n >= 1 && n <= maxShards && (n & (n - 1)) === 0, {
          error: `expected a power of two from 1 to ${maxShards}`,
        }),
      lastSeenUntil: z
        .union([z.number(), z.string()], { error: instantError })
        .refine((at) => readInstant(at).ok, { error: instantError })
        .nullable(),
      dimensions: z
        .array(z.string({ error: dimensionError }).refine(isDimension, { error: dimensionError }), {
          error: dimensionError,
        })
        .max(maxDimensions, { error: `expected at most ${maxDimensions} dimensions` })
        .refine((names) => new Set(names).size === names.length, { error: "expected each dimension once" }),
      allowedValues: z.record(
        z.string().refine(isDimension, { error: dimensionError }),
        z
          .array(z.string().min(1, valueError).max(maxDimensionValueLength, valueError), valueError)
          .max(maxAllowedValues, { error: `expected at most ${maxAllowedValues} values` }),
        { error: 'expected lists of values by dimension, such as {"plan":["free","pro"]}' },
      ),
      origins: z
        .array(
          z
            .string({ error: originError })
            .refine((text) => readOrigin(text) !== null, { error: originError }),
          {
            error: "expected a list of origins; an empty one allows any",
          },
        )
        .max(100, { error: "expected at most 100 origins" }),
      embedOrigins: z
        .array(
          z
            .string({ error: embedOriginError })
            .refine((text) => readWebOrigin(text) !== null, { error: embedOriginError }),
          { error: "expected a list of origins; an empty one allows none" },
        )
        .max(30, { error: "expected at most 30 origins" }),
      keyRevision: revision,
      keyRevisions: keyRevisionsSchema.partial(),
      identity: z.enum(["open", "signed"], { error: "expected open or signed" }),
      jwt: jwtSchema,
      tokenTtl: z
        .int({ error: "expected a whole number of seconds" })
        .min(1, { error: "expected 1 second or more" })
        .max(maxTokenTtlSeconds, { error: `expected at most ${maxTokenTtlSeconds} seconds` }),
      tokenMinTtl: z
        .int({ error: "expected a whole number of seconds" })
        .min(0, { error: "expected 0 seconds or more" }),
      webhooks: webhooksSchema,
    } satisfies Record<keyof Settings, z.ZodType>,
    { error: (issue) => unknownMember(issue.code) },
  )
  .partial();

const known = Object.keys(settingsSchema.shape).join(", ");

function unknownMember(code: string): string {
  return code === "unrecognized_keys"
    ? `unknown setting: expected ${known}`
    : 'expected an object of settings, such as {"timeZone":"Europe/Berlin"}';
}

/** A change of settings: any of them, those that are absent keep their value. */
export function decodeSettings(input: unknown): Result<SettingsChange> {
  const parsed = settingsSchema.safeParse(input);
  if (parsed.success) {
    const { origins, embedOrigins, jwt, keyRevisions, lastSeenUntil, webhooks, ...rest } = parsed.data;
    return {
      ok: true,
      value: {
        ...dropAbsent(rest),
        ...(keyRevisions && { keyRevisions: dropAbsent(keyRevisions) }),
        ...(origins && { origins: origins.flatMap((text) => readOrigin(text) ?? []) }),
        ...(embedOrigins && { embedOrigins: embedOrigins.flatMap((text) => readWebOrigin(text) ?? []) }),
        ...(lastSeenUntil !== undefined && { lastSeenUntil: instantOf(lastSeenUntil) }),
        ...(webhooks && { webhooks: readWebhooks(webhooks) }),
        ...(jwt !== undefined && { jwt: jwt === null ? null : readJwt(jwt) }),
      },
    };
  }
  return refuse(parsed.error);
}

function instantOf(told: number | string | null): number | null {
  const read = readInstant(told);
  return read.ok ? read.value : null;
}

function isDimension(name: string): boolean {
  return /^[a-z][a-zA-Z0-9_]{0,31}$/.test(name) && !reserved.includes(name);
}

function dropAbsent<T extends object>(object: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
}
