import { createServer } from "node:http";
import { listen, type LocalServer } from "./static-server.ts";

/** Signs in whoever `signsIn` names, over and over. */
export interface OAuthProvider extends LocalServer {
  signsIn: number;
}

/** A stand-in for GitHub (its enterprise server, by its paths): any code is good for a token, and the token for the profile. */
export async function startOAuthProvider(): Promise<OAuthProvider> {
  const server = createServer((request, response) => {
    const { signsIn: id } = provider;
    const answers: Record<string, object> = {
      "/login/oauth/access_token": { access_token: "token", token_type: "bearer", scope: "read:user" },
      "/api/v3/user": { id, login: `user-${id}`, name: `User ${id}`, email: `${id}@example.com` },
    };
    const answer = answers[new URL(request.url ?? "/", "http://provider").pathname];
    response.writeHead(answer ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? {}));
  });
  const provider: OAuthProvider = { ...(await listen(server)), signsIn: 0 };
  return provider;
}
