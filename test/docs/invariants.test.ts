import { expect, test } from "vitest";
import { textOf } from "./pages.ts";

interface Entry {
  title: string;
  text: string;
  /** The tests that it names, by file and name. */
  tests: [file: string, name: string][];
}

/** The invariants of the page, each below a heading of the third level. */
function entriesIn(page: string): Entry[] {
  return page
    .split("\n### ")
    .slice(1)
    .map((entry) => {
      const [title = ""] = entry.split("\n", 1);
      const text = entry.split("\n## ", 1)[0] ?? "";
      const named = text.matchAll(/^- `(test\/[\w/.-]+)`: "(.+)"$/gm);
      return { title, text, tests: Array.from(named, ([, file = "", name = ""]) => [file, name]) };
    });
}

/** The names of the tests in a file; of the planted faults in a list of those. */
function namesIn(file: string): string[] {
  const tests = textOf(file).matchAll(
    /\btest(?:\.\w+)*(?:\([^"]*\))?\(\s*"((?:[^"\\]|\\.)+)"|^ {2}"([^"]+)": /gm,
  );
  return Array.from(tests, ([, name, fault]) => name ?? fault ?? "");
}

const entries = entriesIn(textOf("docs/invariants.md"));

test("every invariant says where it is kept and names a test that holds it", () => {
  expect(entries.length).toBeGreaterThan(20);
  for (const { title, text, tests } of entries) {
    expect([title, /^- Kept in `/m.test(text), tests.length > 0]).toEqual([title, true, true]);
  }
});

test("every test that an invariant names exists", () => {
  const missing = entries
    .flatMap(({ tests }) => tests)
    .filter(([file, name]) => !namesIn(file).includes(name));
  expect(missing).toEqual([]);
});

test("a list of an invariant holds nothing but where it is kept, its exceptions and its tests", () => {
  for (const { title, text, tests } of entries) {
    const named = text.match(/^- `test\//gm) ?? [];
    expect([title, named.length]).toEqual([title, tests.length]);
  }
});
