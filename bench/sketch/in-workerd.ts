import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { createLite } from "../../test/sketch/lite.ts";
import { measure, type Times } from "./measure.ts";
import { workload } from "./workload.ts";

const require = createRequire(import.meta.url);

/** The package has no types; its default export is the path of its program. */
const workerd: { default: string } = require("workerd");

const workerPath = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** hyperloglog-lite needs Node's `Buffer`; our sketch does without the flag. */
const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "bench", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "2026-01-01",
    compatibilityFlags = ["nodejs_compat"],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "bench")],
);
`;

/** The workload inside workerd, the engine of Cloudflare Workers. */
export async function inWorkerd(): Promise<Times[]> {
  const directory = mkdtempSync(join(tmpdir(), "headcount-bench-"));
  await build({
    stdin: {
      contents: `import createLite from "hyperloglog-lite";
        import { workerOf } from ${JSON.stringify(workerPath)};
        export default workerOf(createLite);`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    format: "esm",
    target: "es2024",
    outfile: join(directory, "worker.js"),
  });
  writeFileSync(join(directory, "config.capnp"), config);
  const server = spawn(workerd.default, ["serve", join(directory, "config.capnp"), "--control-fd=3"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const agent = new Agent({ keepAlive: true });
  try {
    const port = await listening(server.stdio[3] as Readable);
    return await measure(workload(createLite), async (task, way, times) => {
      const start = performance.now();
      const [response] = await once(
        get({ port, agent, path: `/?task=${task}&way=${way}&times=${times}` }),
        "response",
      );
      await once(response.resume(), "end");
      if (response.statusCode !== 200) throw new Error(`workerd answered ${response.statusCode}`);
      return performance.now() - start;
    });
  } finally {
    agent.destroy();
    const ended = once(server, "exit");
    server.kill();
    await ended;
    rmSync(directory, { recursive: true });
  }
}

/** The port that workerd says it listens on. */
async function listening(control: Readable): Promise<number> {
  let told = "";
  for await (const chunk of control) {
    told += String(chunk);
    const port = /"event":\s*"listen".*"port":\s*(\d+)/.exec(told)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error("workerd ended before it listened");
}
