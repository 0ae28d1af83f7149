import * as z from "zod";
import { crc32 } from "../sketch/crc32.ts";
import { decodeBase64, hex, utf8 } from "../bytes.ts";
import { isTimeZone } from "../counting/calendar.ts";
import { reading } from "../schemas/reading.ts";
import { decodeSettings } from "../schemas/settings-schema.ts";
import { decode, type HyperLogLog } from "../sketch/index.ts";
import type { Result } from "../result.ts";

const ms = z.int();
const entry = z.int().min(0).max(0xffffffff);
const counted = z.strictObject({ count: z.number(), low: z.number(), high: z.number() });
const ratio = z.strictObject({ value: z.number(), low: z.number(), high: z.number() }).nullable();
const growth = z.strictObject({
  of: z.string(),
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
/** Settings as they are stored, where a shared secret is sealed; they keep to the rules of those that are set. */
const settings = z.unknown().transform(reading(decodeSettings));
const zoneSpan = z.strictObject({ from: ms, zone: z.string().refine(isTimeZone) });

/** One record of an exported app. The first of an export is its head, the last its end. */
const recordSchema = z.union([
  z.strictObject({
    head: z.strictObject({ format: z.literal("headcount-export/1"), app: z.string(), keyId: entry }),
  }),
  z.strictObject({ settings }),
  z.strictObject({
    zones: z
      .array(zoneSpan)
      .min(1)
      .refine((spans) => spans.every(({ from }, at) => (at === 0 ? from === 0 : from > spans[at - 1]!.from))),
  }),
  z.strictObject({
    sketch: z
      .strictObject({
        kind: z.enum(["slot", "hour", "day"]),
        series: z.string(),
        start: ms,
        end: ms,
        bytes: z.base64(),
      })
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
    day: z.strictObject({
      date: z.iso.date(),
      from: ms,
      to: ms,
      dau: counted,
      wau: counted,
      mau: counted,
      new: counted,
      growth: z.strictObject({ day: growth.optional(), week: growth.optional() }).optional(),
    }),
  }),
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
    return { ok: false, error: "damaged: its checksum doesn't fit" };
  }
  const part = recordSchema.safeParse(line.data.part);
  return part.success
    ? { ok: true, value: part.data }
    : {
        ok: false,
        error: "a record that this release doesn't know: import it with the one that wrote it, or newer",
      };
}

/** The sketch that a record holds as base64. */
export function sketchIn({ bytes }: { bytes: string }): HyperLogLog {
  return decode(decodeBase64(bytes));
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
