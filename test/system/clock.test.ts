import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { ClockSteps } from "../../scripts/clock-steps.ts";
import { cleanUp, makeDataDir, startServer, type TestServer } from "../support/server.ts";

afterAll(cleanUp);

test("steps back are told from the passing of time, from steps forwards and from what time servers do", () => {
  const clock = new ClockSteps(1_000_000, 50);
  expect(clock.look(1_000_250, 300)).toBe(0);
  // An hour back, seen a second later.
  expect(clock.look(1_000_250 - 3_600_000 + 1000, 1300)).toBe(3_600_000);
  expect(clock.look(1_000_250 - 3_600_000 + 2000, 2300)).toBe(0);
  // Days ahead, and back again.
  expect(clock.look(172_800_000, 2550)).toBe(0);
  expect(clock.look(1_003_000, 2800)).toBeGreaterThan(171_000_000);
  // Little by little is as far as at once.
  let backMs = 0;
  for (let look = 1; look <= 5; look++)
    backMs += clock.look(1_003_000 + look * 1000 - look * 400, 2800 + look * 1000);
  expect(backMs).toBeGreaterThanOrEqual(1000);
});

/** A library that has every process see the wall clock as many seconds off as a file says, or null where none can be made. */
async function shiftedClock(): Promise<{
  env: Record<string, string>;
  set(seconds: number): Promise<void>;
} | null> {
  const dir = await makeDataDir();
  const file = join(dir, "offset");
  const set = (seconds: number) => writeFile(file, String(seconds));
  await set(0);
  await writeFile(join(dir, "clock.c"), clockSource);
  try {
    execFileSync(
      "cc",
      ["-shared", "-fPIC", "-O1", "-o", join(dir, "clock.so"), join(dir, "clock.c"), "-ldl"],
      {
        stdio: "ignore",
      },
    );
  } catch {
    return null;
  }
  return { env: { LD_PRELOAD: join(dir, "clock.so"), CLOCK_OFFSET_FILE: file }, set };
}

const clockSource = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static long offset(void) {
  long seconds = 0;
  const char *path = getenv("CLOCK_OFFSET_FILE");
  FILE *file = path ? fopen(path, "r") : NULL;
  if (file) {
    if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
    fclose(file);
  }
  return seconds;
}
int clock_gettime(clockid_t id, struct timespec *time) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(id, time);
  if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) time->tv_sec += offset();
  return result;
}
int gettimeofday(struct timeval *time, void *zone) {
  static int (*real)(struct timeval *, void *);
  if (!real) real = dlsym(RTLD_NEXT, "gettimeofday");
  int result = real(time, zone);
  if (result == 0 && time) time->tv_sec += offset();
  return result;
}
`;

async function beat({ url, keys }: TestServer, user: string): Promise<number> {
  const response = await fetch(`${url}/v1/heartbeat`, {
    method: "POST",
    headers: { "x-real-ip": "203.0.113.9" },
    body: JSON.stringify({ key: keys.public, beats: [{ user }] }),
    signal: AbortSignal.timeout(2000),
  });
  await response.text();
  return response.status;
}

async function count({ url, keys }: TestServer): Promise<number | null> {
  const response = await fetch(`${url}/v1/active?window=24h&fresh=1`, {
    headers: { authorization: `Bearer ${keys.read}` },
  });
  return ((await response.json()) as { windows: { count: number | null }[] }).windows[0]?.count ?? null;
}

test("a clock that is set back or runs ahead for a moment leaves no beat waiting, no address out and nobody forgotten", async ({
  skip,
}) => {
  const clock = process.platform === "linux" ? await shiftedClock() : null;
  if (clock === null) return skip("no C compiler here, so no clock that can be set");
  const server = await startServer({ env: { ...clock.env, HEADCOUNT_ADDRESS_HEADER: "x-real-ip" } });
  const answers = (users: string[]) =>
    Promise.all(users.map((user) => beat(server, user).catch(() => "none" as const)));
  const twenty = (name: string) => Array.from({ length: 20 }, (_, index) => `${name}-${index}`);
  const people = new Set<string>();
  // Whoever was not answered while the engine started anew sends the same again, as clients do.
  const allAnswered = async (users: string[]) => {
    for (const user of users) people.add(user);
    await expect.poll(async () => new Set(await answers(users)), { timeout: 30_000 }).toEqual(new Set([200]));
  };

  await allAnswered(twenty("before"));
  await clock.set(-3600);
  await allAnswered(twenty("back"));
  expect(server.output()).toContain("the clock was set back by 3600 s");
  await clock.set(0);
  await allAnswered(twenty("again"));
  for (const days of [2, 3 * 365]) {
    await clock.set(days * 86_400);
    expect(new Set(await answers(twenty("ahead")))).toEqual(new Set([200]));
    // The starter looks four times a second.
    await sleep(1000);
    await clock.set(0);
    await allAnswered(twenty(`after-${days}`));
  }
  expect(await count(server)).toBe(people.size);
  expect(await server.stop()).toBe(0);
});
