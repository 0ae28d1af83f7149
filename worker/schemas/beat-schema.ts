import * as z from "zod";
import { type Beat, maxUserIdLength } from "../../sdk/wire.ts";
import { maxBeatLeadMs } from "../limits.ts";
import type { Result } from "../result.ts";

// The runtime forbids making code from strings, so the library need not try.
z.config({ jitless: true });

/** An id that an app gives a user or an installation. */
export const userId = z
  .string({ error: `expected a text of 1 to ${maxUserIdLength} characters` })
  .min(1, { error: `expected 1 to ${maxUserIdLength} characters, got none` })
  .max(maxUserIdLength, { error: `expected at most ${maxUserIdLength} characters` })
  .refine((text) => text.isWellFormed(), { error: "expected well-formed Unicode, got a lone surrogate" });

const beatSchema = z.object(
  {
    user: userId.optional(),
    anonymous: userId.optional(),
    at: z.int({ error: "expected Unix milliseconds as a whole number" }).optional(),
    via: z
      .enum(["foreground", "socket", "manual", "server"], {
        error: "expected foreground, socket, manual or server",
      })
      .optional(),
    since: z.iso.date({ error: "expected a day that exists, written YYYY-MM-DD" }).optional(),
    dimensions: z
      .record(z.string(), z.string({ error: "expected a text" }), { error: "expected an object of texts" })
      .optional(),
  },
  { error: 'expected a beat, such as {"user":"u-42"}' },
) satisfies z.ZodType<Beat>;

const heartbeatSchema = z.object(
  {
    key: z.string({ error: "expected the app's public key" }).optional(),
    token: z.string({ error: "expected a token, see POST /v1/token" }).optional(),
    beats: z.array(z.unknown(), { error: "expected a list of beats" }),
    link: z.unknown().optional(),
    invalidate: z.boolean({ error: "expected true to revoke the token, or false" }).optional(),
  },
  { error: 'expected an object, such as {"key":"hc_pub_…","beats":[{"user":"u-42"}]}' },
);

/** The body of a heartbeat whose beats are not looked at yet. */
export type HeartbeatBody = z.infer<typeof heartbeatSchema>;

const activitySchema = z.object(
  { beats: z.array(z.unknown(), { error: "expected a list of beats" }) },
  { error: 'expected an object, such as {"beats":[{"user":"u-42"}]}' },
);

/** The body of a heartbeat with all that is in it; beats are refused one by one, so the schema that reads it is laxer. */
export const heartbeatBody = heartbeatSchema.extend({
  beats: z.array(beatSchema),
  link: z.object({ anonymous: userId, days: z.array(z.iso.date()).optional() }).optional(),
});

/** The JSON body of `/v1/activity` with all that is in it. */
export const activityBody = activitySchema.extend({ beats: z.array(beatSchema) });

/** Why a beat is refused, where that is not simply its shape. */
export type RefusedFor = "too_old" | "in_the_future" | "bot";

/** A beat whose shape and time are right. */
export interface ValidBeat {
  /** Null where it names nobody: then it is whom the sender's token stands for. */
  who: { space: "user" | "anonymous"; id: string } | null;
  at: number;
  since?: string | undefined;
  dimensions?: Record<string, string> | undefined;
}

/**
 * @param now Unix milliseconds; the beat's time when it names none
 * @param maxAgeMs how far in the past its time may lie
 */
export function decodeBeat(input: unknown, now: number, maxAgeMs: number): Result<ValidBeat, RefusedFor> {
  const parsed = beatSchema.safeParse(input);
  if (!parsed.success) return refuse(parsed.error);
  const { user, anonymous, at = now, since, dimensions } = parsed.data;
  if (user !== undefined && anonymous !== undefined) {
    return { ok: false, error: "expected either user or anonymous, to name who was active" };
  }
  if (at < now - maxAgeMs) {
    return {
      ok: false,
      why: "too_old",
      error: `at: too old: expected ${new Date(now - maxAgeMs).toISOString()} or later`,
    };
  }
  if (at > now + maxBeatLeadMs) {
    return {
      ok: false,
      why: "in_the_future",
      error: `at: in the future: expected ${new Date(now + maxBeatLeadMs).toISOString()} or earlier`,
    };
  }
  return { ok: true, value: { who: whoOf(user, anonymous), at, since, dimensions } };
}

function whoOf(user: string | undefined, anonymous: string | undefined): ValidBeat["who"] {
  if (user !== undefined) return { space: "user", id: user };
  return anonymous === undefined ? null : { space: "anonymous", id: anonymous };
}

/** The body of a heartbeat; its beats are still to be decoded one by one. */
export function decodeHeartbeat(input: unknown): Result<HeartbeatBody> {
  const parsed = heartbeatSchema.safeParse(input);
  return parsed.success ? { ok: true, value: parsed.data } : refuse(parsed.error);
}

/** The JSON body of `/v1/activity`; its beats are still to be decoded one by one. */
export function decodeActivity(input: unknown): Result<{ beats: unknown[] }> {
  const parsed = activitySchema.safeParse(input);
  return parsed.success ? { ok: true, value: parsed.data } : refuse(parsed.error);
}

/** The first complaint of a schema, with the place that it is about. Names of members come from the schema, never from the input. */
export function refuse(error: z.ZodError): { ok: false; error: string } {
  const [issue] = error.issues;
  const place = typeof issue?.path[0] === "string" ? `${issue.path[0]}: ` : "";
  return { ok: false, error: `${place}${issue?.message ?? "not valid"}` };
}
