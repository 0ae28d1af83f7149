import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { App } from "../../worker/app/app.ts";
import { Apps } from "../../worker/app/apps.ts";
import { recordIn } from "../../worker/app/record-in.ts";
import type { ActivityPart } from "../../worker/counting/sketch-parts.ts";
import { FakeEnv, passingError } from "./fake-env.ts";

const parts: ActivityPart[] = [
  { kind: "day", start: 0, end: 86_400_000, series: "", entries: Uint32Array.of(65) },
];

let fake: FakeEnv;
let app: App;

beforeEach(async () => {
  fake = new FakeEnv();
  app = await new Apps(fake.env).open("acme", 0);
  app.counters.note("beats_accepted", 3);
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

test("activity goes with what was counted meanwhile, once, and the verdict comes back", async () => {
  fake.record.mockResolvedValueOnce({ isGood: true, rotateTo: 2 });
  expect(await recordIn(app, 0, parts, null)).toEqual({ isGood: true, rotateTo: 2 });
  expect(await recordIn(app, 0, parts, null)).toBeNull();
  expect(fake.record.mock.calls).toEqual([
    [parts, { beats_accepted: 3 }, null],
    [parts, {}, null],
  ]);
});

test("each try of a call that is made again brings the same counters", async () => {
  fake.record.mockImplementationOnce(async () => {
    // Somebody else's, while the first try is under way.
    app.counters.note("beats_accepted");
    throw passingError();
  });
  await recordIn(app, 0, parts, null);
  expect(fake.record.mock.calls.map(([, counters]) => counters)).toEqual([
    { beats_accepted: 3 },
    { beats_accepted: 3 },
  ]);
  expect(app.counters.take()).toEqual({ beats_accepted: 1 });
});

test("counters that could not be handed over wait for the next call, beside what came since", async () => {
  fake.record.mockRejectedValue(passingError());
  const failing = recordIn(app, 0, parts, null);
  app.counters.note("beats_late");
  await expect(failing).rejects.toMatchObject({ reason: "unavailable" });
  expect(fake.record).toHaveBeenCalledTimes(3);
  fake.record.mockClear().mockResolvedValue(null);
  app.counters.note("beats_accepted", 2);
  await recordIn(app, 0, parts, null);
  expect(fake.record).toHaveBeenCalledExactlyOnceWith(parts, { beats_accepted: 5, beats_late: 1 }, null);
  expect(app.counters.take()).toEqual({});
});
