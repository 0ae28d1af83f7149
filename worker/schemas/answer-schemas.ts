import * as z from "zod";
import type {
  ActiveAnswer,
  ActivityResponse,
  AnnotationsAnswer,
  EngagementAnswer,
  GrowthAnswer,
  HeartbeatResponse,
  LifecycleAnswer,
  LinkResponse,
  LinksResponse,
  OnlineAnswer,
  PowerAnswer,
  Problem,
  RetentionAnswer,
  SketchAnswer,
  StatusAnswer,
  TimeseriesAnswer,
  TokenResponse,
} from "../../sdk/wire.ts";
import type { Settings } from "../counting/app-settings.ts";
import type { AppsAnswer } from "../query/app-list.ts";
import { annotationSchema } from "./annotation-schema.ts";
import { shownJwtSchema } from "./jwt-schema.ts";
import { keyRevisionsSchema, settingsSchema } from "./settings-schema.ts";
import { statusRow } from "./status-schema.ts";
import { shownWebhooksSchema } from "./webhook-schema.ts";

/**
 * The schemas of all answers, strict, so that what is documented is all there is. The types of `sdk/wire.ts` are their
 * home: the compiler checks that each schema lets through just what its type does.
 */

const instant = z.iso.datetime();
const date = z.iso.date();
const count = z.int().min(0);
const reason = z.string();
/** Names of what was left out of beats. */
const ignored = z.array(z.string()).optional();

const counted = { count, low: count, high: count };
const blank = { count: z.null(), low: z.null(), high: z.null(), reason };
const mayBeBlank = {
  count: count.nullable(),
  low: count.nullable(),
  high: count.nullable(),
  reason: reason.optional(),
};
const figure = z.union([z.strictObject(counted), z.strictObject(blank)]);

const ratio = z.union([
  z.strictObject({ value: z.number(), low: z.number(), high: z.number() }),
  z.strictObject({ value: z.null(), low: z.null(), high: z.null(), reason }),
]);

const groups = z.array(z.strictObject({ value: z.string(), ...counted })).optional();

const period = z.strictObject({ from: instant, to: instant });
const covers = z.strictObject({ outer: period, inner: period }).optional();

const windowRow = z.strictObject({
  window: z.string(),
  from: instant,
  to: instant,
  covers,
  ...mayBeBlank,
  groups,
});

const engagementRow = z.union([
  z.strictObject({
    metric: z.enum(["dau", "wau", "mau"]),
    window: z.string(),
    from: instant,
    to: instant,
    covers,
    ...mayBeBlank,
    groups,
    previous: z.strictObject({ from: instant, to: instant, covers, ...mayBeBlank, groups }),
    growth: z.number().nullable(),
    growthInterval: ratio,
  }),
  z.strictObject({
    metric: z.enum(["dauWau", "dauMau", "wauMau", "stickiness"]),
    value: z.number().nullable(),
    interval: ratio,
    previous: z.number().nullable(),
    previousInterval: ratio,
    growth: z.number().nullable(),
    growthInterval: ratio,
  }),
]);

const pointFigure = {
  count: count.nullable().optional(),
  low: count.nullable().optional(),
  high: count.nullable().optional(),
  percent: z.number().nullable().optional(),
  percentInterval: ratio.optional(),
  reason: reason.optional(),
};

const followed = z.number().min(0).max(1).nullable();

const point = z.strictObject({
  date,
  from: instant,
  to: instant,
  closed: z.boolean(),
  followed: followed.optional(),
  ...pointFigure,
  groups: z.array(z.strictObject({ value: z.string(), ...pointFigure })).optional(),
});

const cohortPeriod = { period: z.int().min(0), rate: z.number().nullable(), rateInterval: ratio };
const cohortFigures = {
  size: figure,
  periods: z.array(
    z.union([z.strictObject({ ...cohortPeriod, ...counted }), z.strictObject({ ...cohortPeriod, ...blank })]),
  ),
};
const cohortRow = z.strictObject({
  cohort: date,
  followed,
  ...cohortFigures,
  groups: z.array(z.strictObject({ value: z.string(), ...cohortFigures })).optional(),
});

const powerRow = z.strictObject({
  days: z.int().min(1),
  ...counted,
  share: ratio,
  orMore: z.strictObject(counted),
});

const growthRow = z.strictObject({
  period: date,
  new: figure,
  current: figure,
  reactivated: figure,
  resurrected: figure,
  atRiskWau: figure,
  atRiskMau: figure,
  nurr: ratio,
  curr: ratio,
  rurr: ratio,
  surr: ratio,
  quickRatio: ratio,
});

const lifecycleRow = z.strictObject({
  period: date,
  followed,
  new: figure,
  returning: figure,
  resurrected: figure,
  dormant: figure,
});

/** The first 20 refusals. */
const listedErrors = z.array(z.strictObject({ line: z.int().min(1), error: z.string() })).max(20);

const sketchRow = z.strictObject({
  day: date,
  part: z.enum(["added", "removed"]),
  from: instant,
  to: instant,
  ...counted,
  precision: z.literal(14),
  hash: z.literal("siphash-2-4"),
  keyId: z.string(),
  entries: z.array(z.int()).optional(),
  registers: z.array(z.int().min(0).max(51)).optional(),
});

function answer<List extends string, Row extends z.ZodType>(definition: string, list: List, row: Row) {
  return z.strictObject({
    app: z.string(),
    at: instant,
    definition: z.literal(definition),
    ...({ [list]: z.array(row) } as Record<List, z.ZodArray<Row>>),
  });
}

/** The members of a type, and of the types of its members, as paths. */
type Paths<Given> = Given extends readonly (infer Item)[]
  ? Paths<Item>
  : Given extends object
    ? { [Name in keyof Given & string]-?: Name | `${Name}.${Paths<NonNullable<Given[Name]>>}` }[keyof Given &
        string]
    : never;

/** A schema of exactly one type: what it lets through is of the type, and what is of the type it lets through. */
function schemaOf<Given>() {
  return <Schema extends z.ZodType<Given>>(
    schema: Given extends z.output<Schema>
      ? Paths<Given> extends Paths<z.output<Schema>>
        ? Schema
        : never
      : never,
  ): Schema => schema;
}

export const responses = {
  heartbeat: schemaOf<HeartbeatResponse>()(
    z.strictObject({
      accepted: count,
      rejected: z.array(z.strictObject({ index: z.int().min(0), error: z.string() })),
      unlisted: count.optional(),
      interval: z.int().min(1),
      token: z.string().optional(),
      ignored,
      linkDeferred: z.boolean().optional(),
    }),
  ),
  activity: schemaOf<ActivityResponse>()(
    z.strictObject({
      accepted: count,
      rejected: count,
      errors: listedErrors,
      ignored,
    }),
  ),
  token: schemaOf<TokenResponse>()(
    z.strictObject({
      token: z.string(),
      expires: z.int(),
      rotate: z.int(),
    }),
  ),
  revoked: z.strictObject({ revoked: z.literal(true) }),
  annotations: schemaOf<AnnotationsAnswer>()(answer("annotations/1", "annotations", annotationSchema)),
  annotation: annotationSchema,
  annotationDeleted: z.strictObject({ deleted: z.boolean() }),
  imported: z.strictObject({ imported: count }),
  linked: schemaOf<LinkResponse>()(
    z.strictObject({ linked: z.boolean(), exact: z.boolean().optional(), reason: reason.optional() }),
  ),
  linkedMany: schemaOf<LinksResponse>()(
    z.strictObject({ linked: count, inexact: count, rejected: count, errors: listedErrors }),
  ),
  excluded: z.strictObject({ excluded: z.boolean() }),
  apps: schemaOf<AppsAnswer>()(
    z.strictObject({
      at: instant,
      definition: z.literal("apps/1"),
      apps: z.array(
        z.strictObject({ app: z.string(), online: figure, dau: figure, wau: figure, mau: figure }),
      ),
      next: z.string().nullable(),
    }),
  ),
  active: schemaOf<ActiveAnswer>()(answer("active/2", "windows", windowRow)),
  online: schemaOf<OnlineAnswer>()(answer("online/2", "windows", windowRow).extend({ sockets: count })),
  engagement: schemaOf<EngagementAnswer>()(answer("engagement/1", "metrics", engagementRow)),
  timeseries: schemaOf<TimeseriesAnswer>()(answer("timeseries/1", "points", point)),
  retention: schemaOf<RetentionAnswer>()(answer("retention/1", "cohorts", cohortRow)),
  lifecycle: schemaOf<LifecycleAnswer>()(answer("lifecycle/1", "periods", lifecycleRow)),
  power: schemaOf<PowerAnswer>()(
    answer("power/1", "curve", powerRow).extend({
      from: instant,
      to: instant,
      days: z.int().min(2),
      people: figure,
    }),
  ),
  growth: schemaOf<GrowthAnswer>()(answer("growth/1", "periods", growthRow)),
  status: schemaOf<StatusAnswer>()(answer("status/1", "parts", statusRow)),
  sketch: schemaOf<SketchAnswer>()(answer("sketch/1", "sketches", sketchRow)),
  settings: schemaOf<Settings>()(
    settingsSchema.required().extend({
      jwt: shownJwtSchema,
      keyRevisions: keyRevisionsSchema,
      lastSeenUntil: z.int().nullable(),
      webhooks: shownWebhooksSchema,
    }),
  ),
  health: z.strictObject({ status: z.enum(["ok", "damaged"]), detail: z.string().optional() }),
  problem: schemaOf<Problem>()(
    z.object({
      type: z.string(),
      title: z.string(),
      status: z.int().min(400).max(599),
      detail: z.string(),
    }),
  ),
};
