import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { KeyRing } from "../../worker/app/keys.ts";
import { entryOf, rankOf, SipHasher } from "../../worker/sketch/index.ts";
import { sealToken, type TokenClaims } from "../../worker/tokens/sealed-token.ts";
import { AppClient, people, problem } from "./client.ts";

const url = "https://headcount.test";
const post = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
  exports.default.fetch(new Request(url + path, { method: "POST", body, headers }));

async function refusal(response: Promise<Response>): Promise<[number, string]> {
  const { status, type } = await problem(response);
  return [status, type];
}

test("a token of which one bit is another is refused, whichever it is", async () => {
  const app = new AppClient("bits");
  const token = await app.token({ client: "c", user: "a" });
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (let index = token.length - 104; index < token.length; index++) {
    for (let bit = 0; bit < 6; bit++) {
      const flipped = alphabet[alphabet.indexOf(token[index] ?? "") ^ (1 << bit)];
      const forged = token.slice(0, index) + flipped + token.slice(index + 1);
      expect(await refusal(app.report(forged))).toEqual([401, "token-invalid"]);
    }
  }
  expect((await app.report(token)).status).toBe(200);
});

test("a token that is cut off, of another app, or sealed with another secret is refused", async () => {
  const [app, other] = [new AppClient("mine"), new AppClient("theirs")];
  const token = await app.token({ client: "c", user: "a" });
  const foreign = await other.token({ client: "c", user: "a" });
  const now = Date.now();
  const claims: TokenClaims = {
    user: { entry: 1, shardHash: 1 },
    space: "user",
    isVerified: true,
    client: [1, 2],
    since: undefined,
    shard: 0,
    generation: 1,
    issuedAt: now,
    expiresAt: now + 1e9,
    key: { role: "pub", revision: 0 },
    epoch: 0,
  };
  const guessed = await KeyRing.from("Z3Vlc3NlZC1zZWNyZXQtZ3Vlc3NlZC1zZWNyZXQtZ3Vlc3NlZA");
  const sealedByGuess = await sealToken(await guessed.sealingKey("mine", "token"), "mine", claims);
  for (const forged of [
    "",
    "hc_tok_mine_",
    token.slice(0, -1),
    token.slice(0, -4),
    `${token}A`,
    `${token} `,
    foreign.replace("_theirs_", "_mine_"),
    token.replace("_mine_", "_theirs_"),
    token.toUpperCase(),
    sealedByGuess,
  ]) {
    expect([forged, ...(await refusal(app.report(forged)))]).toEqual([forged, 401, "token-invalid"]);
  }
});

test("a token from the future is refused", async () => {
  const app = new AppClient("future");
  const own = await app.tokenKey();
  const now = Date.now();
  const claims: TokenClaims = {
    user: { entry: 1, shardHash: 1 },
    space: "user",
    isVerified: true,
    client: [1, 2],
    since: undefined,
    shard: 0,
    generation: 1,
    issuedAt: now + 3_600_000,
    expiresAt: now + 1e9,
    key: { role: "pub", revision: 0 },
    epoch: 0,
  };
  expect(await refusal(app.report(await sealToken(own, "future", claims)))).toEqual([401, "token-invalid"]);
  // Sealed rightly, but by nobody whom a shard knows of.
  const unknown = await sealToken(own, "future", { ...claims, issuedAt: now });
  expect(await refusal(app.report(unknown))).toEqual([401, "token-revoked"]);
});

test("what isn't the JSON that a door takes is 400, however it is twisted", async () => {
  const app = new AppClient("twisted");
  const key = await app.key("pub");
  const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  for (const body of [
    deep(20_000),
    `{"key":"${key}","beats":${deep(20_000)}`,
    `{"key":"${key}","beats":"[]"}`,
    `{"key":"${key}","beats":{"length":3}}`,
    `{"key":["${key}"],"beats":[]}`,
    `{"key":"${key}","beats":[],"invalidate":"yes"}`,
    `{"key":"${key}","beats":[],"invalidate":true}`,
    `\u0000{"key":"${key}","beats":[]}`,
    `{"key":"${key}","beats":[]}{}`,
    "NaN",
  ]) {
    const [status, type] = await refusal(post("/v1/heartbeat", body));
    expect([body.slice(0, 60), status, type]).toEqual([body.slice(0, 60), 400, "malformed-body"]);
  }
});

test("a member that stands twice counts once, as the last, and names of prototypes are names", async () => {
  const app = new AppClient("members");
  await app.set({ dimensions: ["constructor", "toString", "plan"] });
  const key = await app.key("pub");
  const body = `{"key":"no","key":"${key}","beats":[{"user":"x","user":"a"}],"beats":[
    {"user":"a","user":"__proto__"},
    {"user":"constructor","dimensions":{"__proto__":"x","constructor":"y","plan":"z"}},
    {"user":"toString","__proto__":{"at":5},"dimensions":{"toString":"__proto__","plan":"constructor"}},
    {"__proto__":{"user":"ghost"}}
  ]}`;
  const { accepted, rejected } = await (
    await post("/v1/heartbeat", body)
  ).json<{ accepted: number; rejected: { index: number }[] }>();
  expect([accepted, rejected.map(({ index }) => index)]).toEqual([3, [3]]);
  expect(await app.count("window=24h")).toBe(3);
  expect(await app.count("window=24h&constructor=y")).toBe(1);
  expect(await app.count("window=24h&toString=__proto__")).toBe(1);
  expect(await app.count("window=24h&plan=constructor")).toBe(1);
});

test("lone surrogates are kept nowhere: an id is refused, a dimension is left out and its user counted", async () => {
  const app = new AppClient("surrogates");
  await app.set({ dimensions: ["plan"] });
  const { accepted, rejected, ignored } = await app.beat(
    { user: "\ud800" },
    { anonymous: "a\udfff" },
    { user: "a", dimensions: { plan: "\ud83d" } },
    { user: "\ud83d\ude00" },
  );
  expect([accepted, rejected.length, ignored]).toEqual([2, 2, ["plan"]]);
  expect((await problem(app.exchange({ client: "\udc00", user: "a" }))).type).toBe("malformed-body");
});

test("nothing that is sent ends up in a header of the answer", async () => {
  const app = new AppClient("headers");
  const evil = "x\r\nset-cookie: a=1";
  const sent = [
    app.fetch(`/v1/active?window=${encodeURIComponent(evil)}`),
    app.fetch(`/v1/active?plan=${encodeURIComponent(evil)}`),
    app.fetch(`/${encodeURIComponent(evil)}`),
    app.heartbeat([{ user: evil }], { headers: { origin: "https://evil.example" } }),
    app.exchange({ client: evil, user: evil }),
    app.fetch(`/v1/sketch?day=${encodeURIComponent(evil)}&format=json`),
  ];
  for (const response of await Promise.all(sent)) {
    expect(response.headers.get("set-cookie")).toBeNull();
    for (const [, value] of response.headers) expect(value).not.toMatch(/evil|[\r\n]/);
    await response.text();
  }
});

test("a flood of beats for one person counts one person", async () => {
  const app = new AppClient("flood");
  for (let round = 0; round < 5; round++) {
    await app.beat(...Array.from({ length: 1000 }, (_, index) => ({ user: "a", at: Date.now() - index })));
  }
  expect(await app.count("window=24h")).toBe(1);
});

test("a population picked without the key inflates and deflates nothing", async () => {
  // What an attacker can do: pick ids by what they would do under a key of their own, the best of a great many.
  const guess = new SipHasher(new Uint8Array(16));
  const words = new Uint32Array(2);
  const rank = (id: string) => {
    guess.hash(id, words);
    return rankOf(entryOf(words[0] as number, words[1] as number));
  };
  const candidates = people(60_000);
  const high = candidates.filter((id) => rank(id) >= 4).slice(0, 6000);
  const low = candidates.filter((id) => rank(id) === 1).slice(0, 6000);
  for (const [name, picked] of Object.entries({ high, low })) {
    const app = new AppClient(`picked-${name}`);
    await app.import(picked.map((user) => ({ user })));
    const [row] = (await app.active("window=24h&fresh=1")).windows;
    expect(picked.length).toBe(6000);
    // Four standard errors.
    expect(Math.abs((row?.count ?? 0) / picked.length - 1)).toBeLessThan(4 * 0.0081);
  }
});

test("an answer is the same whether or not a register moved", async () => {
  const app = new AppClient("oracle");
  const first = await app.heartbeat([{ user: "a" }]);
  const again = await app.heartbeat([{ user: "a" }]);
  const shown = async (response: Response) => [response.status, [...response.headers], await response.text()];
  expect(await shown(again)).toEqual(await shown(first));
});
