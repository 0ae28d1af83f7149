import { createServer, type ServerResponse } from "node:http";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { auth, headcount } from "./auth.ts";

const { runMigrations } = await getMigrations(auth.options);
await runMigrations();

const authenticate = toNodeHandler(auth);
const server = createServer((request, response) => {
  void (request.url?.startsWith("/api/auth/") ? authenticate(request, response) : answerPeople(response));
});

async function answerPeople(response: ServerResponse): Promise<void> {
  // Who was there in the last second may not have been sent yet.
  await headcount.flush();
  const { windows } = await headcount.query.active({ window: ["24h", "7d", "30d"], fresh: true });
  response.end(JSON.stringify(windows));
}

const port = Number(process.env["PORT"] ?? 3000);
server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));

process.once("SIGTERM", () => {
  // What was counted in the last second goes first.
  server.close(() => void headcount.close());
});
