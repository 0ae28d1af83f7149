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
  await app.set({ keyRevision: 1 });
  const secret = bearer(await app.key("secret", 1));
  for (const change of [{ keyRevision: 0 }, { keyRevisions: { pub: 0 } }]) {
    const lower = { ...secret, method: "PUT", body: JSON.stringify(change) };
    expect((await problem(app.fetch("/v1/settings", lower))).type).toBe("invalid-settings");
  }
});

test("retiring a leaver's read key and shown badges leaves counting as it is", async () => {
  const app = new AppClient("leaver");
  await app.set({ keyRevisions: { read: 1, share: 1 } });
  for (const role of ["read", "secret"] as const) {
    const status = (await app.fetch("/v1/active", {}, role)).status;
    expect([role, status]).toEqual([role, role === "read" ? 401 : 200]);
  }
  expect((await app.heartbeat([{ user: "a" }])).status).toBe(200);
  const badge = async (revision: number) =>
    (await app.fetch(`/badge.svg?key=${await app.key("share", revision)}`)).status;
  expect([await badge(0), await badge(1)]).toEqual([401, 200]);
  // A refusal tells whoever holds a key of this app which one to fetch.
  expect(await problem(app.fetch("/v1/active", {}, "read"))).toMatchObject({ keyRevision: 1 });
});

test("a revision rises by one at a time, so that none is burnt by a slip of the hand", async () => {
  const app = new AppClient("burnt");
  for (const change of [
    { keyRevision: 999_999 },
    { keyRevision: 2 },
    { keyRevisions: { pub: 2 } },
    { keyRevisions: { pub: 1, secret: 7 } },
  ]) {
    const body = JSON.stringify(change);
    const { type, detail } = await problem(app.fetch("/v1/settings", { method: "PUT", body }));
    expect([body, type]).toEqual([body, "invalid-settings"]);
    expect(detail).toContain("a revision rises by one at a time");
  }
  expect(await app.set({})).toMatchObject({ keyRevisions: { pub: 0, read: 0, secret: 0, share: 0 } });
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
