import { expect, test } from "vitest";
import { closeCodes } from "../../sdk/wire.ts";
import { maxGates, socketReportTtlMs } from "../../worker/limits.ts";
import { admissionDigest } from "../../worker/live/admission.ts";
import { closeFor } from "../../worker/http/close-frame.ts";
import { forEachApp } from "../../worker/app/for-each-app.ts";
import { GateChoice } from "../../worker/live/gate-choice.ts";
import { requestFacts } from "../../worker/http/request-facts.ts";
import { OpenSockets } from "../../worker/live/open-sockets.ts";
import { dueReports } from "../../worker/live/socket-reports.ts";
import { AppSettings, defaultSettings } from "../../worker/counting/app-settings.ts";
import { Refusal } from "../../worker/http/problem.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { randomWords } from "../sketch/random.ts";

/** Takes sockets to gates that hold `room` each; gives how many each has, and how many found no room. */
function fill(sockets: number, room: number) {
  const words = randomWords(7);
  const choice = new GateChoice(() => (words() >>> 0) / 2 ** 32);
  const gates = new Map<string, number>();
  let refused = 0;
  let asked = 0;
  for (let socket = 0; socket < sockets; socket++) {
    let isIn = false;
    for (const gate of choice.candidates("EU")) {
      asked++;
      const open = gates.get(gate) ?? 0;
      if (open >= room) continue;
      gates.set(gate, open + 1);
      isIn = true;
      break;
    }
    if (!isIn) refused++;
  }
  return { gates, refused, asked, names: choice.names() };
}

test("a few sockets share one gate", () => {
  const { gates } = fill(100, 100);
  expect([...gates.keys()]).toEqual(["eu-0"]);
});

test("gates double when one is full, and few that are asked refuse", () => {
  const { gates, refused, asked, names } = fill(3000, 100);
  expect(refused).toBe(0);
  expect(gates.size).toBeGreaterThanOrEqual(30);
  expect(gates.size).toBeLessThanOrEqual(64);
  expect(asked).toBeLessThan(2 * 3000);
  expect(names).toEqual(expect.arrayContaining([...gates.keys()]));
});

test("many who are refused in the same moment double the gates once", () => {
  const choice = new GateChoice(() => 0);
  const requests = Array.from({ length: 100 }, () => choice.candidates("EU"));
  expect(new Set(requests.map((request) => request.next().value))).toEqual(new Set(["eu-0"]));
  expect(new Set(requests.map((request) => request.next().value))).toEqual(new Set(["eu-1"]));
  expect(new Set(requests.map((request) => request.next().value))).toEqual(new Set(["eu-2"]));
  expect(choice.names()).toHaveLength(4);
  // Somebody who was slow finds that others have gone on, and tries where they are.
  const [slow, ...others] = requests;
  for (const request of others) {
    request.next();
    request.next();
  }
  const grown = choice.names().length;
  expect(grown).toBeGreaterThan(8);
  expect(slow?.next().value).toBe(`eu-${grown / 2}`);
  expect(choice.names()).toHaveLength(grown);
});

test("where all gates are full nobody waits: the tries are bounded", () => {
  const { refused, gates } = fill(maxGates * 10 + 500, 10);
  expect(gates.size).toBeLessThanOrEqual(maxGates);
  expect(refused).toBeGreaterThanOrEqual(500);
  const choice = new GateChoice(() => 0.5);
  expect([...choice.candidates("EU")].length).toBeLessThanOrEqual(14);
  expect([...choice.candidates("EU")].length).toBeLessThanOrEqual(2);
});

test("a continent that isn't one is like none", () => {
  const choice = new GateChoice(() => 0);
  for (const continent of [undefined, 7, "../x", "eu"]) {
    expect(choice.candidates(continent).next().value).toBe("xx-0");
  }
  expect(choice.candidates("NA").next().value).toBe("na-0");
});

test("a refusal becomes the close code of its kind, with words that fit into a frame", () => {
  const code = (error: unknown) => closeFor(error).code;
  expect(code(new Refusal("malformed-body", "x"))).toBe(closeCodes.badMessage);
  expect(code(new Refusal("body-too-large", "x"))).toBe(closeCodes.badMessage);
  expect(code(new Refusal("credentials-invalid", "x"))).toBe(closeCodes.credentials);
  expect(code(new Refusal("wrong-role", "x"))).toBe(closeCodes.credentials);
  expect(code(new Refusal("origin-not-allowed", "x"))).toBe(closeCodes.credentials);
  expect(code(new Refusal("unavailable", "x"))).toBe(closeCodes.tryAgain);
  expect(closeFor(new Error("secret"))).toEqual({ code: closeCodes.tryAgain, reason: "internal-error" });
  const { reason } = closeFor(new Refusal("malformed-body", "…".repeat(200)));
  expect(reason).toMatch(/^malformed-body: …+$/);
  expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  expect(Buffer.byteLength(reason)).toBeGreaterThan(120);
});

test("of a request is kept what its first message is judged by, and no more", () => {
  const headers = {
    origin: "https://app.example",
    "user-agent": "u".repeat(5000),
    "x-forwarded-for": `${"1.2.3.4, ".repeat(500)}203.0.113.7`,
    cookie: "session=secret",
  };
  const facts = requestFacts(new Request("https://headcount.test/", { headers }), "x-forwarded-for");
  expect(facts).toEqual({
    address: "203.0.113.7",
    origin: "https://app.example",
    userAgent: "u".repeat(512),
    country: null,
    continent: null,
  });
  expect(requestFacts(new Request("https://headcount.test/"), undefined)).toEqual({
    address: null,
    origin: null,
    userAgent: "",
    country: null,
    continent: null,
  });
});

test("an app that fails holds up no other, and is told of in the end", async () => {
  const apps = Array.from({ length: 50 }, (_, index) => `app-${index}`);
  const items = [...apps, ...apps].map((app) => ({ socket: { app } }));
  const done = new Map<string, number>();
  const outcome = forEachApp(items, async (app, ofApp) => {
    if (app === "app-7") throw new Error("down");
    await Promise.resolve();
    done.set(app, ofApp.length);
  });
  await expect(outcome).rejects.toThrow("down");
  expect(done.size).toBe(49);
  expect(new Set(done.values())).toEqual(new Set([2]));
});

test("roll-ups are told of changes, of the last socket's end, and now and then of all", () => {
  const told = [
    { app: "same", open: 2, at: 0 },
    { app: "grown", open: 2, at: 0 },
    { app: "gone", open: 1, at: 0 },
  ];
  const open = new Map([
    ["same", 2],
    ["grown", 3],
    ["new", 1],
  ]);
  expect(dueReports(open, told, 10_000)).toEqual([
    { app: "grown", open: 3 },
    { app: "new", open: 1 },
    { app: "gone", open: 0 },
  ]);
  expect(dueReports(open, told, 300_000).map(({ app }) => app)).toEqual(["same", "grown", "new", "gone"]);
});

test("sockets are added up over gates, the last report of each, and those of a lost gate expire", () => {
  const sockets = new OpenSockets(new MemoryStore());
  sockets.note("eu-0", 5, 0);
  sockets.note("eu-1", 7, 1000);
  sockets.note("eu-0", 6, 2000);
  expect(sockets.total(3000)).toBe(13);
  expect(sockets.total(1000 + socketReportTtlMs)).toBe(13);
  expect(sockets.total(1001 + socketReportTtlMs)).toBe(6);
  sockets.note("eu-0", 0, 4000);
  expect(sockets.reports(5000)).toEqual([{ gate: "eu-1", open: 7, at: 1000 }]);
});

test("settings that decide who may count change the digest, and the others don't", () => {
  const whole = new AppSettings(new MemoryStore()).config();
  const digest = admissionDigest(whole);
  const changed = (change: object) =>
    admissionDigest({ ...whole, settings: { ...defaultSettings, ...change } });
  for (const change of [
    { origins: ["https://a.example"] },
    { dimensions: ["plan"] },
    { keyRevisions: { pub: 1, read: 0, secret: 0, share: 0 } },
    { keyRevisions: { pub: 0, read: 0, secret: 1, share: 0 } },
    { identity: "signed" as const },
  ]) {
    expect(changed(change)).not.toBe(digest);
  }
  expect(admissionDigest({ ...whole, tokenEpoch: 1 })).not.toBe(digest);
  for (const change of [
    { timeZone: "Asia/Tokyo" },
    { retentionDays: 30 },
    { shards: 8 },
    { tokenTtl: 9 },
    { keyRevisions: { pub: 0, read: 1, secret: 0, share: 1 } },
  ]) {
    expect(changed(change)).toBe(digest);
  }
});
