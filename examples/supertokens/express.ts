import express from "express";
import { errorHandler, middleware, type SessionRequest } from "supertokens-node/framework/express";
import { verifySession } from "supertokens-node/recipe/session/framework/express";
import { headcount } from "./auth.ts";

const app = express();
app.use(middleware());

app.get("/me", verifySession(), (request: SessionRequest, response) => {
  response.json({ user: request.session?.getUserId() });
});

app.get("/people", async (_request, response) => {
  // Who was there in the last second may not have been sent yet.
  await headcount.flush();
  const { windows } = await headcount.query.active({ window: ["24h", "7d", "30d"], fresh: true });
  response.json(windows);
});

app.use(errorHandler());

const port = Number(process.env["PORT"] ?? 3000);
const server = app.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));

process.once("SIGTERM", () => {
  // What was counted in the last second goes first.
  server.close(() => void headcount.close());
});
