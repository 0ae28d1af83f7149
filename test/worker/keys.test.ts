import { expect, test } from "vitest";
import { AppClient, problem } from "./client.ts";

const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

test("keys of a revision below the setting are retired, later ones are good before and after", async () => {
  const app = new AppClient("retire");
  const [old, next] = [await app.key("read"), await app.key("read", 1)];
  expect(next).toMatch(/^hc_read_retire_r1_[A-Za-z0-9_-]{22}$/);
  for (const key of [old, next]) expect((await app.fetch("/v1/active", bearer(key))).status).toBe(200);

  expect(await app.set({ keyRevision: 1 })).toMatchObject({ keyRevision: 1 });
  const refused = await problem(app.fetch("/v1/active", bearer(old)));
  expect([refused.status, refused.type]).toEqual([401, "credentials-invalid"]);
  expect(refused.detail).toContain("revision 1");
  expect((await app.fetch("/v1/active", bearer(next))).status).toBe(200);
  const beat = await problem(app.heartbeat([{ user: "a" }]));
  expect([beat.status, beat.type]).toEqual([401, "credentials-invalid"]);
});

test("a retired key stays retired", async () => {
  const app = new AppClient("retired");
  await app.set({ keyRevision: 2 });
  const secret = bearer(await app.key("secret", 2));
  const lower = { ...secret, method: "PUT", body: JSON.stringify({ keyRevision: 1 }) };
  expect((await problem(app.fetch("/v1/settings", lower))).type).toBe("invalid-settings");
});

test("a key's revision can't be changed by hand", async () => {
  const app = new AppClient("forged-revision");
  const key = await app.key("read", 1);
  for (const forged of [
    key.replace("_r1_", "_r2_"),
    key.replace("_r1_", "_"),
    key.replace("_r1_", "_r01_"),
  ]) {
    expect((await problem(app.fetch("/v1/active", bearer(forged)))).status).toBe(401);
  }
});
