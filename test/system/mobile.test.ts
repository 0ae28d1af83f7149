import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHeadcount } from "../../sdk/server/index.ts";
import { startCountingProxy } from "../support/counting-proxy.ts";
import { blocksOf } from "../support/documented.ts";
import { cleanUp, makeDataDir, startServer, type TestServer } from "../support/server.ts";

/** The client in Kotlin of docs/mobile.md, run on a JVM. On Android org.json is part of the system; Debian has it as libandroid-json-java. */
const run = promisify(execFile);
const orgJson = process.env["ORG_JSON_JAR"] ?? "/usr/share/java/com.android.json.jar";
const hasKotlin = isThere("kotlinc", "-version") && existsSync(orgJson);
if (!hasKotlin)
  console.log("skipped: no kotlinc or no org.json, so the client of docs/mobile.md was not run");

/** Does what its standard input says. */
const main = `
import java.io.File

fun main(args: Array<String>) {
    val headcount = Headcount(args[0], args[1], File(args[2]))
    for (line in generateSequence(::readLine)) {
        val words = line.split(" ")
        when (words[0]) {
            "identify" -> headcount.identify(words[1])
            "reset" -> headcount.reset()
            "foreground" -> headcount.onForeground()
            "background" -> headcount.onBackground()
        }
    }
}
`;

let service: TestServer;
beforeAll(async () => {
  if (hasKotlin) service = await startServer();
});
afterAll(async () => {
  await service?.stop();
  await cleanUp();
});

test.skipIf(!hasKotlin)(
  "the client in Kotlin counts in the foreground, and keeps what it can't send over a restart",
  async () => {
    const dir = await makeDataDir();
    const [block] = blocksOf(await readFile(new URL("../../docs/mobile.md", import.meta.url), "utf8"));
    await writeFile(join(dir, "Headcount.kt"), block?.lines.join("\n") ?? "");
    await writeFile(join(dir, "Main.kt"), main);
    const jar = join(dir, "client.jar");
    const sources = [join(dir, "Headcount.kt"), join(dir, "Main.kt")];
    await run("kotlinc", [...sources, "-cp", orgJson, "-include-runtime", "-d", jar]);

    const proxy = await startCountingProxy(service.url);
    const asking = createHeadcount({ endpoint: service.url, secretKey: service.keys.secret });
    const queue = join(dir, "queue.json");
    const queued = async () => JSON.parse(await readFile(queue, "utf8")) as { user: string; at: number }[];
    const startClient = () => {
      const args = ["-cp", `${jar}:${orgJson}`, "MainKt", proxy.url, service.keys.public, queue];
      const app = spawn("java", args, { stdio: ["pipe", "ignore", "inherit"] });
      return {
        tell: (line: string) => app.stdin.write(`${line}\n`),
        async kill() {
          const exit = once(app, "exit");
          app.kill("SIGKILL");
          await exit;
        },
      };
    };
    const people = async () => {
      const { windows } = await asking.query.active({ window: "24h", fresh: true });
      return windows[0]?.count;
    };

    let app = startClient();
    try {
      app.tell("identify u-1");
      app.tell("foreground");
      app.tell("identify u-1");
      await expect.poll(people).toBe(1);
      // Nobody is counted who doesn't look, until they do.
      app.tell("background");
      app.tell("identify u-2");
      app.tell("identify u-3");
      app.tell("foreground");
      await expect.poll(people).toBe(2);
      expect(await queued()).toEqual([]);

      proxy.isDown = true;
      app.tell("identify u-4");
      await expect.poll(queued).toMatchObject([{ user: "u-4" }]);
      await expect.poll(() => proxy.cut).toBeGreaterThan(0);
      await app.kill();
      proxy.isDown = false;
      expect(await people()).toBe(2);

      app = startClient();
      app.tell("identify u-5");
      app.tell("foreground");
      await expect.poll(people).toBe(4);
      await expect.poll(queued).toEqual([]);
    } finally {
      await app.kill();
      await proxy.close();
    }
  },
);

function isThere(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
