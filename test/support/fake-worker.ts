import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { HeartbeatRequest } from "../../sdk/wire.ts";
import { listen, type LocalServer } from "./static-server.ts";

const entry = fileURLToPath(new URL("../../sdk/script.ts", import.meta.url));

export interface FakeWorker extends LocalServer {
  /** What came in, in the order of arrival. */
  requests: { method: string; contentType: string | undefined; cookie: string | undefined; body: string }[];
  /** What the next heartbeats are answered. `drop` cuts the connection. */
  answer: { status: number; retryAfterSeconds?: number } | "drop";
  heartbeats(): HeartbeatRequest[];
}

/** Speaks as much of the Worker's contract as the SDK hears, on an origin of its own, and misbehaves on demand. */
export async function startFakeWorker(): Promise<FakeWorker> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    define: { __DEV__: "false" },
    write: false,
  });
  const script = outputFiles[0]?.text;
  const requests: FakeWorker["requests"] = [];

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-expose-headers", "retry-after");
    if (pathname === "/sdk.js") return response.setHeader("content-type", "text/javascript").end(script);
    if (pathname === "/") return response.setHeader("content-type", "text/html").end("<!doctype html>");

    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const { "content-type": contentType, cookie } = request.headers;
      requests.push({ method: request.method ?? "", contentType, cookie, body });
      if (worker.answer === "drop") return void request.socket.destroy();
      const { status, retryAfterSeconds } = worker.answer;
      if (retryAfterSeconds) response.setHeader("retry-after", retryAfterSeconds);
      response.writeHead(status, { "content-type": "application/json" });
      return response.end(JSON.stringify({ accepted: 1, rejected: [], interval: 300 }));
    });
    return undefined;
  });

  const worker: FakeWorker = {
    ...(await listen(server)),
    requests,
    answer: { status: 200 },
    heartbeats: () => requests.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body)),
  };
  return worker;
}
