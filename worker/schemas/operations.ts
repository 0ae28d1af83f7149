import * as z from "zod";
import { activityBody, heartbeatBody } from "./beat-schema.ts";
import { annotationDaySchema, annotationSchema } from "./annotation-schema.ts";
import { exclusionSchema, linkSchema, unlinkSchema } from "./link-schema.ts";
import { exchangeSchema, revocationSchema } from "./token-schema.ts";
import type { Role } from "../roles.ts";
import { settingsSchema } from "./settings-schema.ts";
import { openMetricsType } from "../query/openmetrics.ts";
import { sharedViewSchema, shareLinkSchema, shareSchema } from "./share-schema.ts";
import { responses } from "./answer-schemas.ts";

export interface Operation {
  summary: string;
  roles?: readonly Role[];
  /** Whether it takes the service's own secret, and no key of an app. */
  isForService?: true;
  /** Whether it takes the token of a shared view, and no key. */
  isForViews?: true;
  /** Members of the query, with what they take. */
  query?: Record<string, string>;
  /** The body, by media type. */
  request?: Record<string, z.ZodType>;
  /** The answer, by media type; null is something other than JSON. */
  response: Record<string, z.ZodType | null>;
  /** The status of success; 200 where it isn't said. */
  status?: 101 | 200;
}

const json = "application/json";
const readers: readonly Role[] = ["read", "secret"];
const servers: readonly Role[] = ["secret"];
const fresh = { fresh: "1: the shards push their counts first, so the answer includes the last seconds" };
const filter = { "DIMENSION=VALUE": "only the people seen with this value of a declared dimension" };
const by = { by: "a declared dimension: the answer also has a group for each of its values" };
const interval = { interval: "day or week" };

/** What each route takes and gives, by method and path. */
export const operations: Record<string, Operation> = {
  "POST /v1/heartbeat": {
    summary: "Reports heartbeats from pages and apps; answered once they are durable",
    request: { "text/plain": heartbeatBody, [json]: heartbeatBody },
    response: { [json]: responses.heartbeat },
  },
  "POST /v1/token": {
    summary: "Exchanges a key or a signed identity for a token, which heartbeats then carry",
    request: { "text/plain": exchangeSchema, [json]: exchangeSchema },
    response: { [json]: responses.token },
  },
  "DELETE /v1/token": {
    summary:
      "Revokes the tokens of the client whose token is the bearer token; with a secret key, those of a user or of everybody",
    request: { [json]: revocationSchema },
    response: { [json]: responses.revoked },
  },
  "GET /v1/live": {
    summary:
      "A WebSocket (sub-protocol headcount.v1) that counts its user for as long as it is pinged: see docs/wire.md",
    response: {},
    status: 101,
  },
  "POST /v1/activity": {
    summary: "Reports activity from servers: JSON, or NDJSON or CSV of any length; optionally in gzip",
    roles: servers,
    query: { timeUnit: "ms or s: the unit of times that are numbers, since 1970; default ms" },
    request: {
      [json]: activityBody,
      "application/x-ndjson": z.string(),
      "application/jsonl": z.string(),
      "text/csv": z.string(),
    },
    response: { [json]: responses.activity },
  },
  "POST /v1/links": {
    summary: "Makes two users one person; many pairs as NDJSON",
    roles: servers,
    request: { [json]: linkSchema, "application/x-ndjson": z.string() },
    response: { [json]: z.union([responses.linked, responses.linkedMany]) },
  },
  "DELETE /v1/links": {
    summary: "Ends a link: the two users count as two people again",
    roles: servers,
    request: { [json]: unlinkSchema },
    response: { [json]: responses.linked },
  },
  "POST /v1/exclusions": {
    summary: "Excludes a user from the counts, past counts included",
    roles: servers,
    request: { [json]: exclusionSchema },
    response: { [json]: responses.excluded },
  },
  "DELETE /v1/exclusions": {
    summary: "Ends an exclusion: the user is counted again from now on",
    roles: servers,
    request: { [json]: exclusionSchema },
    response: { [json]: responses.excluded },
  },
  "GET /v1/active": {
    summary: "How many people were active in a window",
    roles: readers,
    query: {
      window: "a list of Nm, Nh or Nd",
      since: "Unix milliseconds or ISO 8601",
      from: "a day or an instant",
      to: "a day or an instant, not included",
      period: "day, week or month",
      date: "YYYY-MM-DD",
      ...by,
      ...filter,
      ...fresh,
    },
    response: { [json]: responses.active },
  },
  "GET /v1/engagement": {
    summary: "Rolling active users, their ratios, stickiness and growth",
    roles: readers,
    query: { ...by, ...filter, ...fresh },
    response: { [json]: responses.engagement },
  },
  "GET /v1/timeseries": {
    summary: "A figure for each day",
    roles: readers,
    query: {
      metric: "dau, wau, mau, new or stickiness",
      from: "YYYY-MM-DD",
      to: "YYYY-MM-DD, not included",
      ...by,
      ...filter,
      ...fresh,
    },
    response: { [json]: responses.timeseries },
  },
  "GET /v1/retention": {
    summary: "Cohorts, and how many people of each came back",
    roles: readers,
    query: { ...interval, cohorts: "how many", periods: "how many", ...by, ...filter, ...fresh },
    response: { [json]: responses.retention },
  },
  "GET /v1/lifecycle": {
    summary: "New, returning, resurrected and dormant people",
    roles: readers,
    query: { ...interval, periods: "how many", ...filter, ...fresh },
    response: { [json]: responses.lifecycle },
  },
  "GET /v1/power": {
    summary: "The power user curve: how many people were active on how many of the last days",
    roles: readers,
    query: {
      days: "2 to 31; default 28",
      to: "YYYY-MM-DD, not included; default today",
      ...filter,
      ...fresh,
    },
    response: { [json]: responses.power },
  },
  "GET /v1/growth": {
    summary:
      "Growth accounting: new, current, reactivated, resurrected and at-risk people, and the share that comes back",
    roles: readers,
    query: { ...interval, periods: "how many", ...fresh },
    response: { [json]: responses.growth },
  },
  "GET /v1/online": {
    summary: "People active in the last five minutes, and the open sockets",
    roles: readers,
    query: { ...by, ...filter, ...fresh },
    response: { [json]: responses.online },
  },
  "GET /v1/sketch": {
    summary: "The sketch of a day, for a data warehouse",
    roles: servers,
    query: {
      day: "YYYY-MM-DD",
      format: "redis, postgres, datasketches, trino, bigquery or json",
      part: "added or removed",
      ...filter,
      ...fresh,
    },
    response: { [json]: responses.sketch, "application/octet-stream": null, "text/plain": null },
  },
  "GET /v1/export": {
    summary: "Exports the app, to be imported elsewhere",
    roles: servers,
    query: { after: "the cursor of the last complete line of an interrupted export" },
    response: { "application/x-ndjson": null },
  },
  "POST /v1/import": {
    summary: "Imports exports of the app and merges them with its data",
    roles: servers,
    query: { settings: "1: import the settings too" },
    request: { "application/x-ndjson": z.string() },
    response: { [json]: responses.imported },
  },
  "GET /v1/status": {
    summary: "The state of each part",
    roles: readers,
    query: { ...fresh, part: "rollup, shard or gate: only these parts" },
    response: { [json]: responses.status },
  },
  "GET /metrics": {
    summary: "Metrics in OpenMetrics format, for Prometheus",
    roles: readers,
    query: fresh,
    response: { [openMetricsType]: null },
  },
  "GET /v1/settings": {
    summary: "The app's settings",
    roles: servers,
    response: { [json]: responses.settings },
  },
  "PUT /v1/settings": {
    summary: "Changes settings; settings that are absent keep their value",
    roles: servers,
    request: { [json]: settingsSchema },
    response: { [json]: responses.settings },
  },
  "POST /v1/share": {
    summary: "Creates a link to one view of the dashboard",
    roles: readers,
    request: { [json]: shareSchema },
    response: { [json]: shareLinkSchema },
  },
  "GET /v1/share": {
    summary: "What a shared view shows; needs its token as bearer token",
    isForViews: true,
    response: { [json]: sharedViewSchema },
  },
  "GET /v1/annotations": {
    summary: "The annotations of days, oldest first",
    roles: readers,
    response: { [json]: responses.annotations },
  },
  "PUT /v1/annotations": {
    summary: "Sets the annotation of a day, replacing an earlier one",
    roles: servers,
    request: { [json]: annotationSchema },
    response: { [json]: responses.annotation },
  },
  "DELETE /v1/annotations": {
    summary: "Removes the annotation of a day",
    roles: servers,
    request: { [json]: annotationDaySchema },
    response: { [json]: responses.annotationDeleted },
  },
  "GET /v1/apps": {
    summary: "The apps that have activity, with their figures",
    isForService: true,
    query: { limit: "1 to 300 apps; default 100", after: "`next` of the previous page" },
    response: { [json]: responses.apps },
  },
  "GET /": { summary: "The dashboard", response: { "text/html": null } },
  "GET /embed": {
    summary: "A shared view as a page; pages of `embedOrigins` may show it in a frame",
    query: { view: "the token of POST /v1/share" },
    response: { "text/html": null },
  },
  "GET /dashboard.js": { summary: "The dashboard's script", response: { "text/javascript": null } },
  "GET /dashboard.css": { summary: "The dashboard's style", response: { "text/css": null } },
  "GET /badge.svg": {
    summary: "A badge with a live count in steps of ten or more",
    query: { key: "a share token or a read key", metric: "online, dau or mau" },
    response: { "image/svg+xml": null },
  },
  "GET /healthz": {
    summary: "Health: 200 while the Worker runs; 503 if it has no secret or stored data were lost",
    response: { [json]: responses.health },
  },
  "GET /sdk.js": { summary: "The SDK for a script tag", response: { "text/javascript": null } },
  "GET /sdk.dev.js": {
    summary: "The SDK in its development build, which says why nothing is sent",
    response: { "text/javascript": null },
  },
  "GET /sdk.mjs": { summary: "The SDK's core as a module", response: { "text/javascript": null } },
  "GET /headcount.tgz": {
    summary: "The npm package in the version that runs",
    response: { "application/gzip": null },
  },
  "GET /openapi.json": { summary: "This document", response: { [json]: z.object({}) } },
  "GET /docs": {
    summary: "The API reference, generated from this document",
    response: { "text/html": null },
  },
  "GET /docs.css": { summary: "The API reference's style", response: { "text/css": null } },
};
