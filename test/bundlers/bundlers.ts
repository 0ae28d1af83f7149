import { type ChildProcess, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { serveFolder } from "../support/static-server.ts";
import type { Workshop } from "./workshop.ts";

export type Mode = "development" | "production";

/** A page that is served until it is closed. */
export interface Site {
  url: string;
  close(): Promise<unknown>;
}

/** How each bundler, told as little as its users tell it, makes a page of `app/main.js`. `NODE_ENV` is the mode. */
export const bundlers: Record<string, (workshop: Workshop, mode: Mode) => Promise<Site>> = {
  async vite({ tool, dir }, mode) {
    interface Vite {
      build: (config: object) => Promise<unknown>;
      createServer: (config: object) => Promise<{
        listen(): Promise<unknown>;
        close(): Promise<void>;
        resolvedUrls: { local: string[] };
      }>;
    }
    const { build, createServer: createViteServer } = await tool<Vite>("vite");
    const root = join(dir, "app");
    const logLevel = "silent";
    await writeFile(join(root, "index.html"), page("/main.js"));
    if (mode === "production") {
      await build({ root, logLevel, build: { outDir: join(dir, "out/vite"), emptyOutDir: true } });
      return serveFolder(join(dir, "out/vite"));
    }
    const server = await createViteServer({ root, logLevel, server: { host: "127.0.0.1", port: 0 } });
    await server.listen();
    return { url: (server.resolvedUrls.local[0] as string).replace(/\/$/, ""), close: () => server.close() };
  },

  async "webpack 5"({ tool, dir }, mode) {
    const { default: webpack } = await tool<{ default: Webpack }>("webpack");
    return bundled(dir, `webpack-5-${mode}`, (path, filename) =>
      pack(webpack, { mode, entry: join(dir, "app/main.js"), context: dir, output: { path, filename } }),
    );
  },

  /** Knows no `exports`, and so no conditions: always production, by way of CommonJS. */
  async "webpack 4"({ tool, dir }, mode) {
    const { default: webpack } = await tool<{ default: Webpack }>("webpack-4");
    return bundled(dir, `webpack-4-${mode}`, (path, filename) =>
      pack(webpack, {
        mode,
        entry: join(dir, "app/main.js"),
        context: dir,
        // Its MD4 is not in the OpenSSL of today.
        output: { path, filename, hashFunction: "sha256" },
      }),
    );
  },

  async rollup({ tool, dir }, mode) {
    type Rollup = {
      rollup: (
        config: object,
      ) => Promise<{ write(output: object): Promise<unknown>; close(): Promise<void> }>;
    };
    const { rollup } = await tool<Rollup>("rollup");
    const { nodeResolve } = await tool<{ nodeResolve: () => object }>("@rollup/plugin-node-resolve");
    return bundled(dir, `rollup-${mode}`, async (path, filename) => {
      const bundle = await rollup({
        input: join(dir, "app/main.js"),
        plugins: [nodeResolve()],
      });
      await bundle.write({ file: join(path, filename), format: "iife" });
      await bundle.close();
    });
  },

  async esbuild({ tool, dir }, mode) {
    const { build } = await tool<{ build: (options: object) => Promise<unknown> }>("esbuild");
    return bundled(dir, `esbuild-${mode}`, async (path, filename) => {
      const conditions = mode === "development" ? ["development"] : [];
      await build({
        entryPoints: [join(dir, "app/main.js")],
        bundle: true,
        outfile: join(path, filename),
        conditions,
      });
    });
  },

  async next({ dir, node }, mode) {
    const cli = join(dir, "node_modules/next/dist/bin/next");
    const app = join(dir, "app/next");
    const env = { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: mode };
    if (mode === "production") await node([cli, "build", app], env);
    const port = String(await freePort());
    const command = mode === "production" ? "start" : "dev";
    const child = spawn(process.execPath, [cli, command, app, "-p", port, "-H", "127.0.0.1"], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
      // A process group of its own, so that its workers end with it.
      detached: true,
    });
    await printed(child, /ready/i);
    return { url: `http://127.0.0.1:${port}`, close: () => endGroup(child) };
  },
};

function page(script: string): string {
  return `<!doctype html><title>?</title><body><script type="module" src="${script}"></script>`;
}

/** A folder with a page and the one script that `write` puts beside it, served. */
async function bundled(
  dir: string,
  name: string,
  write: (path: string, filename: string) => Promise<unknown>,
): Promise<Site> {
  const path = join(dir, "out", name);
  await write(path, "main.js");
  await writeFile(join(path, "index.html"), page("main.js"));
  return serveFolder(path);
}

interface Stats {
  hasErrors(): boolean;
  toString(): string;
}
type Webpack = (config: object, done: (error: Error | null, stats?: Stats) => void) => void;

function pack(webpack: Webpack, config: object): Promise<void> {
  return new Promise((resolve, reject) => {
    webpack(config, (error, stats) => {
      if (error || stats?.hasErrors()) reject(error ?? new Error(String(stats)));
      else resolve();
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function printed(child: ChildProcess, text: RegExp): Promise<void> {
  let all = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      all += chunk.toString();
      if (text.test(all)) resolve();
    });
    child.once("exit", (code) => reject(new Error(`ended with ${code}: ${all}`)));
  });
}

async function endGroup(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  process.kill(-(child.pid as number), "SIGKILL");
  await ended;
}
