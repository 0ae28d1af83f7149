import { expect, test } from "vitest";
import { AppClient, problem } from "./client.ts";

function send(app: AppClient, method: "PUT" | "DELETE", body: unknown): Promise<Response> {
  return app.fetch("/v1/annotations", { method, body: JSON.stringify(body) });
}

async function listed(app: AppClient): Promise<unknown> {
  return (await (await app.fetch("/v1/annotations", {}, "read")).json<{ annotations: unknown }>())
    .annotations;
}

test("a reader sees what the owner noted, the oldest day first, and nothing of another app", async () => {
  const app = new AppClient("annotated");
  expect(await listed(app)).toEqual([]);
  expect(await (await send(app, "PUT", { day: "2026-11-19", text: " Release 2.0 " })).json()).toEqual({
    day: "2026-11-19",
    text: "Release 2.0",
  });
  await send(app, "PUT", { day: "2026-02-28", text: "Werbung in der Zeitung 📰" });
  await send(app, "PUT", { day: "2026-11-19", text: "Release 2.1" });
  const answer = await app.fetch("/v1/annotations", {}, "read");
  expect(await answer.json()).toEqual({
    app: "annotated",
    at: expect.any(String),
    definition: "annotations/1",
    annotations: [
      { day: "2026-02-28", text: "Werbung in der Zeitung 📰" },
      { day: "2026-11-19", text: "Release 2.1" },
    ],
  });
  expect(await listed(new AppClient("annotated-not"))).toEqual([]);
  const again = { headers: { "if-none-match": answer.headers.get("etag") as string } };
  expect((await app.fetch("/v1/annotations", again, "read")).status).toBe(304);
});

test("a day's annotation goes, and may be sent away again", async () => {
  const app = new AppClient("annotated-no-more");
  for (const day of ["2026-11-19", "2026-11-20"]) await send(app, "PUT", { day, text: "a" });
  for (let times = 0; times < 2; times++) {
    expect(await (await send(app, "DELETE", { day: "2026-11-19" })).json()).toEqual({ deleted: true });
  }
  expect(await listed(app)).toEqual([{ day: "2026-11-20", text: "a" }]);
});

test.each([
  [{ day: "2026-02-30", text: "a" }, "day: expected a day from 2000 to 2199 that exists, written YYYY-MM-DD"],
  [{ day: "1999-12-31", text: "a" }, "day: expected a day from 2000"],
  [{ day: 20_261_119, text: "a" }, "day: expected a day from 2000"],
  [{ day: "2026-11-19" }, "text: expected a string of 1 to 200 characters on one line"],
  [{ day: "2026-11-19", text: "  " }, "text: expected a string of 1 to 200"],
  [{ day: "2026-11-19", text: "a".repeat(201) }, "text: expected a string of 1 to 200"],
  [{ day: "2026-11-19", text: "a\nb" }, "text: expected a string of 1 to 200"],
  [{ day: "2026-11-19", text: "a", colour: "red" }, 'expected an object, such as {"day":"2026-11-19"'],
  [[], 'expected an object, such as {"day":"2026-11-19"'],
])("%j is refused in words", async (body, detail) => {
  const app = new AppClient("annotated-wrong");
  expect(await problem(send(app, "PUT", body))).toMatchObject({
    type: "malformed-body",
    status: 400,
    detail: expect.stringContaining(detail),
  });
  expect(await listed(app)).toEqual([]);
});

test("of as many as there may be, one more is refused", async () => {
  const app = new AppClient("annotated-full");
  const rollup = await app.rollup();
  const dayAfter = (index: number) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
  for (let index = 0; index < 500; index++) await rollup.putAnnotation({ day: dayAfter(index), text: "a" });
  expect(await problem(send(app, "PUT", { day: dayAfter(500), text: "a" }))).toMatchObject({
    type: "full",
    status: 409,
    detail: expect.stringContaining("at most 500 annotations"),
  });
});

test("a query that would be ignored is refused", async () => {
  const refused = await problem(new AppClient("annotated-asked").fetch("/v1/annotations?from=2026-11-01"));
  expect(refused).toMatchObject({ type: "invalid-query", status: 400 });
});
