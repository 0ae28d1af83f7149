import { readFileSync } from "node:fs";
import * as z from "zod";

const datasource = z.strictObject({ type: z.literal("prometheus"), uid: z.literal("${datasource}") });
/** Grafana's grid has 24 columns; a place is told in them and in rows of 30 pixels. */
const gridPos = z
  .strictObject({
    x: z.int().min(0),
    y: z.int().min(0),
    w: z.int().min(1).max(24),
    h: z.int().min(1),
  })
  .refine(({ x, w }) => x + w <= 24);
const target = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource,
  expr: z.string().min(1),
  legendFormat: z.string(),
});
const panel = z.strictObject({
  id: z.int().min(1),
  type: z.enum(["stat", "timeseries"]),
  title: z.string().min(1),
  description: z.string().min(1),
  datasource,
  gridPos,
  fieldConfig: z.strictObject({
    defaults: z.strictObject({
      // Of `@grafana/data`, valueFormats: what it doesn't know is shown as a suffix.
      unit: z.enum(["none", "short", "percent", "ops", "reqps"]),
      min: z.number().optional(),
      decimals: z.int().optional(),
      custom: z.record(z.string(), z.unknown()).optional(),
    }),
    overrides: z.tuple([]),
  }),
  options: z.record(z.string(), z.unknown()),
  targets: z.array(target).min(1),
});
const row = z.strictObject({
  id: z.int().min(1),
  type: z.literal("row"),
  title: z.string().min(1),
  collapsed: z.literal(false),
  gridPos,
  panels: z.tuple([]),
});
const variable = z.looseObject({
  name: z.string(),
  type: z.enum(["datasource", "query"]),
  hide: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  /** 1 when the dashboard is loaded, 2 when its time changes. */
  refresh: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  multi: z.boolean(),
  includeAll: z.boolean(),
});

/**
 * What Grafana's published model of a dashboard (`kinds/dashboard` of its repository, schema version 39) asks of the
 * members that ours has; others are refused, so that a misspelt one is noticed.
 */
const dashboardSchema = z.strictObject({
  // Up to 40 letters, digits, `-` and `_`.
  uid: z.string().regex(/^[\w-]{1,40}$/),
  title: z.string().min(1),
  description: z.string(),
  tags: z.array(z.string()),
  // From 36 on panels name their datasource as an object.
  schemaVersion: z.int().min(36).max(42),
  version: z.int(),
  editable: z.boolean(),
  graphTooltip: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  timezone: z.string(),
  refresh: z.string(),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  timepicker: z.strictObject({}),
  links: z.tuple([]),
  annotations: z.strictObject({ list: z.tuple([]) }),
  templating: z.strictObject({ list: z.array(variable) }),
  panels: z.array(z.discriminatedUnion("type", [row, panel])),
});

export function readDashboard(): z.infer<typeof dashboardSchema> {
  return dashboardSchema.parse(JSON.parse(readFileSync("ops/grafana-dashboard.json", "utf8")));
}

/** What its panels ask of Prometheus, with Grafana's variables in it. */
export function dashboardQueries(): string[] {
  return readDashboard().panels.flatMap((each) =>
    each.type === "row" ? [] : each.targets.map(({ expr }) => expr),
  );
}
