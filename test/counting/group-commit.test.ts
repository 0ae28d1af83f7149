import { expect, test } from "vitest";
import { GroupCommit } from "../../worker/counting/group-commit.ts";

/** A clock that moves only when told to, and a disk whose writes end when told to. */
class Bench {
  now = 0;
  commits: { at: number; end: (error?: Error) => void }[] = [];
  #sleepers: { at: number; wake: () => void }[] = [];

  readonly group = new GroupCommit(
    () =>
      new Promise((resolve, reject) => {
        this.commits.push({ at: this.now, end: (error) => (error ? reject(error) : resolve()) });
      }),
    100,
    (ms) => new Promise((wake) => this.#sleepers.push({ at: this.now + ms, wake })),
    () => this.now,
  );

  async advance(ms: number): Promise<void> {
    this.now += ms;
    for (const sleeper of this.#sleepers) if (sleeper.at <= this.now) sleeper.wake();
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.at > this.now);
    await settle();
  }

  end(index: number, error?: Error): Promise<void> {
    this.commits[index]?.end(error);
    return settle();
  }
}

/** Lets all that can go on without the clock go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

function outcome(promise: Promise<void>): { is: string } {
  const seen = { is: "waiting" };
  promise.then(
    () => (seen.is = "durable"),
    () => (seen.is = "failed"),
  );
  return seen;
}

test("the first arrival commits at once, and is not acknowledged before the commit has ended", async () => {
  const bench = new Bench();
  const first = outcome(bench.group.join());
  await settle();
  expect(bench.commits.map(({ at }) => at)).toEqual([0]);
  expect(first.is).toBe("waiting");
  await bench.end(0);
  expect(first.is).toBe("durable");
});

test("all that arrives within a window shares one commit", async () => {
  const bench = new Bench();
  void bench.group.join();
  await settle();
  await bench.end(0);
  const waiting = [10, 20, 30].map(() => outcome(bench.group.join()));
  await bench.advance(99);
  expect(bench.commits).toHaveLength(1);
  await bench.advance(1);
  expect(bench.commits.map(({ at }) => at)).toEqual([0, 100]);
  await bench.end(1);
  expect(waiting.map(({ is }) => is)).toEqual(["durable", "durable", "durable"]);
});

test("an arrival while a commit runs waits for the next one", async () => {
  const bench = new Bench();
  void bench.group.join();
  await settle();
  const late = outcome(bench.group.join());
  await bench.advance(500);
  expect(bench.commits).toHaveLength(1);
  await bench.end(0);
  expect(late.is).toBe("waiting");
  expect(bench.commits).toHaveLength(2);
  await bench.end(1);
  expect(late.is).toBe("durable");
});

test("a commit that fails tells those who joined it, and the next one runs", async () => {
  const bench = new Bench();
  const first = outcome(bench.group.join());
  await settle();
  const second = outcome(bench.group.join());
  await bench.end(0, new Error("disk"));
  await bench.advance(100);
  await bench.end(1);
  expect([first.is, second.is]).toEqual(["failed", "durable"]);
});

test("a clock that is set back makes nobody wait longer than a window", async () => {
  const bench = new Bench();
  bench.now = 3_600_000;
  void bench.group.join();
  await settle();
  await bench.end(0);
  bench.now = 0;
  const late = outcome(bench.group.join());
  await settle();
  await bench.advance(100);
  await bench.end(1);
  expect(late.is).toBe("durable");
});

test("who comes when the window is just over does not wait", async () => {
  const bench = new Bench();
  void bench.group.join();
  await settle();
  await bench.end(0);
  await bench.advance(100);
  void bench.group.join();
  await settle();
  expect(bench.commits.map(({ at }) => at)).toEqual([0, 100]);
});
