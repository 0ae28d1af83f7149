import { ok, refused, type Result } from "../../worker/result.ts";

/** A value of the files that Prosody's internal storage writes. Numbers without a key count from 1. */
export type LuaValue = string | number | boolean | null | { [key: string]: LuaValue };

const token =
  /\s*(?:--[^\n]*\n\s*)*(?:("(?:[^"\\]|\\[^])*")|(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([A-Za-z_]\w*)|([{}[\]=;,]))/y;
const escapes: Record<string, string> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\n": "\n",
};

/** Reads `return {…}`: tables, texts, numbers and truth values, and nothing that would have to be run. */
export function readLuaTable(text: string): Result<LuaValue> {
  const tokens: string[] = [];
  token.lastIndex = 0;
  let end = 0;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    tokens.push((found[1] ?? found[2] ?? found[3] ?? found[4]) as string);
    end = token.lastIndex;
  }
  if (text.slice(end).trim() !== "" || tokens.shift() !== "return") return notATable;
  const value = valueOf(tokens, 0);
  if (tokens[0] === ";") tokens.shift();
  return value === undefined || tokens.length > 0 ? notATable : ok(value);
}

const notATable = refused("expected a table of Prosody's internal storage, return {…}");
const maxDepth = 20;

/** Takes a value from the tokens; undefined where there is none. */
function valueOf(tokens: string[], depth: number): LuaValue | undefined {
  const next = tokens.shift();
  if (next === undefined || depth > maxDepth) return undefined;
  if (next.startsWith('"')) return textOf(next);
  if (next === "true" || next === "false") return next === "true";
  if (next === "nil") return null;
  if (next !== "{") return /^-?\d/.test(next) ? Number(next) : undefined;
  const table: Record<string, LuaValue> = Object.create(null);
  let place = 1;
  while (tokens[0] !== "}") {
    const key = keyOf(tokens) ?? String(place++);
    const value = valueOf(tokens, depth + 1);
    if (value === undefined) return undefined;
    table[key] = value;
    if (tokens[0] === ";" || tokens[0] === ",") tokens.shift();
  }
  tokens.shift();
  return table;
}

/** Takes `["key"] =` or `key =`; undefined where the value stands alone. */
function keyOf(tokens: string[]): string | undefined {
  if (tokens[0] === "[" && tokens[2] === "]" && tokens[3] === "=") {
    const [, key = ""] = tokens.splice(0, 4);
    return key.startsWith('"') ? textOf(key) : key;
  }
  return tokens[1] === "=" ? tokens.splice(0, 2)[0] : undefined;
}

function textOf(quoted: string): string {
  const bytes: Uint8Array[] = [];
  for (const [whole, decimal, escaped] of quoted.slice(1, -1).matchAll(/\\(\d{1,3})|\\([^])|[^\\]+/g)) {
    if (decimal !== undefined) bytes.push(Uint8Array.of(Number(decimal) & 255));
    else bytes.push(Buffer.from(escaped === undefined ? whole : (escapes[escaped] ?? escaped)));
  }
  return Buffer.concat(bytes).toString();
}
