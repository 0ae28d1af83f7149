import { generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import { beforeEach, expect, test } from "vitest";
import { jwksLimits } from "../../worker/limits.ts";
import { verifyIdentity } from "../../worker/tokens/identity.ts";
import { type Fetch, keyServerUrl, KeysUnreachable, remoteKeys } from "../../worker/tokens/key-server.ts";
import { isOwnAddress } from "../../worker/http/own-address.ts";

const url = "https://a.example/jwks";
const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const jwk = { ...publicKey.export({ format: "jwk" }), kid: "k1", alg: "EdDSA", use: "sig" };

let now: number;
let fetched: string[];
beforeEach(() => {
  now = Date.parse("2026-11-20T10:00:00Z");
  fetched = [];
});

function keysFrom(answer: () => Response | Promise<Response>, text = url, allowed: string[] = []) {
  const fetch: Fetch = async (asked) => {
    fetched.push(asked);
    return answer();
  };
  return remoteKeys(text, { fetch, allowed, now: () => now });
}

async function verify(key: ReturnType<typeof remoteKeys>, kid = "k1") {
  const jwt = await new SignJWT({ sub: "u-42", exp: now / 1000 + 60 })
    .setProtectedHeader({ alg: "EdDSA", kid })
    .sign(privateKey);
  return verifyIdentity(jwt, { key, algorithms: ["EdDSA"], audience: null, issuer: null }, now);
}

/** Why nothing is known about an identity. */
async function obstacle(key: ReturnType<typeof remoteKeys>): Promise<string> {
  try {
    await verify(key);
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(KeysUnreachable);
    return (error as Error).message;
  }
}

test("public keys are fetched from where `jwt` says, once for many", async () => {
  const key = keysFrom(() => Response.json({ keys: [jwk] }));
  expect(await verify(key)).toMatchObject({ ok: true, value: { user: "u-42" } });
  expect((await verify(key)).ok).toBe(true);
  expect(fetched).toEqual([url]);
});

test("a key that isn't among them is asked for no sooner than half a minute later", async () => {
  const key = keysFrom(() => Response.json({ keys: [jwk] }));
  for (let turn = 0; turn < 200; turn++) {
    expect(await verify(key, "k2")).toEqual({
      ok: false,
      error: "identity: kid: expected the id of a key in the `jwt` setting",
    });
  }
  expect(fetched).toHaveLength(1);
});

test("200 forged identities ask a server that fails once, and again when it has had time", async () => {
  let isUp = false;
  const key = keysFrom(() => (isUp ? Response.json({ keys: [jwk] }) : new Response("", { status: 500 })));
  for (let turn = 0; turn < 200; turn++) {
    expect(await obstacle(key)).toBe("jwks: the server answered 500: expected 200");
  }
  expect(fetched).toHaveLength(1);
  isUp = true;
  now += jwksLimits.coolDownMs - 1;
  expect(await obstacle(key)).not.toBe("");
  now += 1;
  expect((await verify(key)).ok).toBe(true);
  expect(fetched).toHaveLength(2);
});

test("keys that can't be had say nothing about an identity, and why they can't", async () => {
  const timeOut = new DOMException("slow", "TimeoutError");
  for (const [answer, words] of [
    [() => Promise.reject(new TypeError("no way there")), "jwks: the server can't be reached"],
    [() => Promise.reject(timeOut), "jwks: the server didn't answer within 5 s"],
    [() => new Response("gone", { status: 404 }), "jwks: the server answered 404: expected 200"],
    [() => new Response(null, { status: 302 }), "jwks: the server answered 302: expected 200"],
    [() => new Response("<html>"), "jwks: the answer isn't JSON"],
    [() => Response.json({ keys: 7 }), "jwks: the answer isn't a JSON Web Key Set"],
    [() => Response.json({ keys: [7] }), "jwks: the answer isn't a JSON Web Key Set"],
    [() => Response.json(null), "jwks: the answer isn't a JSON Web Key Set"],
  ] as [() => Response | Promise<Response>, string][]) {
    expect(await obstacle(keysFrom(answer))).toBe(words);
  }
});

test("keys that can't be read, and a clock that was ahead, are told too", async () => {
  const odd = { kty: "OKP", crv: "Ed25519", x: "?", kid: "k1", alg: "EdDSA" };
  expect(await obstacle(keysFrom(() => Response.json({ keys: [odd] })))).toContain("whose keys can be read");
  expect(keyServerUrl("nonsense", [])).toEqual({ ok: false, error: "jwks: expected a URL" });
  let isUp = false;
  const key = keysFrom(() => (isUp ? Response.json({ keys: [jwk] }) : new Response("", { status: 500 })));
  expect(await obstacle(key)).not.toBe("");
  isUp = true;
  // The failure lies in the future now: nobody waits for that.
  now -= 3_600_000;
  expect((await verify(key)).ok).toBe(true);
});

test("of an answer that is too large no more is read than may be", async () => {
  let read = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      read += 64 * 1024;
      controller.enqueue(new Uint8Array(64 * 1024).fill(32));
    },
  });
  expect(await obstacle(keysFrom(() => new Response(endless)))).toBe(
    "jwks: the answer is larger than 1048576 bytes",
  );
  expect(read).toBeLessThanOrEqual(jwksLimits.bytes + 4 * 64 * 1024);
  const most = JSON.stringify({ keys: [jwk] }).padEnd(jwksLimits.bytes);
  expect((await verify(keysFrom(() => new Response(most)))).ok).toBe(true);
});

test("no address of one's own is asked, in whatever way it is written", async () => {
  for (const host of [
    "localhost",
    "localhost.",
    "a.localhost",
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:10.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fd00::1]",
    "[ff02::1]",
    "keys",
    "keys.internal",
    "printer.local",
    "nas.lan",
    "\uff11\uff12\uff17.0.0.1",
    "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",
  ]) {
    const key = keysFrom(() => Response.json({ keys: [jwk] }), `https://${host}/jwks`);
    expect([host, await obstacle(key)]).toEqual([host, expect.stringContaining("HEADCOUNT_JWKS_ALLOW")]);
  }
  for (const other of ["http://a.example/jwks", "https://u:p@a.example/jwks"]) {
    expect([other, keyServerUrl(other, []).ok]).toEqual([other, false]);
  }
  expect(fetched).toEqual([]);
  for (const host of ["a.example", "8.8.8.8", "172.32.0.1", "100.128.0.1", "[2606:4700::1111]"]) {
    expect([host, isOwnAddress(new URL(`https://${host}/`).hostname)]).toEqual([host, false]);
  }
});

test("whom the service's own settings name is asked, at that very origin", async () => {
  const allowed = ["http://10.0.0.5:8080"];
  const key = keysFrom(() => Response.json({ keys: [jwk] }), "http://10.0.0.5:8080/jwks", allowed);
  expect((await verify(key)).ok).toBe(true);
  for (const other of ["http://10.0.0.5/jwks", "https://10.0.0.5:8080/jwks", "http://10.0.0.6:8080/jwks"]) {
    expect([other, keyServerUrl(other, allowed).ok]).toEqual([other, false]);
  }
});
