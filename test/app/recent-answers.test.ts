import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PreparedAnswer } from "../../worker/app/answer.ts";
import type { App } from "../../worker/app/app.ts";
import { RecentAnswers } from "../../worker/app/recent-answers.ts";
import { recentAnswers } from "../../worker/limits.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const appOf = (app: string, standing: object = {}) => ({ name: { app, keyId: 1 }, standing }) as App;
const answerOf = (text: string): PreparedAnswer => ({ text, etag: `"${text}"`, cacheControl: "no-cache" });

/** An isolate, and a roll-up that counts what it is asked and answers when the test says so, or at once. */
function open() {
  const answers = new RecentAnswers();
  const calls: { succeed: () => void; fail: () => void }[] = [];
  const kept: Promise<unknown>[] = [];
  const call = (text: string) =>
    new Promise<PreparedAnswer>((resolve, reject) => {
      calls.push({
        succeed: () => resolve(answerOf(text)),
        fail: () => reject(new Error(`${text} failed`)),
      });
    });
  const ask = async (app: App, question: string, text = question, now = 0) => {
    const work = () => call(text);
    return (await answers.ask(app, question, now, work, (promise) => void kept.push(promise))).text;
  };
  const tell = async (app: App, question: string, text = question, now = 0) => {
    const before = calls.length;
    const asked = ask(app, question, text, now);
    calls[before]?.succeed();
    return asked;
  };
  return { answers, calls, kept, ask, tell };
}

test("what was asked within a second is answered the same, and later anew", async () => {
  const { calls, tell } = open();
  const app = appOf("a");
  expect(await tell(app, "q", "one", 5000)).toBe("one");
  expect(await tell(app, "q", "two", 5000 + recentAnswers.ms - 1)).toBe("one");
  expect(calls).toHaveLength(1);
  expect(await tell(app, "q", "two", 5000 + recentAnswers.ms)).toBe("two");
  // Where the clock was set back.
  expect(await tell(app, "q", "three", 5000)).toBe("three");
});

test("another question, app or standing is another", async () => {
  const { tell } = open();
  const [app, standing] = [appOf("a"), {}];
  expect(await tell(app, "q", "one")).toBe("one");
  expect(await tell(app, "r", "two")).toBe("two");
  expect(await tell(appOf("b"), "q", "three")).toBe("three");
  expect(await tell(appOf("a", standing), "q", "four")).toBe("four");
  expect(await tell(appOf("a", standing), "q", "five")).toBe("four");
});

test("whoever asks while it is being worked out waits for that, and the one who works it out is kept alive", async () => {
  const { calls, kept, ask } = open();
  const app = appOf("a");
  const asked = [ask(app, "q", "one"), ask(app, "q", "two"), ask(app, "q", "three", 900)];
  await vi.advanceTimersByTimeAsync(500);
  expect([calls.length, kept.length]).toEqual([1, 1]);
  calls[0]?.succeed();
  await vi.advanceTimersByTimeAsync(100);
  expect(await Promise.all(asked)).toEqual(["one", "one", "one"]);
});

test("what fails fails for the one who worked it out: the others ask for themselves, and so does who comes later", async () => {
  const { calls, ask } = open();
  const app = appOf("a");
  const first = ask(app, "q", "one");
  const second = ask(app, "q", "two");
  calls[0]?.fail();
  await expect(first).rejects.toThrow("one failed");
  await vi.advanceTimersByTimeAsync(100);
  expect(calls).toHaveLength(2);
  const third = ask(app, "q", "three");
  expect(calls).toHaveLength(3);
  for (const { succeed } of calls) succeed();
  expect(await Promise.all([second, third])).toEqual(["two", "three"]);
});

test("nobody waits for long for somebody else", async () => {
  const { calls, ask } = open();
  const app = appOf("a");
  void ask(app, "q", "one");
  const second = ask(app, "q", "two");
  await vi.advanceTimersByTimeAsync(recentAnswers.waitMs + 100);
  calls[1]?.succeed();
  expect(await second).toBe("two");
});

test("what was asked before something changed answers nobody who asks afterwards", async () => {
  const { answers, calls, ask, tell } = open();
  const app = appOf("a");
  await tell(app, "r", "before");
  const before = ask(app, "q", "before");
  answers.forget("a");
  const after = ask(app, "q", "after");
  calls[1]?.succeed();
  calls[2]?.succeed();
  expect(await Promise.all([before, after])).toEqual(["before", "after"]);
  expect(await tell(app, "q", "later")).toBe("after");
  expect(await tell(app, "r", "after")).toBe("after");
});

test("what is kept is bounded by its bytes, and what is forgotten counts no more", async () => {
  const { answers, calls, tell } = open();
  const app = appOf("a");
  const large = "x".repeat(recentAnswers.bytes / 8);
  for (let time = 0; time < 20; time++) {
    await tell(app, "forgotten", large);
    answers.forget("a");
  }
  await tell(app, "q", "small");
  await tell(app, "r", large);
  expect(await tell(app, "q", "again")).toBe("small");
  for (let other = 0; other < 4; other++) await tell(appOf(`b${other}`), "q", large);
  const before = calls.length;
  expect(await tell(app, "q", "again")).toBe("again");
  expect(calls).toHaveLength(before + 1);
});
