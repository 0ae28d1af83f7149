import { expect, test } from "vitest";
import { eager, rotated, typeOf } from "./eager-tokens.ts";

test("whoever knows of a user and a client logs nobody out", async () => {
  const app = await eager("logged-out");
  let honest = await rotated(app, await app.token({ client: "c", user: "a" }));
  for (let round = 0; round < 3; round++) {
    const foreign = await rotated(app, await app.token({ client: "c", user: "a" }));
    if (round === 1) await app.report(foreign, { invalidate: true });
    honest = await rotated(app, honest);
  }
  expect((await app.report(honest)).status).toBe(200);
});

test("tokens that were taken while identities were open count no user once they are signed, rotated or not", async () => {
  const app = await eager("signed-later");
  const first = await app.token({ client: "c", user: "a" });
  const next = await rotated(app, first);
  const anonymous = await app.token({ client: "i", anonymous: "i" });
  const vouched = await app.token({ key: await app.key("secret"), client: "d", user: "b" });
  await app.set({ identity: "signed", jwt: "a shared secret of at least 32 bytes" });
  for (const token of [first, next]) {
    expect(await typeOf(app.report(token))).toEqual([401, "token-revoked"]);
  }
  // Nobody says who an installation is, and the app's server said who `b` is.
  for (const token of [anonymous, vouched]) expect((await app.report(token)).status).toBe(200);
  expect(await app.count("window=24h")).toBe(3);
});

test("a token ends with the key for which it was given, however often it was rotated", async () => {
  const app = await eager("of-a-key");
  const [byPublic, byServer] = [
    await rotated(app, await app.token({ client: "c", user: "a" })),
    await rotated(app, await app.token({ key: await app.key("secret"), client: "d", user: "b" })),
  ];
  const next = await app.token({ key: await app.key("pub", 1), client: "c", user: "a" });
  await app.set({ keyRevisions: { pub: 1, read: 1 } });
  expect(await typeOf(app.report(byPublic))).toEqual([401, "token-revoked"]);
  for (const token of [byServer, next]) expect((await app.report(token)).status).toBe(200);
});

test("the app's server revokes everybody's tokens at once", async () => {
  const app = await eager("everybody");
  const tokens = [
    await rotated(app, await app.token({ client: "c", user: "a" })),
    await app.token({ client: "i", anonymous: "i" }),
    await app.token({ key: await app.key("secret"), client: "d", user: "b" }),
  ];
  const revoke = (body: unknown) => app.fetch("/v1/token", { method: "DELETE", body: JSON.stringify(body) });
  for (const body of [{}, { all: false }, { all: true, user: "a" }]) {
    expect(await typeOf(revoke(body))).toEqual([400, "malformed-body"]);
  }
  expect((await app.report(tokens[1]!)).status).toBe(200);
  expect(await (await revoke({ all: true })).json()).toEqual({ revoked: true });
  for (const token of tokens) expect(await typeOf(app.report(token))).toEqual([401, "token-revoked"]);
  expect((await app.report(await app.token({ client: "c", user: "a" }))).status).toBe(200);
});
