import * as z from "zod";

const instant = z.iso.datetime();
const count = z.int().min(0);

const gate = { part: z.literal("gate"), gate: z.string(), sockets: count, reportedAt: instant };

const unfilled = z.array(z.strictObject({ dimension: z.string(), reason: z.string() }));

const webhookRow = z.strictObject({
  origin: z.string(),
  state: z.enum(["unused", "delivered", "waiting", "given-up"]),
  event: z.string().nullable(),
  at: instant.nullable(),
  reason: z.string().nullable(),
  nextAt: instant.nullable(),
});

/** The state of one of the parts that serve an app. */
export const statusRow = z.union([
  z.strictObject({
    part: z.literal("rollup"),
    state: z.literal("ok"),
    sketches: count,
    storedBytes: count,
    firstDay: instant.nullable(),
    alarmAt: instant.nullable(),
    timeZone: z.string(),
    dimensions: z.array(z.string()),
    unfilled: unfilled.optional(),
    webhooks: z.array(webhookRow).optional(),
  }),
  z.strictObject({
    part: z.literal("rollup"),
    state: z.literal("damaged"),
    firstDay: z.null(),
    timeZone: z.string(),
    dimensions: z.array(z.string()),
    unfilled: unfilled.optional(),
  }),
  z.strictObject({
    part: z.literal("shard"),
    index: z.int().min(0),
    state: z.enum(["ok", "damaged"]),
    pendingBytes: count,
    failedPushes: count,
    damagedRows: count,
    alarmAt: instant.nullable(),
    lastPushAt: instant.nullable(),
  }),
  z.strictObject({ part: z.literal("shard"), index: z.int().min(0), state: z.literal("unreachable") }),
  z.strictObject({
    ...gate,
    state: z.literal("ok"),
    allSockets: count,
    starts: count,
    messages: count,
    alarms: count,
    awakeSince: instant,
    alarmAt: instant.nullable(),
  }),
  z.strictObject({ ...gate, state: z.literal("unreachable") }),
]);
