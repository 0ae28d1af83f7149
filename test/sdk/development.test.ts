import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  accept,
  FakePage,
  minute,
  openClient,
  pass,
  refuse,
  restartTheClock,
  stopTheClock,
} from "../support/fake-client.ts";

let said: string[];
let client: typeof openClient;

beforeEach(async () => {
  stopTheClock();
  vi.stubGlobal("__DEV__", true);
  said = [];
  vi.spyOn(console, "warn").mockImplementation((text: string) => void said.push(text));
  // What was said once isn't said again.
  vi.resetModules();
  Reflect.deleteProperty(globalThis, Symbol.for("headcount.keys"));
  ({ openClient: client } = await import("../support/fake-client.ts"));
});
afterEach(restartTheClock);

const problem = (status: number, detail: string) => () =>
  Response.json({ type: "x", title: "x", status, detail }, { status });

type Given = Partial<Parameters<typeof openClient>[0]>;

test.each<[string, Record<string, unknown>, Given, RegExp]>([
  [
    "Global Privacy Control",
    { navigator: { globalPrivacyControl: true } },
    {},
    /Global Privacy Control.*ignoreGpc/,
  ],
  ["a test run", { Cypress: {} }, {}, /test run.*includeBots/],
  ["localhost", { location: new URL("http://localhost:5173/") }, {}, /localhost.*includeBots/],
  ["consent that is not given", {}, { consent: () => false }, /consent/],
  ["a missing endpoint", {}, { endpoint: undefined as unknown as string }, /endpoint is missing/],
  ["a missing key", {}, { key: "" }, /key is missing/],
  ["a key of another role", {}, { key: "hc_secret_app_mac" }, /hc_secret_….*another role/],
  ["undefined in a URL", {}, { endpoint: "https://undefined/hb" }, /endpoint.*no value/],
  ["a slash at the end", {}, { endpoint: "https://hc.test/" }, /slash/],
  ["a URL for an endpoint", {}, { endpoint: new URL("https://hc.test") as never }, /slash/],
  ["a share key", {}, { key: "hc_view_app_x.y" }, /hc_view_….*another role/],
])("%s is explained, once", async (_, globals, options, words) => {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  client(options);
  await pass(20 * minute);
  expect(said.filter((text) => words.test(text))).toHaveLength(1);
  expect(said.every((text) => text.startsWith("[headcount] "))).toBe(true);
});

test("a page that is hidden, and somebody who has opted out, are explained", async () => {
  const page = new FakePage();
  page.visible = false;
  const { headcount } = client({}, { page });
  await pass(0);
  expect(said).toEqual([expect.stringMatching(/hidden/)]);
  headcount.optOut();
  page.show();
  await pass(0);
  expect(said).toEqual([expect.stringMatching(/hidden/), expect.stringMatching(/opted out.*optIn/)]);
});

test("what the server refuses is explained in its words, with the origin where that is what is wrong", async () => {
  vi.stubGlobal("location", new URL("https://app.test/"));
  for (const [status, words] of [
    [401, /not accepted \(401\): the key is malformed/],
    [403, /https:\/\/app\.test.*\(403\): the key is malformed.*origins/],
    [413, /answered 413: the key is malformed/],
  ] as const) {
    const { server } = client();
    server.answer = problem(status, "the key is malformed");
    await pass(0);
    await vi.waitFor(() => expect(said.some((text) => words.test(text))).toBe(true));
  }
});

test("rejected beats, ignored dimensions and values that can't be sent are explained", async () => {
  const { server, headcount } = client();
  server.answer = () =>
    Response.json({
      accepted: 0,
      rejected: [{ index: 0, error: "at: too old" }],
      interval: 300,
      ignored: ["plan"],
    });
  headcount.identify("u-42", { since: "soon", dimensions: { plan: "pro", seats: 42 as unknown as string } });
  await pass(0);
  const all = said.join("\n");
  for (const words of [
    "at: too old",
    "dimension plan is ignored",
    "dimension seats is left out",
    "since is left out",
  ]) {
    expect(all).toContain(words);
  }
});

test.each<[unknown, RegExp]>([
  [new Map([["plan", "pro"]]), /dimensions are left out.*Object\.fromEntries/],
  [Object.fromEntries(Array.from("abcdefghij", (name) => [name, "x"])), /only the first 8/],
  [
    Object.defineProperty({}, "plan", { get: Reflect.ownKeys.bind(null, 5 as never), enumerable: true }),
    /dimensions are left out: they can't be read/,
  ],
])("dimensions that can't be sent are explained", async (dimensions, words) => {
  const { headcount, server } = client();
  headcount.identify("u-42", { dimensions: dimensions as never });
  await pass(11 * minute);
  expect(server.users).toEqual(["u-42", "u-42", "u-42"]);
  expect(said).toEqual([expect.stringMatching(words)]);
});

test("an id that is nobody's is explained", () => {
  const { headcount } = client();
  headcount.identify("undefined");
  expect(said.join()).toMatch(/identify\(\) is ignored/);
});

test("two instances, and a script tag beside a package, are explained", () => {
  client({ key: "hc_pub_one_mac" });
  expect(said).toEqual([]);
  vi.stubGlobal("headcount", { identify: () => {} });
  client({ key: "hc_pub_two_mac" });
  expect(said).toEqual([expect.stringMatching(/different keys/), expect.stringMatching(/twice/)]);
});

test("a script tag without a key is explained", async () => {
  vi.stubGlobal("window", {});
  vi.stubGlobal("document", { currentScript: null, querySelector: () => null });
  vi.stubGlobal("HTMLScriptElement", Object);
  await import("../../sdk/script.ts");
  expect(said).toEqual([expect.stringMatching(/nothing is sent.*no data-key.*init\(\)/)]);
});

test("a server's client that is disabled says so once, when somebody would have been counted", async () => {
  const { createHeadcount } = await import("../../sdk/server/index.ts");
  const clients = [1, 2].map(() => createHeadcount({ disabled: true, endpoint: "", secretKey: "" }));
  expect(said).toEqual([]);
  for (const headcount of clients) {
    headcount.touch("u-42");
    headcount.touchIdentified(() => "u-43");
  }
  expect(said).toEqual([expect.stringMatching(/nobody is counted.*`disabled`/)]);
  expect(said.join()).not.toContain("u-4");
});

test("where everything is right nothing is said", async () => {
  const { server, headcount } = client({ key: "hc_pub_right_mac" });
  server.answer = accept();
  headcount.identify("u-42", { since: "2026-11-01", dimensions: { tenant: "acme", none: undefined } });
  await pass(20 * minute);
  expect(said).toEqual([]);
});

test("another build says nothing at all", async () => {
  vi.stubGlobal("__DEV__", false);
  const { server, headcount } = client({ endpoint: "https://undefined/" });
  server.answer = refuse(403);
  headcount.identify("undefined");
  await pass(20 * minute);
  expect(said).toEqual([]);
});
