/**
 * Some minutes of honest and hostile load together, on a server of its own: the engine's memory, every 5xx, the share of honest
 * beats that were answered, and whether the sketch of honest people is, byte for byte, what a second server has that was told of
 * the acknowledged ones alone. `node bench/soak.ts [MINUTES]` (10 by default) prints a line a minute.
 *
 * A proxy is played by the address header, so the limits by address are those of a deployment: honest people come from an
 * address each, the attackers share thirty.
 */
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { residentBytes } from "./memory.ts";
import { cleanUp, startServer } from "../test/support/server.ts";

const minutes = Number(process.argv[2] ?? 10);
const honestAtOnce = 40;
const addressHeader = "x-real-ip";
const readEveryMs = 500;
/** Of each kind; there are some seventeen. */
const attackEveryMs = 400;

// Of both servers, so that they hash alike and have the same keys; the command that prints the keys takes it from here.
process.env.HEADCOUNT_SECRET = randomBytes(32).toString("base64url");
const server = await startServer({ env: { HEADCOUNT_ADDRESS_HEADER: addressHeader } });
const { url, keys } = server;
const { hostname, port } = new URL(url);
const pid = await server.enginePid();
/** Connections of their own, so that nobody honest waits in this client for the attackers' answers. */
const agents = {
  honest: new Agent({ keepAlive: true }),
  read: new Agent({ keepAlive: true }),
  hostile: new Agent({ keepAlive: true }),
};
const endsAt = Date.now() + minutes * 60_000;
const goesOn = () => Date.now() < endsAt;

type Kind = "honest" | "read" | "hostile";
const statuses: Record<Kind, Map<string, number>> = {
  honest: new Map(),
  read: new Map(),
  hostile: new Map(),
};
const waits: number[] = [];
const acknowledged = new Set<string>();

function note(kind: Kind, status: string): void {
  statuses[kind].set(status, (statuses[kind].get(status) ?? 0) + 1);
}

/** @returns the status of an answer, or "none" */
function send(
  kind: Kind,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string | Buffer,
): Promise<string> {
  return new Promise((resolve) => {
    const sent = request(url + path, { method, agent: agents[kind], headers, timeout: 30_000 }, (answer) => {
      answer.resume().once("close", () => resolve(String(answer.statusCode)));
    });
    sent.once("timeout", () => sent.destroy());
    sent.once("error", () => resolve("none"));
    sent.end(body);
  });
}

/** Bytes on a connection of their own, which is held until it is closed by the other end or the time is over. */
function hold(bytes: string | Buffer, ms: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    let told = "none";
    socket.once("data", (answer) => (told = answer.toString("latin1").slice(9, 12)));
    socket.once("error", () => {}).once("close", () => resolve(told));
    socket.setTimeout(ms, () => socket.destroy());
    socket.write(bytes);
  });
}

/** A person comes, reports twice a few seconds apart, as a page does, and makes room for the next. */
async function honest(place: number): Promise<void> {
  for (let n = 0; goesOn(); n++) {
    const user = `person-${place}-${n}`;
    const body = JSON.stringify({ key: keys.public, beats: [{ user, dimensions: { who: "honest" } }] });
    const headers = { [addressHeader]: `10.${place}.${(n >> 8) & 255}.${n & 255}` };
    for (let time = 0; time < 2; time++) {
      const sentAt = performance.now();
      const status = await send("honest", "POST", "/v1/heartbeat", headers, body);
      waits.push(performance.now() - sentAt);
      note("honest", status);
      if (status === "200") acknowledged.add(user);
      await sleep(400);
    }
  }
}

async function reader(): Promise<void> {
  const headers = { authorization: `Bearer ${keys.read}`, [addressHeader]: "192.0.2.1" };
  const paths = [
    "/v1/active",
    "/v1/online",
    "/v1/timeseries?metric=dau",
    "/v1/status",
    `/badge.svg?key=${keys.read}`,
    "/healthz",
  ];
  for (let n = 0; goesOn(); n++) {
    note("read", await send("read", "GET", paths[n % paths.length] as string, headers));
    await sleep(readEveryMs);
  }
}

const address = (n: number) => `203.0.113.${n % 30}`;
const postHead = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`;
const socketHead =
  "GET /v1/live HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-protocol: headcount.v1\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
/** Masked with zeros, so that it goes over the wire as it stands. */
const largeMessage = Buffer.concat([
  Buffer.from([0x81, 0xff, 0, 0, 0, 0, 1, 0x80, 0, 0, 0, 0, 0, 0]),
  Buffer.alloc(24 << 20, 97),
]);
const jwt = (n: number) =>
  [{ alg: "RS256", kid: `k${n}` }, { sub: "a", exp: 4e9 }, "x"]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
const values = (n: number) =>
  Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`d${index}`, `v${n}`]));

/** What strangers send: each attack is one request, or one that is held. */
const attacks: Record<string, (n: number) => Promise<string>> = {
  "byte of a heartbeat": () => hold(`${postHead("/v1/heartbeat", 100)}{`, 15_000),
  "part of a token's body": () => hold(`${postHead("/v1/token", 60_000)}${"x".repeat(500)}`, 15_000),
  "odd host": () => hold("GET / HTTP/1.1\r\nhost: [\r\n\r\n", 5000),
  "negative length": () => hold(postHead("/v1/heartbeat", -1), 5000),
  "silent socket": (n) => hold(`${socketHead}${addressHeader}: ${address(n)}\r\n\r\n`, 15_000),
  "huge message": async (n) => {
    if (n % 40 > 0) return "skipped";
    const head = Buffer.from(`${socketHead}${addressHeader}: ${address(n)}\r\n\r\n`);
    return hold(Buffer.concat([head, largeMessage]), 15_000);
  },
  "many members": (n) =>
    send(
      "hostile",
      "GET",
      `/badge.svg?${Array.from({ length: 3000 }, (_, member) => member).join("&")}`,
      from(n),
    ),
  "array of numbers": (n) => beat(n, `[${"1,".repeat(32_000)}1]`),
  "beats that are numbers": (n) => beat(n, `{"key":"${keys.public}","beats":[${"1,".repeat(32_000)}1]}`),
  "week in eight dimensions": (n) =>
    beat(
      n,
      beats(
        Array.from({ length: 168 }, (_, hour) => ({
          user: `h-${n}`,
          at: Date.now() - hour * 3.6e6,
          dimensions: values(n),
        })),
      ),
    ),
  "old first day": (n) =>
    beat(n, beats([{ user: `old-${n}`, since: Date.now() - (n % 900) * 86_400_000, dimensions: values(n) }])),
  link: (n) =>
    beat(
      n,
      JSON.stringify({
        key: keys.public,
        beats: [{ user: `l-${n % 50}` }],
        link: { anonymous: `x-${n}`, first: Date.now() - 3e10, days: 0xffffffff },
      }),
    ),
  "forged JWT": (n) =>
    send(
      "hostile",
      "POST",
      "/v1/token",
      from(n),
      JSON.stringify({ key: keys.public, client: `c-${n}`, jwt: jwt(n) }),
    ),
  "forged key": (n) => beat(n, '{"key":"hc_pub_demo_forged","beats":[{"user":"a"}]}'),
  "broken gzip": (n) =>
    send(
      "hostile",
      "POST",
      "/v1/activity",
      { ...from(n), "content-encoding": "gzip" },
      Buffer.alloc(2000, 31),
    ),
  "twenty windows": (n) => {
    const windows = Array.from({ length: 20 }, (_, day) => `${day + 1}d`).join(",");
    return send("hostile", "GET", `/v1/active?window=${windows}&by=d0&fresh=1`, {
      ...from(n),
      authorization: `Bearer ${keys.read}`,
    });
  },
  "engagement by value": (n) =>
    send("hostile", "GET", "/v1/engagement?by=d1", { ...from(n), authorization: `Bearer ${keys.read}` }),
};

function from(n: number): Record<string, string> {
  return { [addressHeader]: address(n) };
}
function beat(n: number, body: string): Promise<string> {
  return send("hostile", "POST", "/v1/heartbeat", from(n), body);
}
function beats(list: object[]): string {
  return JSON.stringify({ key: keys.public, beats: list });
}

/** One attacker of each kind, who doesn't tire. What is held is held many times at once. */
async function attacker(name: string, attack: (n: number) => Promise<string>): Promise<void> {
  const held = new Set<Promise<void>>();
  for (let n = 0; goesOn(); n++) {
    const going = attack(n).then((status) =>
      note("hostile", /^5|none/.test(status) ? `${status} ${name}` : status),
    );
    held.add(going);
    void going.then(() => held.delete(going));
    if (held.size >= 60) await Promise.race(held);
    await sleep(attackEveryMs);
  }
  await Promise.all(held);
}

const residentMb = async () => Math.round((await residentBytes(pid)) / 2 ** 20);
const text = (kind: Kind) => JSON.stringify(Object.fromEntries(statuses[kind]));
const within = (share: number) =>
  Math.round(waits.toSorted((a, b) => a - b)[Math.floor(share * waits.length)] ?? 0);

async function watch(): Promise<void> {
  for (let minute = 0; goesOn(); minute++) {
    const told = `honest ${text("honest")}, half within ${within(0.5)} ms, 99 % within ${within(0.99)} ms; read ${text("read")}; hostile ${text("hostile")}`;
    console.log(`${String(minute).padStart(2)} min: ${await residentMb()} MB; ${told}`);
    await sleep(Math.min(60_000, Math.max(1, endsAt - Date.now())));
  }
}

const authorization = `Bearer ${keys.secret}`;
const dimensions = ["who", ...Array.from({ length: 7 }, (_, index) => `d${index}`)];

/** Tells a server something as the app's own server would. */
async function tell(at: string, method: string, path: string, body: object): Promise<void> {
  const answer = await fetch(at + path, { method, headers: { authorization }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

/** The count of honest people, and the sketch that it comes from. */
async function honestPeople(
  at: string,
): Promise<{ count: number; low: number; high: number; sketch: string }> {
  const ask = async (path: string) => (await fetch(at + path, { headers: { authorization } })).json();
  const { windows } = (await ask("/v1/active?window=1h&who=honest&fresh=1")) as { windows: object[] };
  const day = new Date().toISOString().slice(0, 10);
  const { sketches } = (await ask(`/v1/sketch?day=${day}&format=json&who=honest`)) as {
    sketches: { registers?: number[]; entries?: number[] }[];
  };
  const { registers, entries } = sketches[0] as (typeof sketches)[0];
  return {
    ...(windows[0] as { count: number; low: number; high: number }),
    sketch: String(registers ?? entries),
  };
}

await tell(url, "PUT", "/v1/settings", { dimensions });
await Promise.all([
  watch(),
  reader(),
  ...Array.from({ length: honestAtOnce }, (_, place) => honest(place)),
  ...Object.entries(attacks).map(([name, attack]) => attacker(name, attack)),
]);
await sleep(3000);
console.log(
  `end: ${await residentMb()} MB; honest ${text("honest")}; read ${text("read")}; hostile ${text("hostile")}`,
);
console.log(`99 % of honest beats within ${within(0.99)} ms`);
for (const agent of Object.values(agents)) agent.destroy();
const attacked = await honestPeople(url);
await server.stop();

const calm = await startServer();
await tell(calm.url, "PUT", "/v1/settings", { dimensions });
const people = Array.from(acknowledged, (user) => ({ user, dimensions: { who: "honest" } }));
for (let start = 0; start < people.length; start += 1000) {
  await tell(calm.url, "POST", "/v1/activity", { beats: people.slice(start, start + 1000) });
}
const { sketch } = await honestPeople(calm.url);
await calm.stop();
await cleanUp();
console.log(
  `counted ${attacked.count} [${attacked.low}, ${attacked.high}], acknowledged ${acknowledged.size}`,
);
const isSame = attacked.sketch === sketch;
console.log(`the sketch is ${isSame ? "the same" : "NOT the same"} as without the hostile load`);
if (!isSame) process.exitCode = 1;
