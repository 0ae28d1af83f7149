import { createServer } from "node:http";
import type { Beat } from "../../sdk/wire.ts";
import { listen, type LocalServer } from "./static-server.ts";

/** Hands requests on to the real service, and notes every beat in them. */
export interface CountingProxy extends LocalServer {
  /** Beats that were sent, in the order of arrival. */
  beats: Beat[];
  /** While it is down every connection is cut. */
  isDown: boolean;
  /** How many were. */
  cut: number;
}

export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const server = createServer((request, response) => {
    if (proxy.isDown) {
      proxy.cut++;
      return void request.socket.destroy();
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      if (request.url === "/v1/activity") {
        for (const line of body.split("\n")) proxy.beats.push(JSON.parse(line));
      }
      const { authorization = "", "content-type": type } = request.headers;
      fetch(target + request.url, {
        method: request.method ?? "GET",
        headers: { authorization, ...(type === undefined ? {} : { "content-type": type }) },
        ...(body === "" ? {} : { body }),
      }).then(
        async (answer) => response.writeHead(answer.status).end(await answer.text()),
        () => request.socket.destroy(),
      );
    });
  });
  const proxy: CountingProxy = { ...(await listen(server)), beats: [], isDown: false, cut: 0 };
  return proxy;
}
