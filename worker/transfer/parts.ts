import * as z from "zod";
import { crc32 } from "../sketch/crc32.ts";
import { utf8 } from "../bytes.ts";
import { hex } from "../hex.ts";
import type { Decoded } from "../ingest/beat.ts";

const ms = z.number();
const entry = z.int().min(0).max(0xffffffff);
const json = z.record(z.string(), z.unknown());

/** One part of an exported app. The first of an export is its head, the last its end. */
const partSchema = z.union([
  z.strictObject({
    head: z.strictObject({ format: z.literal("headcount-export/1"), app: z.string(), keyId: entry }),
  }),
  z.strictObject({ settings: json }),
  z.strictObject({ zones: z.array(z.unknown()).min(1) }),
  z.strictObject({
    sketch: z.strictObject({
      kind: z.enum(["slot", "hour", "day"]),
      series: z.string(),
      start: ms,
      end: ms,
      bytes: z.base64(),
    }),
  }),
  z.strictObject({
    alias: z.strictObject({ entry, spread: entry, target: entry.nullable(), targetSpread: entry }),
  }),
  z.strictObject({ day: json }),
  z.strictObject({ end: z.literal(true) }),
]);

export type Part = z.infer<typeof partSchema>;

/** Where an export goes on: after this part. */
export type Cursor = string;

/** A line of an export: a part, where to go on after it, and a CRC-32 over both. */
export function encodeLine(part: Part, cursor: Cursor): string {
  return `${JSON.stringify({ part, cursor, crc: checksum(part, cursor) })}\n`;
}

const lineSchema = z.strictObject({ part: z.unknown(), cursor: z.string(), crc: z.string() });

/** The part of a line of an export, or in words what is wrong with it. */
export function decodeLine(input: unknown): Decoded<Part> {
  const line = lineSchema.safeParse(input);
  if (!line.success) return { ok: false, error: "expected a line of an export" };
  if (line.data.crc !== checksum(line.data.part, line.data.cursor)) {
    return { ok: false, error: "damaged: its checksum doesn't fit" };
  }
  const part = partSchema.safeParse(line.data.part);
  return part.success
    ? { ok: true, value: part.data }
    : {
        ok: false,
        error: "a part that this release doesn't know: import it with the one that wrote it, or newer",
      };
}

function checksum(part: unknown, cursor: string): string {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, crc32(utf8(JSON.stringify([part, cursor]))));
  return hex(new Uint8Array(view.buffer));
}
