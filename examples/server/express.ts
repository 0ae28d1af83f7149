import express, { type Request } from "express";
import { expressMiddleware } from "headcount/server";
import { headcount } from "./client.ts";

interface SignedIn extends Request {
  user?: { id: string; plan: string };
}

const app = express();

app.use(
  expressMiddleware(headcount, {
    identify: ({ user }: SignedIn) => user && { user: user.id, dimensions: { plan: user.plan } },
  }),
);

// In place of what authenticates in your app.
app.use((request: SignedIn, _response, next) => {
  const id = request.get("x-user");
  if (id) request.user = { id, plan: "free" };
  next();
});

app.get("/", (_request, response) => {
  response.send("Hello, whoever you are.\n");
});

app.get("/people", async (_request, response) => {
  // Who was there in the last second may not have been sent yet.
  await headcount.flush();
  const { windows } = await headcount.query.active({ window: ["24h", "7d", "30d"], fresh: true });
  response.json(windows);
});

const port = Number(process.env["PORT"] ?? 3000);
const server = app.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));

process.once("SIGTERM", () => {
  // What was counted in the last second goes first.
  server.close(() => void headcount.close());
});
