/**
 * JSON as a document shows it, in which `…` stands for what is left out: members of an object, elements of a list. Written as a
 * tree; numbers, booleans and null are compared by their type, texts by their form.
 */
export type Shape =
  | { is: "value"; value: string | number | boolean | null }
  | { is: "list"; items: Shape[]; isOpen: boolean }
  | { is: "object"; members: Map<string, Shape>; isOpen: boolean };

/** Reads documented JSON. @throws SyntaxError where it is none */
export function shapeOf(text: string): Shape {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{}:,…]|[^\s[\]{}:,…"]+/g) ?? [];
  let at = 0;
  const next = () => tokens[at++];
  const expect = (token: string) => {
    const found = next();
    if (found !== token) throw new SyntaxError(`expected ${token}, not ${found}, in ${text}`);
  };
  /** Reads what stands between brackets; returns whether something was left out. */
  const until = (end: string, read: () => void): boolean => {
    let isOpen = false;
    for (;;) {
      if (tokens[at] === "…") isOpen = next() !== undefined;
      // A comma may stand between what is left out and what isn't, or not.
      else if (tokens[at] === ",") next();
      else if (tokens[at] === end) break;
      else read();
    }
    expect(end);
    return isOpen;
  };
  const read = (): Shape => {
    const token = next();
    if (token === "[") {
      const items: Shape[] = [];
      return { is: "list", items, isOpen: until("]", () => items.push(read())) };
    }
    if (token === "{") {
      const members = new Map<string, Shape>();
      const member = () => {
        const name = JSON.parse(next() ?? "") as string;
        expect(":");
        members.set(name, read());
      };
      return { is: "object", members, isOpen: until("}", member) };
    }
    return { is: "value", value: JSON.parse(token ?? "") as string };
  };
  const shape = read();
  if (at < tokens.length) throw new SyntaxError(`more than one value: ${text}`);
  return shape;
}

/** Members whose text says what a figure is, not which it is: it has to be the same. */
const names = new Set(["definition", "window", "metric"]);

/**
 * Where an answer isn't as documented, by its path; null where it is. Of lists each documented element has to be there, and
 * unless `…` says that there are others, each element has to be like a documented one.
 */
export function mismatch(shape: Shape, value: unknown, path = ""): string | null {
  if (shape.is === "list") return mismatchOfList(shape, value, path);
  if (shape.is === "object") return mismatchOfObject(shape, value, path);
  const [documented, found] = [shape.value, value];
  if (kindOf(documented) !== kindOf(found)) return `${path}: ${kindOf(found)}, not ${kindOf(documented)}`;
  const isName = names.has(path.slice(path.lastIndexOf(".") + 1));
  return isName && documented !== found ? `${path}: ${String(found)}, not ${documented}` : null;
}

function mismatchOfList(
  { items, isOpen }: Extract<Shape, { is: "list" }>,
  value: unknown,
  path: string,
): string | null {
  if (!Array.isArray(value)) return `${path}: ${kindOf(value)}, not a list`;
  const found: unknown[] = value;
  for (const [index, item] of items.entries()) {
    const problems = found.map((one, at) => mismatch(item, one, `${path}[${at}]`));
    if (!problems.includes(null)) return furthest(problems, index) ?? `${path}: empty`;
  }
  if (isOpen) return null;
  for (const [index, one] of found.entries()) {
    const problems = items.map((item) => mismatch(item, one, `${path}[${index}]`));
    if (!problems.includes(null)) return problems[0] ?? `${path}[${index}]: more than none`;
  }
  return null;
}

/** Of the elements' mismatches the one that was found deepest, which is most likely the element that was meant. */
function furthest(problems: readonly (string | null)[], index: number): string | undefined {
  const depth = (problem: string | null) => problem?.split(".").length ?? 0;
  const inTurn = [problems[index] ?? null, ...problems];
  return inTurn.toSorted((a, b) => depth(b) - depth(a))[0] ?? undefined;
}

function mismatchOfObject(
  { members, isOpen }: Extract<Shape, { is: "object" }>,
  value: unknown,
  path: string,
): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `${path}: ${kindOf(value)}, not an object`;
  }
  const found = new Map<string, unknown>(Object.entries(value));
  for (const [name, member] of members) {
    if (!found.has(name)) return `${path}.${name}: missing`;
    const problem = mismatch(member, found.get(name), `${path}.${name}`);
    if (problem !== null) return problem;
  }
  const extra = [...found.keys()].find((name) => !members.has(name));
  return extra === undefined || isOpen ? null : `${path}.${extra}: not documented`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "string") return typeof value;
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return "a day";
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? "an instant" : "a text";
}
