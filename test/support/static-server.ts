import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const types: Record<string, string> = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript" };

export interface LocalServer {
  url: string;
  close(): Promise<void>;
}

/** Serves a folder on a port, and so an origin, of its own. */
export async function serveFolder(folder: string): Promise<LocalServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = join(folder, normalize(pathname.endsWith("/") ? `${pathname}index.html` : pathname));
    readFile(file).then(
      (content) =>
        response.writeHead(200, { "content-type": types[extname(file)] ?? "text/plain" }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  return listen(server);
}

/** Listens on loopback, on any free port. Closing ends open connections too. */
export async function listen(server: Server): Promise<LocalServer> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Serves one page, whatever is asked for, on an origin of its own. */
export async function servePage(html: string): Promise<LocalServer> {
  return listen(
    createServer((_request, response) => response.writeHead(200, { "content-type": "text/html" }).end(html)),
  );
}
