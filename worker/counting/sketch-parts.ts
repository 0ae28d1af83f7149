import type { Period, PeriodKind } from "./periods.ts";

/** What a sketch is about: a period, and a series (`""` is everyone). */
export interface SeriesPeriod extends Period {
  series: string;
}

/** Sparse entries of the users seen in one period and series: what the Worker hands to a shard. */
export interface ActivityPart extends SeriesPeriod {
  entries: Uint32Array;
  /** Whether somebody vouches for one of the users: the app's server, or a signed identity. */
  isProven?: boolean;
}

/** An encoded sketch of one period and series: what a shard logs and pushes to the roll-up. */
export interface SketchPart extends SeriesPeriod {
  sketch: Uint8Array;
  /** As in `ActivityPart`. */
  isProven?: boolean;
}

/**
 * A key for maps. The end is no part of it: a change of time zone ends a day that has begun already, and what was
 * counted in it before belongs to the same day.
 */
export function partKey(part: SeriesPeriod): string {
  return `${part.kind}/${part.start}/${part.series}`;
}

const version = 2;
/** That of the first release, in which nothing was proven. */
const formerVersion = 1;
/** A bit beside the kind. */
const provenBit = 0x80;
const kinds: readonly PeriodKind[] = ["slot", "hour", "day"];
const headBytes = 1 + 8 + 8 + 2 + 4;

/**
 * Parts in one row of a shard's log, little-endian: a version byte, then for each part its kind (u8, with bit 7 where it is proven), start and
 * end (f64, Unix ms), lengths of series (u16) and sketch (u32), the series in UTF-8 and the sketch.
 */
export function encodeParts(parts: readonly SketchPart[]): Uint8Array {
  const encoder = new TextEncoder();
  const series = parts.map((part) => encoder.encode(part.series));
  const size = parts.reduce(
    (sum, part, index) => sum + headBytes + (series[index] as Uint8Array).length + part.sketch.length,
    1,
  );
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes[0] = version;
  let at = 1;
  for (const [index, part] of parts.entries()) {
    const name = series[index] as Uint8Array;
    view.setUint8(at, kinds.indexOf(part.kind) | (part.isProven ? provenBit : 0));
    view.setFloat64(at + 1, part.start, true);
    view.setFloat64(at + 9, part.end, true);
    view.setUint16(at + 17, name.length, true);
    view.setUint32(at + 19, part.sketch.length, true);
    bytes.set(name, at + headBytes);
    bytes.set(part.sketch, at + headBytes + name.length);
    at += headBytes + name.length + part.sketch.length;
  }
  return bytes;
}

/** The parts of a row. Throws `RangeError` on a version this code does not know or bytes that end early. */
export function decodeParts(bytes: Uint8Array): SketchPart[] {
  if (bytes[0] !== version && bytes[0] !== formerVersion) {
    throw new RangeError(`a log row of version ${bytes[0]}; this code reads up to version ${version}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const parts: SketchPart[] = [];
  for (let at = 1; at < bytes.length;) {
    const isProven = bytes[0] === version && (view.getUint8(at) & provenBit) !== 0;
    const kind = kinds[isProven ? view.getUint8(at) ^ provenBit : view.getUint8(at)];
    if (kind === undefined) throw new RangeError("a log row with a period of unknown kind");
    const nameEnd = at + headBytes + view.getUint16(at + 17, true);
    const sketchEnd = nameEnd + view.getUint32(at + 19, true);
    if (sketchEnd > bytes.length) throw new RangeError("a log row that ends in the middle of a sketch");
    parts.push({
      kind,
      start: view.getFloat64(at + 1, true),
      end: view.getFloat64(at + 9, true),
      series: decoder.decode(bytes.subarray(at + headBytes, nameEnd)),
      sketch: bytes.slice(nameEnd, sketchEnd),
      ...(isProven && { isProven }),
    });
    at = sketchEnd;
  }
  return parts;
}
