import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Role } from "../../worker/roles.ts";
import { operations } from "../../worker/schemas/operations.ts";
import { routes } from "../../worker/routes.ts";
import { AppClient } from "./client.ts";

const today = new Date().toISOString().slice(0, 10);

/** A request to each route that is right in all but, perhaps, who sends it. */
const queries: Record<string, string> = { "/v1/sketch": `?day=${today}&format=json` };
const bodies: Record<string, object> = {
  "POST /v1/activity": { beats: [] },
  "POST /v1/links": { from: "a", to: "b" },
  "DELETE /v1/links": { from: "a" },
  "POST /v1/exclusions": { user: "c" },
  "DELETE /v1/exclusions": { user: "c" },
  "PUT /v1/settings": {},
  "POST /v1/share": { panels: ["trend"] },
  "PUT /v1/annotations": { day: today, text: "a" },
  "DELETE /v1/annotations": { day: today },
};

/** Routes that take a credential in another place than `Authorization`, or none at all. */
const others = new Set([
  "POST /v1/heartbeat",
  "POST /v1/token",
  "DELETE /v1/token",
  // The token of a shared view: see share.test.ts.
  "GET /v1/share",
]);

interface Credential {
  name: string;
  bearer: string | null;
  role: Role | null;
}

async function credentialsOf(app: AppClient): Promise<Credential[]> {
  const roles: Role[] = ["pub", "read", "secret", "share"];
  const stranger = new AppClient(`${app.app}-other`);
  const own = await Promise.all(
    roles.map(async (role) => ({ name: role, bearer: await app.key(role), role })),
  );
  const refused = {
    none: null,
    malformed: "hc_secret_",
    truncated: (await app.key("secret")).slice(0, -1),
    "another app's under this name": (await stranger.key("secret")).replace("-other_", "_"),
    "a read key that calls itself secret": (await app.key("read")).replace("_read_", "_secret_"),
    token: await app.token({ client: "c", user: "a" }),
    "a JWT": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
  };
  return [...own, ...Object.entries(refused).map(([name, bearer]) => ({ name, bearer, role: null }))];
}

test("every route takes the keys that it is for, 403 to keys of other roles, 401 to what is no key", async () => {
  const app = new AppClient("matrix");
  await app.beat({ user: "a" });
  // What a shared view shows it may ask: see share.test.ts. None of these is a question of this one.
  const view = await app.share({ panels: ["trend"] });
  const credentials = [...(await credentialsOf(app)), { name: "view", bearer: view, role: "share" as const }];
  const exported = await (await app.fetch("/v1/export")).text();
  let checked = 0;
  for (const [operation, { roles }] of Object.entries(operations)) {
    if (roles === undefined) continue;
    const [method = "", path = ""] = operation.split(" ");
    for (const { name, bearer, role } of credentials) {
      const isImport = operation === "POST /v1/import";
      const body = isImport ? exported : bodies[operation] && JSON.stringify(bodies[operation]);
      const type = isImport ? "application/x-ndjson" : "application/json";
      const response = await exports.default.fetch(
        new Request(`https://headcount.test${path}${queries[path] ?? ""}`, {
          method,
          headers: {
            ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
            ...(body !== undefined && { "content-type": type }),
          },
          ...(body !== undefined && { body }),
        }),
      );
      const expected = role === null ? 401 : roles.includes(role) ? 200 : 403;
      expect([operation, name, response.status]).toEqual([operation, name, expected]);
      expect(response.headers.has("www-authenticate")).toBe(expected === 401);
      await response.text();
      checked++;
    }
  }
  expect(checked).toBe(routes.filter((route) => "roles" in route).length * credentials.length);
});

test("a heartbeat, an exchange and a logout take the credentials that they are for", async () => {
  const app = new AppClient("matrix-public");
  const send = async (method: string, path: string, body: unknown, bearer: string | null) => {
    const headers = bearer === null ? {} : { authorization: `Bearer ${bearer}` };
    const init = { method, headers, body: JSON.stringify(body) };
    const response = await exports.default.fetch(new Request(`https://headcount.test${path}`, init));
    await response.text();
    return response.status;
  };
  for (const { name, bearer, role } of await credentialsOf(app)) {
    const mayReport = role === "pub" || role === "secret";
    const asKey = role === null ? 401 : mayReport ? 200 : 403;
    const key = bearer ?? undefined;
    expect([name, await send("POST", "/v1/heartbeat", { key, beats: [] }, null)]).toEqual([name, asKey]);
    const exchange = { key, client: "c", user: "a" };
    expect([name, await send("POST", "/v1/token", exchange, null)]).toEqual([name, asKey]);
    const asToken = name === "token" ? 200 : 401;
    expect([name, await send("POST", "/v1/heartbeat", { token: key ?? "", beats: [] }, null)]).toEqual([
      name,
      asToken,
    ]);
    // A key in the header does not open a door that looks into the body.
    expect([name, await send("POST", "/v1/heartbeat", { beats: [] }, bearer)]).toEqual([name, 401]);
    const asLogout = name === "token" || role === "secret" ? 200 : role === null ? 401 : 403;
    expect([name, await send("DELETE", "/v1/token", { user: "b" }, bearer)]).toEqual([name, asLogout]);
  }
});

test("what has no roles is meant to be open", () => {
  const open = routes.filter((route) => !("roles" in route)).map(({ method, path }) => `${method} ${path}`);
  const harmless = [
    "GET /healthz",
    "GET /sdk.js",
    "GET /sdk.dev.js",
    "GET /sdk.mjs",
    "GET /headcount.tgz",
    "GET /openapi.json",
    "GET /docs",
    "GET /docs.css",
  ];
  // A page without figures; what its script asks for needs a key like any other question.
  const page = ["GET /", "GET /embed", "GET /dashboard.js", "GET /dashboard.css"];
  // A socket shows its credential in its first message: see live-doors.test.ts.
  // The badge's key stands in its address: see badge.test.ts.
  // It takes the service's secret: see apps.test.ts.
  const elsewhere = ["GET /v1/live", "GET /badge.svg", "GET /v1/apps"];
  expect(new Set(open)).toEqual(new Set([...others, ...harmless, ...page, ...elsewhere]));
});
