import { expect, test } from "vitest";
import { type Figures, inOrder, isFound } from "../../worker/dashboard/apps/order.ts";
import { appOf, isServiceSecret, whyNoKey, withKey } from "../../worker/dashboard/session.ts";
import { Turns } from "../../worker/dashboard/turns.ts";

const keyOf = (app: string, tail = "A") => `hc_read_${app}_${tail.repeat(22)}`;
const secret = "s".repeat(43);

test("there is one key of an app, and the service's secret stands alone", () => {
  const keys = withKey(withKey([keyOf("a")], keyOf("b")), keyOf("c"), false);
  expect(keys.map(appOf)).toEqual(["b", "a", "c"]);
  expect(withKey(keys, keyOf("a", "B"), false)).toEqual([keyOf("b"), keyOf("c"), keyOf("a", "B")]);
  expect(withKey(keys, secret)).toEqual([secret]);
  expect(withKey([secret], keyOf("a"))).toEqual([keyOf("a")]);
  expect(appOf("hc_secret_my-app_r12_AAAAAAAAAAAAAAAAAAAAAA")).toBe("my-app");
});

test("a key of any role is no secret of the service", () => {
  expect(isServiceSecret(secret)).toBe(true);
  expect(whyNoKey(secret)).toBe(null);
  for (const text of [keyOf("a".repeat(40)), `hc_pub_${secret}`, "s".repeat(42), `${secret}!`]) {
    expect(isServiceSecret(text)).toBe(false);
  }
});

test("apps are ordered by a figure, what isn't known comes last, and what is equal by name", () => {
  const people = (mau: number | null, dau: number): Figures => {
    const of = (count: number) => ({ count, low: count, high: count });
    const none = { count: null, low: null, high: null, reason: "not known" };
    return { online: of(0), dau: of(dau), wau: of(0), mau: mau === null ? none : of(mau) };
  };
  const figures = new Map([
    ["small", people(1, 9)],
    ["unknown", people(null, 3)],
    ["same", people(5, 5)],
    ["large", people(5, 6)],
    ["broken", null],
  ]);
  const apps = [...figures.keys()];
  expect(inOrder(apps, figures, "mau")).toEqual(["large", "same", "small", "broken", "unknown"]);
  expect(inOrder(apps, figures, "dau")).toEqual(["small", "large", "same", "unknown", "broken"]);
  expect(inOrder(apps, figures, "online")).toEqual(["large", "same", "small", "unknown", "broken"]);
  expect(inOrder(apps, figures, "name")).toEqual(["broken", "large", "same", "small", "unknown"]);
  expect(["my-shop", "blog"].filter((app) => isFound(app, " Shop"))).toEqual(["my-shop"]);
});

test("no more take their turn at once than may, in the order in which they came, also where some fail", async () => {
  const turns = new Turns(3);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  let most = 0;
  let working = 0;
  const all = Array.from({ length: 20 }, (_, index) =>
    turns.take(async () => {
      begun.push(index);
      most = Math.max(most, ++working);
      await new Promise<void>((resolve) => ends.push(resolve));
      working--;
      if (index % 4 === 0) throw new Error("failed");
      return index;
    }),
  );
  const settled = Promise.allSettled(all);
  for (let ended = 0; ended < 20; await new Promise(setImmediate)) {
    const ending = ends.splice(0);
    ending.forEach((end) => end());
    ended += ending.length;
  }
  const results = (await settled).map((result) => (result.status === "fulfilled" ? result.value : "failed"));
  expect(results).toEqual(Array.from({ length: 20 }, (_, index) => (index % 4 === 0 ? "failed" : index)));
  expect(begun).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(most).toBe(3);
});
