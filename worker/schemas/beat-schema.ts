import * as z from "zod";
import { readInstant, readInstantOrDay, type TimeUnit } from "../instant.ts";
import { maxBeatLeadMs } from "../limits.ts";
import { ok, refused, type Result } from "../result.ts";
import { unknownName } from "./suggest.ts";
import { userId, whyNoId } from "./user-id.ts";

export { userId } from "./user-id.ts";

// The runtime forbids making code from strings, so the library need not try.
z.config({ jitless: true });

/** Unix milliseconds or ISO 8601; `readInstant` reads it. */
const instant = z.union([z.number(), z.string()]);

/** All that a beat may hold. Its members are judged one by one: see `decodeBeat`. */
const beatSchema = z.object({
  user: userId.optional(),
  anonymous: userId.optional(),
  at: instant.optional(),
  via: z
    .enum(["foreground", "socket", "manual", "server"], {
      error: "expected foreground, socket, manual or server",
    })
    .optional(),
  since: instant.optional(),
  dimensions: z.record(z.string(), z.string()).optional(),
});

/** The names of all that a beat may hold. */
export const beatMembers = Object.keys(beatSchema.shape);

const heartbeatSchema = z.object(
  {
    key: z.string({ error: "expected the app's public key" }).optional(),
    token: z.string({ error: "expected a token, see POST /v1/token" }).optional(),
    beats: z.array(z.unknown(), { error: "expected a list of beats" }),
    now: z.unknown().optional(),
    includeBots: z.unknown().optional(),
    link: z.unknown().optional(),
    invalidate: z.boolean({ error: "expected true to revoke the token, or false" }).optional(),
  },
  { error: 'expected an object, such as {"key":"hc_pub_…","beats":[{"user":"u-42"}]}' },
);

/** The body of a heartbeat with all that is in it; the schema that reads it is laxer. */
export const heartbeatBody = heartbeatSchema.extend({
  beats: z.array(beatSchema),
  now: z.number().optional(),
  includeBots: z.boolean().optional(),
  link: z.object({ anonymous: userId, days: z.array(z.iso.date()).optional() }).optional(),
});

const activitySchema = z.strictObject(
  { beats: z.array(z.unknown(), { error: "expected a list of beats" }) },
  {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? unknownName(String(issue.keys[0]), ["beats"])
        : 'expected an object, such as {"beats":[{"user":"u-42"}]}',
  },
);

/** The JSON body of `/v1/activity` with all that is in it. */
export const activityBody = activitySchema.extend({ beats: z.array(z.strictObject(beatSchema.shape)) });

/** The body of a heartbeat whose beats are not looked at yet. */
export interface HeartbeatBody {
  key?: string | undefined;
  token?: string | undefined;
  beats: unknown[];
  /** Unix milliseconds, by the client's clock. */
  now?: number | undefined;
  includeBots: boolean;
  link?: unknown;
  invalidate?: boolean | undefined;
  /** Names of members that were left out. */
  ignored: string[];
}

/** Why a beat is refused, where that is not simply its shape. */
export type RefusedFor = "too_old" | "in_the_future" | "bot";

/** What a beat is read by. */
export interface BeatReading {
  /** Unix milliseconds; the beat's time when it names none. */
  now: number;
  /** How far in the past its time may lie. */
  maxAgeMs: number;
  /** The dimensions that the app declares. */
  dimensions: readonly string[];
  /** What a bare number counts that stands for an instant. */
  timeUnit?: TimeUnit;
  /** What is to be added to the times of a client whose clock is wrong. */
  clockShiftMs?: number;
  /** Whether what isn't known or can't be read goes and the beat stays, or the beat is refused for it. */
  isLenient?: boolean;
}

/** A beat whose shape and time are right. */
export interface ValidBeat {
  /** Null where it names nobody: then it is whom the sender's token stands for. */
  who: { space: "user" | "anonymous"; id: string } | null;
  at: number;
  /** Unix milliseconds, or a day of the app's zone. */
  since?: number | string | undefined;
  /** Their values are yet to be judged. */
  dimensions?: Readonly<Record<string, unknown>> | undefined;
}

/** @param ignore is told the names of members that were left out */
export function decodeBeat(
  input: unknown,
  reading: BeatReading,
  ignore: (name: string) => void,
): Result<ValidBeat, RefusedFor> {
  if (!isRecord(input)) return refused('expected a beat, such as {"user":"u-42"}');
  const { now, timeUnit, clockShiftMs = 0, isLenient = false } = reading;
  for (const name of Object.keys(input)) {
    if (beatMembers.includes(name)) continue;
    if (!isLenient) return refused(unknownMember(name, reading.dimensions));
    ignore(name);
  }
  const who = readWho(input);
  if (!who.ok) return who;
  const at = input["at"] === undefined ? ok(now) : readTime(input["at"], reading);
  if (!at.ok) return at;

  /** A member without which somebody was active all the same. */
  const optional = <Value>(name: string, read: (value: unknown) => Result<Value>) => {
    const value = input[name];
    if (value === undefined) return ok(undefined);
    const result = read(value);
    if (result.ok) return result;
    if (!isLenient) return refused(`${name}: ${result.error}`);
    ignore(name);
    return ok(undefined);
  };
  const via = optional("via", (value) => readBy(beatSchema.shape.via, value));
  if (!via.ok) return via;
  const since = optional("since", (value) => shifted(readInstantOrDay(value, timeUnit), clockShiftMs));
  if (!since.ok) return since;
  const dimensions = optional("dimensions", (value) =>
    isRecord(value) ? ok(value) : refused("expected an object of strings"),
  );
  if (!dimensions.ok) return dimensions;
  return ok({ who: who.value, at: at.value, since: since.value, dimensions: dimensions.value });
}

/** Exactly one of user and anonymous, or neither. Many languages write null for what isn't there. */
function readWho(input: Readonly<Record<string, unknown>>): Result<ValidBeat["who"]> {
  const { user = null, anonymous = null } = input;
  if (user === null && anonymous === null) return ok(null);
  if (user !== null && anonymous !== null) return refused("expected either user or anonymous");
  const space = user === null ? "anonymous" : "user";
  const id = user ?? anonymous;
  const error = whyNoId(id);
  return error === null ? ok({ space, id: id as string }) : refused(`${space}: ${error}`);
}

function readTime(input: unknown, reading: BeatReading): Result<number, RefusedFor> {
  const { now, maxAgeMs, timeUnit, clockShiftMs = 0 } = reading;
  const read = readInstant(input, timeUnit);
  if (!read.ok) return refused(`at: ${read.error}`);
  const [earliest, latest] = [now - maxAgeMs, now + maxBeatLeadMs];
  const isTimely = (at: number) => at >= earliest && at <= latest;
  const corrected = read.value + clockShiftMs;
  // What was stamped before the clock went wrong is right as it is.
  const at = isTimely(read.value) && !isTimely(corrected) ? read.value : corrected;
  if (isTimely(at)) return ok(at);
  const [why, error] =
    at < earliest
      ? (["too_old", `at: too old: expected ${new Date(earliest).toISOString()} or later`] as const)
      : ([
          "in_the_future",
          `at: in the future: expected ${new Date(latest).toISOString()} or earlier`,
        ] as const);
  return { ok: false, why, error };
}

function unknownMember(name: string, dimensions: readonly string[]): string {
  return dimensions.includes(name)
    ? `${name}: unknown; did you mean {"dimensions":{"${name}":…}}?`
    : unknownName(name, beatMembers);
}

function readBy<Schema extends z.ZodType>(schema: Schema, value: unknown): Result<z.output<Schema>> {
  const parsed = schema.safeParse(value);
  return parsed.success ? ok(parsed.data) : refused(parsed.error.issues[0]?.message ?? "not valid");
}

function shifted(since: Result<number | string>, byMs: number): Result<number | string> {
  return since.ok && typeof since.value === "number" ? ok(since.value + byMs) : since;
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

/** The body of a heartbeat; its beats are still to be decoded one by one. */
export function decodeHeartbeat(input: unknown): Result<HeartbeatBody> {
  const parsed = heartbeatSchema.safeParse(input);
  if (!parsed.success) return refuse(parsed.error);
  const { now: said, includeBots, ...body } = parsed.data;
  const ignored = Object.keys(input as object).filter((name) => !Object.hasOwn(heartbeatSchema.shape, name));
  const now = said === undefined ? ok(undefined) : readInstant(said);
  if (!now.ok) ignored.push("now");
  if (includeBots !== undefined && typeof includeBots !== "boolean") ignored.push("includeBots");
  return ok({ ...body, now: now.ok ? now.value : undefined, includeBots: includeBots === true, ignored });
}

/** The JSON body of `/v1/activity`; its beats are still to be decoded one by one. */
export function decodeActivity(input: unknown): Result<{ beats: unknown[] }> {
  const parsed = activitySchema.safeParse(input);
  return parsed.success ? ok(parsed.data) : refuse(parsed.error);
}

/** The first complaint of a schema, with the place that it is about. Names of members come from the schema, never from the input. */
export function refuse(error: z.ZodError): { ok: false; error: string } {
  const [issue] = error.issues;
  const place = typeof issue?.path[0] === "string" ? `${issue.path[0]}: ` : "";
  return refused(`${place}${issue?.message ?? "not valid"}`);
}
