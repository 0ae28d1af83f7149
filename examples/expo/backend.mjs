/**
 * What the example needs of a backend: sessions, and a JWT for whoever has one. It believes anybody's name; yours asks for
 * more. `HEADCOUNT_JWT_SECRET` is the secret of the app's setting `jwt`.
 */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { SignJWT } from "jose";

const jwtSecret = new TextEncoder().encode(process.env.HEADCOUNT_JWT_SECRET);
if (jwtSecret.length < 32) throw new Error("HEADCOUNT_JWT_SECRET: expected at least 32 bytes");

/** Users by the secrets of their sessions. */
const sessions = new Map();

async function answer(request) {
  if (request.method === "POST" && request.url === "/sessions") {
    const { user } = await json(request);
    const isName = typeof user === "string" && user.trim() !== "" && user.length <= 256;
    if (!isName) return { status: 422, body: { error: "user: expected a name" } };
    const secret = randomBytes(32).toString("base64url");
    sessions.set(secret, user);
    return { status: 200, body: { user, secret } };
  }
  if (request.method === "GET" && request.url === "/identity") {
    const user = sessions.get(request.headers.authorization?.replace(/^Bearer /, ""));
    if (user === undefined) return { status: 401, body: { error: "no such session: sign in" } };
    const jwt = await new SignJWT()
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(user)
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(jwtSecret);
    return { status: 200, body: { jwt } };
  }
  return { status: 404, body: { error: "expected POST /sessions or GET /identity" } };
}

async function respond(request, response) {
  const { status, body } = await answer(request).catch(() => ({
    status: 400,
    body: { error: "expected JSON" },
  }));
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const server = createServer((request, response) => void respond(request, response));
server.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`backend on port ${server.address().port}`);
});
