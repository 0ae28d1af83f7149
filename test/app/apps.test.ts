import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Apps } from "../../worker/app/apps.ts";
import { maxRememberedApps, settingsTtlMs } from "../../worker/limits.ts";
import { defaultConfig, FakeEnv, passingError } from "./fake-env.ts";

const now = Date.parse("2026-11-20T10:00:00Z");

let fake: FakeEnv;
let apps: Apps;

beforeEach(() => {
  fake = new FakeEnv();
  apps = new Apps(fake.env);
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

test("an app is opened by asking its roll-up, and known for as long as settings may be old", async () => {
  const app = await apps.open("acme", now);
  expect(app.name.app).toBe("acme");
  expect(app.settings).toEqual(defaultConfig.settings);
  expect(await apps.open("acme", now + settingsTtlMs - 1)).toBe(app);
  expect(fake.config).toHaveBeenCalledTimes(1);
  const changed = { ...defaultConfig, zones: [{ from: 0, zone: "Asia/Tehran" }], shardsEver: 4 };
  fake.config.mockResolvedValue(changed);
  expect(await apps.open("acme", now + settingsTtlMs)).toBe(app);
  expect(fake.config).toHaveBeenCalledTimes(2);
  expect(app.config).toEqual(changed);
  expect(app.calendar.zone).toBe("Asia/Tehran");
  expect(app.readAt).toBe(now + settingsTtlMs);
});

test("an app's objects are named after it and the key that its users are hashed with", async () => {
  const app = await apps.open("acme", now);
  await app.shard(3, (shard) => shard.record([]), "weur");
  const keyId = app.name.keyId.toString(16).padStart(8, "0");
  expect(fake.asked).toEqual([
    [`acme.${keyId}`, undefined],
    [`acme.${keyId}.3`, "weur"],
  ]);
  const other = new FakeEnv(Buffer.alloc(32, 8).toString("base64url"));
  expect((await new Apps(other.env).open("acme", now)).name.keyId).not.toBe(app.name.keyId);
});

test("two that open an app at the same time get one app, and nothing that is counted meanwhile is lost", async () => {
  const answers: ((config: typeof defaultConfig) => void)[] = [];
  fake.config.mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
  const opening = [apps.open("acme", now), apps.open("acme", now)];
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[0]?.(defaultConfig);
  // Either may have been the first to ask: keys are derived beside the event loop.
  const app = await Promise.race(opening);
  app.counters.note("beats_late");
  answers[1]?.({ ...defaultConfig, shardsEver: 2 });
  expect(await Promise.all(opening)).toEqual([app, app]);
  expect(app.config.shardsEver).toBe(2);
  expect(app.counters.take()).toEqual({ beats_late: 1 });
});

test("two of them share nothing", async () => {
  const others = new Apps(fake.env);
  const [one, other] = [await apps.open("acme", now), await others.open("acme", now)];
  expect(other).not.toBe(one);
  one.counters.note("beats_late");
  expect(other.counters.take()).toEqual({});
  const { standing } = other;
  one.renewStanding();
  expect(other.standing).toBe(standing);
  // The same secret, so the same people.
  expect(other.hasher.hash("user", "a")).toEqual(one.hasher.hash("user", "a"));
});

test("what was answered stands for as long as neither settings nor who counts as whom change", async () => {
  const app = await apps.open("acme", now);
  const { standing } = app;
  app.remember({ ...defaultConfig }, now + 1);
  expect(app.standing).toBe(standing);
  app.remember({ ...defaultConfig, inclusions: 1 }, now + 2);
  expect(app.standing).not.toBe(standing);
  const later = app.standing;
  app.renewStanding();
  expect(app.standing).not.toBe(later);
});

test("an app that can't be read is unavailable, and is read the next time it is asked for", async () => {
  fake.config.mockRejectedValueOnce(new Error("no way"));
  await expect(apps.open("acme", now)).rejects.toMatchObject({ reason: "unavailable" });
  expect((await apps.open("acme", now)).name.app).toBe("acme");
});

test("a call that may help when it is made again is made up to three times, each on a new stub", async () => {
  fake.config.mockRejectedValueOnce(passingError()).mockRejectedValueOnce(passingError());
  expect((await apps.open("acme", now)).name.app).toBe("acme");
  expect(fake.asked).toHaveLength(3);
  fake.config.mockRejectedValue(passingError());
  await expect(apps.open("other", now)).rejects.toMatchObject({ reason: "unavailable" });
  expect(fake.asked).toHaveLength(6);
});

test("an object that is overloaded is left alone", async () => {
  fake.config.mockRejectedValue(Object.assign(passingError(), { overloaded: true }));
  await expect(apps.open("acme", now)).rejects.toMatchObject({
    reason: "unavailable",
    headers: { "retry-after": "10" },
  });
  expect(fake.asked).toHaveLength(1);
});

test("the app that was read longest ago is forgotten first", async () => {
  const names = Array.from({ length: maxRememberedApps + 1 }, (_, index) => `app-${index}`);
  const opened = [];
  for (const name of names.slice(0, -1)) opened.push(await apps.open(name, now));
  // Read again, so the next one is the oldest.
  await apps.open("app-0", now + settingsTtlMs);
  await apps.open(names.at(-1) as string, now);
  fake.config.mockClear();
  expect(await apps.open("app-0", now + settingsTtlMs)).toBe(opened[0]);
  expect(await apps.open("app-2", now)).toBe(opened[2]);
  expect(fake.config).not.toHaveBeenCalled();
  expect(await apps.open("app-1", now)).not.toBe(opened[1]);
});

test("without a good secret nothing is opened, and it is said what would be right", async () => {
  for (const bad of ["", "short", "!".repeat(43)]) {
    const broken = new FakeEnv(bad);
    await expect(new Apps(broken.env).open("acme", now)).rejects.toMatchObject({
      reason: "not-configured",
      detail: "HEADCOUNT_SECRET: expected at least 32 random bytes in base64url",
    });
    expect(broken.asked).toEqual([]);
  }
});
