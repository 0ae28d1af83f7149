import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { HeadcountServer } from "../../sdk/server/index.ts";
import { startHeadcount, type TestHeadcount } from "../../sdk/testing/index.ts";
import { type AppOptions, Client, password, startApp as startAppOf } from "../support/supertokens-app.ts";
import { startCore } from "../support/supertokens-core.ts";

/*
 * The real `supertokens-node` and a real Headcount. SuperTokens' core, which keeps users and sessions, is a stand-in: see
 * test/support/supertokens-core.ts.
 */

const dayMs = 86_400_000;

let service: TestHeadcount;

beforeAll(async () => {
  // Early, so that the tests' steps of 25 hours stay within the day.
  service = await startHeadcount({ now: Date.UTC(2026, 0, 5, 1), settings: { dimensions: ["tenant"] } });
});
afterAll(() => service?.stop());

beforeEach(async () => {
  await service.advance(2 * dayMs);
  vi.setSystemTime(service.now());
});
afterEach(() => void vi.useRealTimers());

/** 25 hours: nobody of before is in the last 24 hours. The app's clock, and the core's, go along. */
async function nextDay(): Promise<void> {
  await service.advance(25 * 3_600_000);
  vi.setSystemTime(service.now());
}

const startApp = (options?: AppOptions) => startAppOf(service, options);

async function daily(headcount: HeadcountServer): Promise<number> {
  expect(await headcount.flush()).toBe(true);
  return (await service.counts()).dau;
}

test("the example's server counts whoever signs up, and says how many there are", async () => {
  // By the computer's clock, which the other process has.
  vi.useRealTimers();
  const [today, core, port] = [await startHeadcount(), await startCore(), await freePort()];
  onTestFinished(async () => void (await Promise.all([today.stop(), core.close()])));
  const child = spawn(process.execPath, ["examples/supertokens/express.ts"], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: {
      ...process.env,
      HEADCOUNT_ENDPOINT: today.url,
      HEADCOUNT_SECRET_KEY: today.keys.secret,
      SUPERTOKENS_CORE: core.url,
      PORT: `${port}`,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  await Promise.race([once(child.stdout, "data"), ended.then(() => Promise.reject(new Error("it ended")))]);
  const url = `http://127.0.0.1:${port}`;
  const client = new Client(url);
  expect(await client.signUp("ivy")).toMatchObject({ status: "OK" });
  expect(await client.visit()).toBe(200);
  const people = async () => {
    const windows = (await (await fetch(`${url}/people`)).json()) as { count: number }[];
    return windows[0]?.count;
  };
  expect(await people()).toBe(1);
});

/** A port of the loopback that nobody has. */
async function freePort(): Promise<number> {
  const server = createSocketServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

test.each(["plugin", "overrides"] as const)(
  "counts each person once, whether signing up, in, coming back or refreshing, by %s",
  async (by) => {
    const { headcount, errors, url } = await startApp({ by });
    const people = new Set<string>();
    const stranger = new Client(url);
    expect(await stranger.visit()).toBe(401);
    expect(await stranger.signIn("nobody")).toMatchObject({ status: "WRONG_CREDENTIALS_ERROR" });
    expect(await daily(headcount)).toBe(0);

    const [ada, bob] = [new Client(url), new Client(url)];
    for (const [client, name] of [[ada, "ada"] as const, [bob, "bob"] as const]) {
      people.add((await client.signUp(name)).user.id);
      expect(await client.visit()).toBe(200);
    }
    expect(await daily(headcount)).toBe(people.size);

    await nextDay();
    expect(await daily(headcount)).toBe(0);
    expect(await ada.visit()).toBe(200);
    expect(await daily(headcount)).toBe(1);
    expect(await bob.refresh()).toBe(200);
    expect(await daily(headcount)).toBe(2);
    expect(await bob.visit()).toBe(200);
    expect(await daily(headcount)).toBe(2);

    await nextDay();
    expect(await new Client(url).signIn("ada")).toMatchObject({ status: "OK" });
    expect(await daily(headcount)).toBe(1);
    expect(errors).toEqual([]);
  },
);

test("an access token that has run out counts nobody until it is refreshed", async () => {
  const { headcount, url } = await startApp({ accessTokenMs: 3_600_000 });
  const client = new Client(url);
  await client.signUp("cleo");
  expect(await daily(headcount)).toBe(1);
  await nextDay();
  expect(await client.visit()).toBe(401);
  expect(await daily(headcount)).toBe(0);
  expect(await client.refresh()).toBe(200);
  expect(await daily(headcount)).toBe(1);
});

test("the day of sign-up goes along: whoever comes back another day is not new then", async () => {
  const { headcount, EmailPassword, core, url } = await startApp();
  // The service first hears of this one two days later.
  await EmailPassword.signUp("public", "old@example.com", password);
  await nextDay();
  await nextDay();
  const young = new Client(url);
  await young.signUp("young");
  await new Client(url).signIn("old");
  expect(await daily(headcount)).toBe(2);
  const today = new Date(service.now()).toISOString().slice(0, 10);
  const { points } = await headcount.query.timeseries({ metric: "new", from: today });
  expect(points.map(({ count }) => count)).toEqual([1]);

  // The core is not asked again with every request.
  const { lookUps } = core;
  for (let request = 0; request < 5; request++) expect(await young.visit()).toBe(200);
  expect(core.lookUps).toBe(lookUps);
});

test("accounts that are linked are one person, in the past too, and two again when unlinked", async () => {
  const { headcount, errors, AccountLinking, SuperTokens, url } = await startApp();
  const [dan, other] = [new Client(url), new Client(url)];
  const primary = SuperTokens.convertToRecipeUserId((await dan.signUp("dan")).user.id);
  const recipeUser = SuperTokens.convertToRecipeUserId((await other.signUp("dan-at-work")).user.id);
  expect(await daily(headcount)).toBe(2);

  await AccountLinking.createPrimaryUser(primary);
  expect(await AccountLinking.linkAccounts(recipeUser, primary.getAsString())).toMatchObject({
    status: "OK",
    accountsAlreadyLinked: false,
  });
  // Again changes nothing.
  await AccountLinking.linkAccounts(recipeUser, primary.getAsString());
  expect(await daily(headcount)).toBe(1);
  // A token from before the link says who they were.
  expect(await other.visit()).toBe(200);
  const again = await new Client(url).signIn("dan-at-work");
  expect(again.user.id).toBe(primary.getAsString());
  expect(await daily(headcount)).toBe(1);

  expect(await AccountLinking.unlinkAccount(recipeUser)).toMatchObject({ wasLinked: true });
  expect(await headcount.flush()).toBe(true);
  await nextDay();
  for (const name of ["dan", "dan-at-work"]) await new Client(url).signIn(name);
  expect(await daily(headcount)).toBe(2);
  expect(errors).toEqual([]);
});

test("whoever signs in with another provider, and is linked by the e-mail address, stays one person", async () => {
  const { headcount, errors, ThirdParty, Session, url } = await startApp({ linksAlike: true });
  const { user } = await new Client(url).signUp("eve");
  const google = await ThirdParty.manuallyCreateOrUpdateUser(
    "public",
    "google",
    "g-1",
    "eve@example.com",
    true,
  );
  if (google.status !== "OK") throw new Error(google.status);
  expect(google.user.id).toBe(user.id);
  expect(google.recipeUserId.getAsString()).not.toBe(user.id);
  await Session.createNewSessionWithoutRequestResponse("public", google.recipeUserId);
  expect(await daily(headcount)).toBe(1);
  expect(errors).toEqual([]);
});

test("staff who act as somebody else are not them", async () => {
  const { headcount, EmailPassword, Session } = await startApp();
  const victim = await EmailPassword.signUp("public", "fay@example.com", password);
  if (victim.status !== "OK") throw new Error(victim.status);
  const claims = { isImpersonation: true };
  const session = await Session.createNewSessionWithoutRequestResponse("public", victim.recipeUserId, claims);
  const { accessToken } = session.getAllSessionTokensDangerously();
  expect((await Session.getSessionWithoutRequestResponse(accessToken)).getUserId()).toBe(victim.user.id);
  expect(await daily(headcount)).toBe(0);
});

test("the tenant of the session splits the count, where the app tells it", async () => {
  const { headcount, EmailPassword, Session } = await startApp({
    dimensions: (session) => ({ tenant: session.getTenantId() }),
  });
  const people: Record<string, number> = { public: 1, acme: 2, globex: 3 };
  for (const [tenant, count] of Object.entries(people)) {
    for (let user = 0; user < count; user++) {
      const joined = await EmailPassword.signUp(tenant, `${user}@${tenant}.example`, password);
      if (joined.status !== "OK") throw new Error(joined.status);
      await Session.createNewSessionWithoutRequestResponse(tenant, joined.recipeUserId);
    }
  }
  expect(await headcount.flush()).toBe(true);
  const { windows } = await headcount.query.active({ window: "24h", by: "tenant", fresh: true });
  const groups = windows[0]?.groups?.map(({ value, count }) => [value, count]);
  expect(Object.fromEntries(groups ?? [])).toEqual(people);
});

test.each([
  ["leave the past where the app wants that", true, 1],
  ["stay in the past otherwise", false, 2],
])("those who delete their account %s", async (_what, excludeDeleted, left) => {
  const { headcount, errors, ThirdParty, SuperTokens, url } = await startApp({
    excludeDeleted,
    linksAlike: true,
  });
  const { user } = await new Client(url).signUp("gil");
  await new Client(url).signUp("hal");
  const google = await ThirdParty.manuallyCreateOrUpdateUser(
    "public",
    "google",
    "g-2",
    "gil@example.com",
    true,
  );
  if (google.status !== "OK") throw new Error(google.status);
  // One of two ways to sign in is not the person.
  await SuperTokens.deleteUser(google.recipeUserId.getAsString(), false);
  expect(await daily(headcount)).toBe(2);
  await SuperTokens.deleteUser(user.id);
  expect(await daily(headcount)).toBe(left);
  expect(errors).toEqual([]);
});

test("without the service everything goes on, failures are told, and nobody's id in them", async () => {
  // A clock that stands still would have `flush` wait for ever.
  vi.useRealTimers();
  const { headcount, errors, AccountLinking, SuperTokens, url } = await startApp({
    headcountUrl: "http://127.0.0.1:1",
    excludeDeleted: true,
  });
  const [ida, other] = [new Client(url), new Client(url)];
  const ids = [(await ida.signUp("ida")).user.id, (await other.signUp("ida-at-work")).user.id];
  const [primary = "", recipeUser = ""] = ids;
  await AccountLinking.createPrimaryUser(SuperTokens.convertToRecipeUserId(primary));
  const linked = await AccountLinking.linkAccounts(SuperTokens.convertToRecipeUserId(recipeUser), primary);
  expect(linked.status).toBe("OK");
  expect(await SuperTokens.deleteUser(primary)).toEqual({ status: "OK" });
  expect(await headcount.flush({ timeoutMs: 500 })).toBe(false);
  await expect
    .poll(() => errors.map(({ message }) => message))
    .toEqual(
      expect.arrayContaining([
        expect.stringContaining("sending activity: "),
        expect.stringContaining("linking: "),
        expect.stringContaining("excluding: "),
      ]),
    );
  expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["unreachable"]));
  for (const id of ids) expect(errors.map(({ message }) => message).join("\n")).not.toContain(id);
});

test("nobody waits for a service that never answers", async () => {
  const { AccountLinking, SuperTokens, url, errors } = await startApp({
    by: "overrides",
    fetch: () => new Promise(() => {}),
  });
  const jan = new Client(url);
  const { user } = await jan.signUp("jan");
  const recipeUser = SuperTokens.convertToRecipeUserId((await new Client(url).signUp("jo")).user.id);
  await AccountLinking.createPrimaryUser(SuperTokens.convertToRecipeUserId(user.id));
  expect(await AccountLinking.linkAccounts(recipeUser, user.id)).toMatchObject({ status: "OK" });
  expect(await jan.visit()).toBe(200);
  expect(errors).toEqual([]);
});

test("whoever the core can't say the time of sign-up of is counted without it", async () => {
  const { headcount, errors, core, url } = await startApp();
  const kim = new Client(url);
  await kim.signUp("kim");
  expect(await daily(headcount)).toBe(1);
  await nextDay();
  core.failsToLookUp = true;
  const { lookUps } = core;
  for (let request = 0; request < 5; request++) expect(await kim.visit()).toBe(200);
  expect(await daily(headcount)).toBe(1);
  // Nor does it add to the core's troubles.
  expect(core.lookUps).toBe(lookUps + 1);
  expect(errors).toEqual([]);
});
