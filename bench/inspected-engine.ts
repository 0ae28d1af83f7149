import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { engineCommand } from "../scripts/installation.ts";
import { isSettledWithin } from "../worker/settled-within.ts";

/** An engine whose heap can be looked at. All that runs in it is one isolate: the Worker and every object. */
export interface InspectedEngine {
  url: string;
  /** Bytes of what is in use, half a second after the garbage was to be collected. */
  liveBytes(): Promise<number>;
  /** The most bytes that were in use while `work` was done, garbage included, by looking every few milliseconds. */
  mostBytes(work: () => Promise<unknown>): Promise<number>;
  stop(): Promise<void>;
}

const lookMs = 20;
const collectMs = 500;

interface HeapUsage {
  usedSize: number;
  embedderHeapUsedSize: number;
  backingStorageSize: number;
}

/** Starts the engine on a data folder that nobody else uses. */
export async function startInspected(dataDir: string, secret: string): Promise<InspectedEngine> {
  await mkdir(join(dataDir, "objects"), { recursive: true });
  const [program, ...options] = await engineCommand();
  const child = spawn(
    program,
    [
      ...options,
      "--socket-addr=http=127.0.0.1:0",
      "--socket-addr=control=127.0.0.1:0",
      `--directory-path=data=${join(dataDir, "objects")}`,
      "--control-fd=3",
      "--inspector-addr=127.0.0.1:0",
    ],
    {
      stdio: ["ignore", "inherit", "inherit", "pipe"],
      env: { ...process.env, HEADCOUNT_SECRET: secret },
    },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let [port, inspectorPort]: (number | undefined)[] = [];
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
    const said = JSON.parse(line) as { event: string; socket?: string; port: number };
    if (said.event === "listen-inspector") inspectorPort = said.port;
    if (said.socket === "http") port = said.port;
    if (port !== undefined && inspectorPort !== undefined) break;
  }
  const send = await openInspector(inspectorPort ?? 0);
  const usedBytes = async () => {
    const usage = (await send("Runtime.getHeapUsage")) as HeapUsage;
    return usage.usedSize + usage.embedderHeapUsedSize + usage.backingStorageSize;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    async liveBytes() {
      // The engine collects, and never answers that it has.
      void send("HeapProfiler.collectGarbage");
      await new Promise((resolve) => setTimeout(resolve, collectMs));
      return usedBytes();
    },
    async mostBytes(work) {
      const working = work();
      let most = await usedBytes();
      while (!(await isSettledWithin(working, lookMs))) most = Math.max(most, await usedBytes());
      return Math.max(most, await usedBytes());
    },
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Opens the inspector of the Worker. Returns what sends it a command and resolves with the result. */
async function openInspector(port: number): Promise<(method: string) => Promise<unknown>> {
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? "");
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (id !== undefined) waiting.get(id)?.(result);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error("the inspector can't be reached")));
  });
  let last = 0;
  const send = (method: string) =>
    new Promise<unknown>((resolve) => {
      const id = ++last;
      waiting.set(id, (result) => {
        waiting.delete(id);
        resolve(result);
      });
      socket.send(JSON.stringify({ id, method }));
    });
  await send("HeapProfiler.enable");
  return send;
}
