import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tarballPath } from "../../scripts/pack.ts";
import {
  buildImage,
  firstProcess,
  type Image,
  inContainer,
  runBuildStage,
  whyNoContainer,
} from "../support/image.ts";
import { cleanUp, makeDataDir, npm } from "../support/server.ts";

const binary = fileURLToPath(new URL("../../dist/binary/headcount", import.meta.url));
/** Of npm and its Node there is nothing to be found. */
const bareEnv = { PATH: "/usr/bin:/bin" };

const running = new Set<ChildProcess>();
beforeAll(runBuildStage);
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await cleanUp();
});

/** A place in which the binary runs, with a folder that outlives each run. */
interface Place {
  /** The command line that runs a command of the binary. */
  command(args: readonly string[]): string[];
  env: Record<string, string>;
  /** Where the data are, seen from outside. */
  dataDir: string;
  /** The process that a supervisor would signal. */
  main(child: ChildProcess): number;
}

interface Running {
  url: string;
  output(): string;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

async function start(place: Place, args: readonly string[] = []): Promise<Running> {
  const [program = "", ...rest] = place.command(args);
  const child = spawn(program, rest, { env: place.env, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const ended = once(child, "close").then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed += String(chunk)));
  const isReady = () => /^ready$/m.test(printed);
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", () => isReady() && resolve());
    void ended.then((code) => reject(new Error(`it ended with ${code}: ${printed}`)));
  });
  return {
    url: /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? "",
    output: () => printed,
    end(signal) {
      process.kill(place.main(child), signal);
      return ended;
    },
  };
}

/** Runs a command to its end. Never rejects. */
async function run([program = "", ...args]: string[], env: Record<string, string>) {
  try {
    return { code: 0, ...(await promisify(execFile)(program, args, { env })) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

/** What the service is for, over a stop and a kill; `args` have it listen on a free port. */
async function countThroughRestarts(place: Place, args: readonly string[]): Promise<void> {
  const exact = new Set<string>();
  const beat = async (url: string, key: string, from: number, to: number) => {
    const users = Array.from({ length: to - from }, (_, index) => `member-${from + index}`);
    for (const user of users) exact.add(user);
    const beats = [...users, ...users.slice(0, 20)].map((user) => ({ user }));
    const answer = await fetch(`${url}/v1/heartbeat`, {
      method: "POST",
      body: JSON.stringify({ key, beats }),
    });
    expect(answer.status).toBe(200);
  };
  const count = async (url: string, key: string) => {
    const answer = await fetch(`${url}/v1/active?window=24h&fresh=1`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return ((await answer.json()) as { windows: { count: number }[] }).windows[0]?.count;
  };
  const keysAt = async (url: string) => {
    const { stdout } = await run(place.command(["keys", "demo", "--json", "--url", url]), place.env);
    return JSON.parse(stdout) as { public: string; read: string };
  };

  const first = await start(place, args);
  expect(first.output()).toContain("A secret was made");
  expect((await stat(join(place.dataDir, "secret"))).mode & 0o777).toBe(0o600);
  const keys = await keysAt(first.url);
  // As the repository's own command derives them from the same secret.
  const own = await npm([
    "run",
    "-s",
    "keys",
    "--",
    "demo",
    "--json",
    "--url",
    first.url,
    "--data",
    place.dataDir,
  ]);
  expect(keys).toEqual(JSON.parse(own.stdout));
  await beat(first.url, keys.public, 0, 150);
  expect(await count(first.url, keys.read)).toBe(exact.size);
  expect(await first.end("SIGTERM")).toBe(0);
  expect(existsSync(join(place.dataDir, "control"))).toBe(false);

  const second = await start(place, args);
  expect(second.output()).not.toContain("A secret was made");
  await beat(second.url, keys.public, 100, 250);
  await second.end("SIGKILL");
  expect(existsSync(join(place.dataDir, "control"))).toBe(true);

  const third = await start(place, args);
  expect(await keysAt(third.url)).toEqual(keys);
  expect(await count(third.url, keys.read)).toBe(exact.size);
  const page = await (await fetch(`${third.url}/sdk.js`)).text();
  expect(page).toContain("/v1/heartbeat");
  const served = await (await fetch(`${third.url}/headcount.tgz`)).arrayBuffer();
  expect(Buffer.from(served).equals(await readFile(tarballPath))).toBe(true);
  expect(await third.end("SIGTERM")).toBe(0);
}

describe("the binary", () => {
  const inFolder = async (): Promise<Place> => {
    const dataDir = await makeDataDir();
    return {
      command: (args) => [binary, ...args, ...(args[0] === "health" ? [] : ["--data", dataDir])],
      env: bareEnv,
      dataDir,
      main: (child) => child.pid as number,
    };
  };

  test("counts through a stop and a kill, with the keys of its data folder", async () => {
    await countThroughRestarts(await inFolder(), ["--port", "0"]);
  });

  test("has one start on a data folder, and says in one line what is wrong", async () => {
    const place = await inFolder();
    const server = await start(place, ["start", "--port", "0"]);
    const refusals = [
      [["--port", "0"], `the data folder ${place.dataDir} is in use by another start`],
      [["--port", "many"], "--port: expected a number from 0 to 65535"],
      [["constructor"], "unknown command. Usage: headcount [start|keys|"],
    ] as const;
    for (const [args, words] of refusals) {
      const { code, stderr } = await run(place.command(args), place.env);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^headcount: .*\n$/)]);
      expect(stderr).toContain(words);
    }
    expect(await run(place.command(["health", "--url", server.url]), place.env)).toMatchObject({ code: 0 });
    expect(await server.end("SIGTERM")).toBe(0);
    expect(await run(place.command(["health", "--url", server.url]), place.env)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("can't be reached"),
    });
  });

  test("says how each command is used, without npm", async () => {
    const { stdout } = await run([binary, "--help"], bareEnv);
    const names = /^Usage: headcount \[(.*?)\]/.exec(stdout)?.[1]?.split("|") ?? [];
    expect(names).toEqual(expect.arrayContaining(["start", "keys", "export", "import", "health"]));
    for (const name of names) {
      const told = await run([binary, name, "--help"], bareEnv);
      expect([name, told.code, told.stderr]).toEqual([name, 0, ""]);
      expect(told.stdout).toMatch(name === "start" ? /^Usage: headcount \[/ : `Usage: headcount ${name} `);
    }
  });
});

const obstacle = whyNoContainer();
if (obstacle !== null) {
  console.log(
    `skipped: this machine makes no namespaces (${obstacle}), so nobody has run the image's file system`,
  );
}

describe.skipIf(obstacle !== null)("the file system of the image, on its own", () => {
  let image: Image;
  beforeAll(async () => {
    image = buildImage(await makeDataDir());
  });

  const container = async (): Promise<Place & { volume: string }> => {
    const volume = await makeDataDir();
    return {
      // As in `docker run headcount …`: what is said takes the place of CMD. A free port, since others are at work here.
      command: (args) => inContainer(image, volume, [...image.entrypoint, ...args]),
      // What compose.yaml hands on is empty where nobody has set it.
      env: {
        ...image.env,
        HEADCOUNT_ADDRESS_HEADER: "",
        HEADCOUNT_COUNTRY_HEADER: "",
        HEADCOUNT_JWKS_ALLOW: "",
        HEADCOUNT_WEBHOOK_ALLOW: "",
      },
      volume,
      dataDir: join(volume, ".headcount"),
      main: (child) => firstProcess(child.pid as number),
    };
  };

  test("counts through a stop and a kill, as a user without rights on a read-only root", async () => {
    const place = await container();
    await countThroughRestarts(place, [...image.cmd, "--port", "0"]);
    expect(readdirSync(place.volume)).toEqual([".headcount"]);

    const inside = (...command: string[]) => run(inContainer(image, place.volume, command), image.env);
    expect((await inside("node", "-p", "process.getuid()")).stdout.trim()).toBe(image.user[0]);
    expect(image.user[0]).not.toBe("0");
    const status = (await inside("node", "-p", "fs.readFileSync('/proc/self/status', 'utf8')")).stdout;
    expect(status).toMatch(/^CapEff:\s0+$/m);
    for (const path of ["/here", "/opt/headcount/headcount", "/tmp/here"]) {
      expect((await inside("sh", "-c", `echo > ${path}`)).stderr).toContain("Read-only file system");
    }
    expect(await inside("sh", "-c", "echo > /data/here")).toMatchObject({ code: 0 });
  });

  test("is what compose.yaml runs", async () => {
    const compose = await readFile(new URL("../../compose.yaml", import.meta.url), "utf8");
    expect(compose).toContain(`ports: ["127.0.0.1:8787:${image.port}"]`);
    expect(compose).toContain(`volumes: ["data:${image.volume}"]`);
    expect(compose).toContain("read_only: true");
    expect(image.cmd.join(" ")).not.toContain("--port");
    expect((await run([binary, "health", "--help"], bareEnv)).stdout).toContain(`:${image.port}`);
  });

  test("its log holds no key but the public one, and its health check tells whether it serves", async () => {
    const place = await container();
    const server = await start(place, [...image.cmd, "--port", "0"]);
    const secret = (await readFile(join(place.dataDir, "secret"), "utf8")).trim();
    expect(server.output()).not.toMatch(/hc_(?!pub)/);
    expect(server.output()).not.toContain(secret);
    expect(server.output()).toContain("Keys are printed by: headcount keys demo");

    const check = () =>
      run(inContainer(image, place.volume, [...image.healthcheck, "--url", server.url]), image.env);
    expect(await check()).toMatchObject({ code: 0, stdout: expect.stringContaining(`"ok"`) });
    expect(await server.end("SIGTERM")).toBe(0);
    expect(await check()).toMatchObject({ code: 1 });
  });
});
