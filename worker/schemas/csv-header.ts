import { ok, refused, type Result } from "../result.ts";
import { beatMembers } from "./beat-schema.ts";
import { unknownName } from "./suggest.ts";

/** Members of a beat that a column may hold. */
const columnMembers = beatMembers.filter((name) => name !== "dimensions");

/** Makes a beat of the fields of a record. */
export type BeatOfFields = (fields: readonly string[]) => Result<unknown>;

/**
 * Reads the header line of CSV: the columns are members of a beat, and declared dimensions by their names.
 *
 * @param dimensions that the app declares
 */
export function readHeader(header: readonly string[], dimensions: readonly string[]): Result<BeatOfFields> {
  const columns = header.map((name) => name.trim());
  const known = [...columnMembers, ...dimensions.filter((name) => !columnMembers.includes(name))];
  // Where no column says who, it may be no header line but somebody's id: nothing of it is repeated.
  if (!columns.includes("user") && !columns.includes("anonymous")) {
    return refused(
      `expected a header line with user or anonymous, and optionally ${known.slice(2).join(", ")}`,
    );
  }
  const unknown = columns.find((name) => !known.includes(name));
  if (unknown !== undefined) return refused(unknownName(unknown, known, "column"));
  if (new Set(columns).size < columns.length) return refused("expected each column once");
  return ok((fields) => {
    if (fields.length !== columns.length) {
      return refused(`expected ${columns.length} fields, as in the header line`);
    }
    return ok(beatOf(columns, fields));
  });
}

/** A blank field tells nothing, but for the time: a line that should have one is not of now. */
function beatOf(columns: readonly string[], fields: readonly string[]): Record<string, unknown> {
  const beat: Record<string, unknown> = {};
  const dimensions: Record<string, string> = {};
  for (const [index, name] of columns.entries()) {
    const value = fields[index] as string;
    if (value === "" && name !== "at") continue;
    if (columnMembers.includes(name)) beat[name] = value;
    else dimensions[name] = value;
  }
  return { ...beat, dimensions };
}
