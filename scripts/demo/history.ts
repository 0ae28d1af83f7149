import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { ActivityResponse } from "../../sdk/wire.ts";
import { UsageError } from "../command-line.ts";
import type { Population } from "./population.ts";

/** What a demo remembers beside its data: where its people's history began, and how far it has been told. */
export interface Chapter {
  /** `YYYY-MM-DD` */
  firstDay: string;
  /** IANA name of the zone in which its days are cut. */
  zone: string;
  /** Unix milliseconds up to which activity has been reported and acknowledged. */
  through: number;
}

const schema = z.strictObject({ firstDay: z.iso.date(), zone: z.string(), through: z.number() });

/** Days of history that a new demo begins with. */
const historyDays = 60;
const dayMs = 86_400_000;

/** Takes up the demo that the folder holds, or begins one. */
export async function openChapter(dataDir: string, now: number): Promise<Chapter> {
  const text = await readFile(fileIn(dataDir), "utf8").catch(() => null);
  if (text !== null) {
    const known = schema.safeParse(JSON.parse(text));
    if (!known.success)
      throw new UsageError(`${fileIn(dataDir)} can't be read: remove the folder to start from scratch`);
    return known.data;
  }
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(now);
  const firstDay = new Date(Date.parse(today) - historyDays * dayMs).toISOString().slice(0, 10);
  return { firstDay, zone, through: 0 };
}

/** Where to report, and as whom. */
export interface Door {
  url: string;
  secretKey: string;
}

/**
 * Reports what the population did from where the demo has come to until `until`, a day a request, and links the
 * accounts that belong together. What it has told stays told if it is interrupted.
 * @param progress is told the share that is done, from 0 to 1, and the beats that were taken
 * @returns how many beats were taken
 */
export async function tellHistory(
  door: Door,
  chapter: Chapter,
  population: Population,
  { dataDir, until, stopping }: { dataDir: string; until: number; stopping: AbortSignal },
  progress: (share: number, beats: number) => void,
): Promise<number> {
  const first = chapter.through === 0 ? 0 : population.dayAt(chapter.through);
  const last = population.dayAt(until);
  let beats = 0;
  for (let day = first; day <= last && !stopping.aborted; day++) {
    const { to } = population.boundsOf(day);
    const lines = population.beatsOf(day, chapter.through, until).map((beat) => `${JSON.stringify(beat)}\n`);
    const answer = await post<ActivityResponse>(door, "/v1/activity", lines.join(""), "application/x-ndjson");
    if (answer.rejected > 0) throw new Error(`the history was not accepted: ${answer.errors[0]?.error}`);
    // Somebody who links accounts does so at the end of a day.
    if (to <= until) {
      for (const link of population.linksOf(day)) await post(door, "/v1/links", JSON.stringify(link));
    }
    chapter.through = Math.min(to, until);
    await keep(dataDir, chapter);
    beats += answer.accepted;
    progress((day - first + 1) / (last - first + 1), beats);
  }
  return beats;
}

/** Has all that was reported so far be counted, so that the first who looks sees it. */
export async function freshen(door: Door): Promise<void> {
  await (await authorized(door, "/v1/active?fresh=1")).arrayBuffer();
}

/** Declares what the demo's beats say, once, before the first of them. */
export async function prepareApp(door: Door, { zone }: Chapter): Promise<void> {
  const settings = { timeZone: zone, dimensions: ["tenant", "platform"] };
  await authorized(door, "/v1/settings", { method: "PUT", body: JSON.stringify(settings) });
}

async function post<Answer>(
  door: Door,
  path: string,
  body: string,
  type = "application/json",
): Promise<Answer> {
  const response = await authorized(door, path, { method: "POST", headers: { "content-type": type }, body });
  return (await response.json()) as Answer;
}

async function authorized({ url, secretKey }: Door, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${secretKey}`);
  const response = await fetch(url + path, { ...init, headers });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response;
}

/** In one step, so that an interruption leaves the one or the other. */
async function keep(dataDir: string, chapter: Chapter): Promise<void> {
  await writeFile(`${fileIn(dataDir)}.new`, JSON.stringify(chapter));
  await rename(`${fileIn(dataDir)}.new`, fileIn(dataDir));
}

function fileIn(dataDir: string): string {
  return join(dataDir, "demo.json");
}
