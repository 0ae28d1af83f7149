import * as z from "zod";
import { crc32 } from "../sketch/crc32.ts";
import { decodeBase64, hex, utf8 } from "../bytes.ts";
import { hourMs, maxDimensionValueLength, maxExportedFigure, maxZoneChanges } from "../limits.ts";
import { periodAt } from "../counting/periods.ts";
import { isTimeZone } from "../counting/calendar.ts";
import { annotationSchema } from "../schemas/annotation-schema.ts";
import { reading } from "../schemas/reading.ts";
import { decodeSettings } from "../schemas/settings-schema.ts";
import { decode, type HyperLogLog } from "../sketch/index.ts";
import type { Result } from "../result.ts";

/** Instants of activity: none was counted before there were such services, and none is of a far future. */
const ms = z.int().min(Date.UTC(2000)).max(Date.UTC(2200));
const entry = z.int().min(0).max(0xffffffff);
const people = z.number().min(0).max(maxExportedFigure);
const counted = z.strictObject({ count: people, low: people, high: people });
const figure = z.number().min(-maxExportedFigure).max(maxExportedFigure);
const ratio = z.strictObject({ value: figure, low: figure, high: figure }).nullable();
const growth = z.strictObject({
  of: z.string().max(16),
  hasNext: z.boolean(),
  isWhole: z.boolean(),
  new: counted,
  current: counted,
  reactivated: counted,
  resurrected: counted,
  atRiskWau: counted,
  atRiskMau: counted,
  newUserRetention: ratio,
  currentUserRetention: ratio,
  reactivatedUserRetention: ratio,
  resurrectedUserRetention: ratio,
  quickRatio: ratio,
});
/** Everyone, or a value of a dimension, of those who were added or removed. */
const maxSeriesLength = 64 + maxDimensionValueLength;
const seriesForm = /^-?(?:[a-z][a-zA-Z0-9_]{0,31}=[^]*)?$/;

/** Where a zone leaps over a date line, or another one takes its place, a day may be two. */
const maxDayMs = 50 * hourMs;

/** Settings as they are stored, where a shared secret is sealed; they keep to the rules of those that are set. */
const settings = z.unknown().transform(reading(decodeSettings));
const zoneSpan = z.strictObject({ from: z.union([z.literal(0), ms]), zone: z.string().refine(isTimeZone) });

/** One record of an exported app. The first of an export is its head, the last its end. */
const recordSchema = z.union([
  z.strictObject({
    head: z.strictObject({ format: z.literal("headcount-export/1"), app: z.string().max(40), keyId: entry }),
  }),
  z.strictObject({ settings }),
  z.strictObject({
    zones: z
      .array(zoneSpan)
      .min(1)
      .max(maxZoneChanges)
      .refine((spans) => spans.every(({ from }, at) => (at === 0 ? from === 0 : from > spans[at - 1]!.from))),
  }),
  z.strictObject({
    sketch: z
      .strictObject({
        kind: z.enum(["slot", "hour", "day"]),
        series: z.string().max(maxSeriesLength).regex(seriesForm),
        start: ms,
        end: ms,
        bytes: z.base64(),
      })
      .refine(isPeriod)
      .refine(holdsSketch),
  }),
  z.strictObject({
    alias: z.strictObject({
      entry,
      spread: entry,
      target: entry.nullable(),
      targetSpread: entry,
      until: ms.optional(),
    }),
  }),
  z.strictObject({
    day: z
      .strictObject({
        date: z.iso.date(),
        from: ms,
        to: ms,
        dau: counted,
        wau: counted,
        mau: counted,
        new: counted,
        growth: z.strictObject({ day: growth.optional(), week: growth.optional() }).optional(),
      })
      .refine(({ from, to }) => from < to && to - from <= maxDayMs),
  }),
  z.strictObject({ annotation: annotationSchema }),
  z.strictObject({ end: z.literal(true) }),
]);

export type ExportRecord = z.infer<typeof recordSchema>;

/** Where an export goes on: after this record. */
export type Cursor = string;

/** A line of an export: a record, where to go on after it, and a CRC-32 over both. */
export function encodeLine(part: ExportRecord, cursor: Cursor): string {
  return `${JSON.stringify({ part, cursor, crc: checksum(part, cursor) })}\n`;
}

const lineSchema = z.strictObject({ part: z.unknown(), cursor: z.string(), crc: z.string() });

/** The record on a line of an export, or in words what is wrong with it. */
export function decodeLine(input: unknown): Result<ExportRecord> {
  const line = lineSchema.safeParse(input);
  if (!line.success) return { ok: false, error: "expected a line of an export" };
  if (line.data.crc !== checksum(line.data.part, line.data.cursor)) {
    return { ok: false, error: "damaged: the checksum doesn't match" };
  }
  const part = recordSchema.safeParse(line.data.part);
  return part.success
    ? { ok: true, value: part.data }
    : {
        ok: false,
        error:
          "a record is out of bounds or unknown to this release: import it with the release that wrote it, or a newer one",
      };
}

/** The sketch that a record holds as base64. */
export function sketchIn({ bytes }: { bytes: string }): HyperLogLog {
  return decode(decodeBase64(bytes));
}

/** Slots and hours are of one length, and begin where such a period does; days are as the zone cuts them. */
function isPeriod({
  kind,
  start,
  end,
}: {
  kind: "slot" | "hour" | "day";
  start: number;
  end: number;
}): boolean {
  if (kind === "day") return start < end && end - start <= maxDayMs;
  const period = periodAt(kind, start);
  return period.start === start && period.end === end;
}

function holdsSketch(part: { bytes: string }): boolean {
  try {
    sketchIn(part);
    return true;
  } catch {
    return false;
  }
}

function checksum(part: unknown, cursor: string): string {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, crc32(utf8(JSON.stringify([part, cursor]))));
  return hex(new Uint8Array(view.buffer));
}
