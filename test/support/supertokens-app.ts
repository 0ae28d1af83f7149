import { createServer } from "node:http";
import { createRequire } from "node:module";
import express from "express";
import { onTestFinished } from "vitest";
import { createHeadcount, type HeadcountError } from "../../sdk/server/index.ts";
import { headcountPlugin, type PluginOptions } from "../../sdk/supertokens/index.ts";
import type { TestHeadcount } from "../../sdk/testing/index.ts";
import { listen } from "./static-server.ts";
import { startCore } from "./supertokens-core.ts";

/** Whoever signs up in such an app has it. */
export const password = "a long enough passw0rd";

const dayMs = 86_400_000;

/** The library anew: it keeps its one configuration for the life of a process. */
function freshSuperTokens() {
  const require = createRequire(import.meta.url);
  for (const path of Object.keys(require.cache)) {
    if (path.includes("/supertokens-node/")) delete require.cache[path];
  }
  return {
    SuperTokens: require("supertokens-node") as typeof import("supertokens-node"),
    AccountLinking:
      require("supertokens-node/recipe/accountlinking") as typeof import("supertokens-node/recipe/accountlinking"),
    EmailPassword:
      require("supertokens-node/recipe/emailpassword") as typeof import("supertokens-node/recipe/emailpassword"),
    ThirdParty:
      require("supertokens-node/recipe/thirdparty") as typeof import("supertokens-node/recipe/thirdparty"),
    Session: require("supertokens-node/recipe/session") as typeof import("supertokens-node/recipe/session"),
    framework:
      require("supertokens-node/framework/express") as typeof import("supertokens-node/framework/express"),
    verifySession: (
      require("supertokens-node/recipe/session/framework/express") as typeof import("supertokens-node/recipe/session/framework/express")
    ).verifySession,
  };
}

export interface AppOptions extends PluginOptions {
  /** How the plugin is put in. */
  by?: "plugin" | "overrides";
  /** Whether accounts with the same e-mail address are linked. */
  linksAlike?: boolean;
  /** How long access tokens are good. */
  accessTokenMs?: number;
  headcountUrl?: string;
  fetch?: typeof fetch;
}

/** An app on Express that is gone when the test is, with a core of its own. */
export async function startApp(service: TestHeadcount, options: AppOptions = {}) {
  const { by = "plugin", linksAlike = false, accessTokenMs = 30 * dayMs, fetch, ...others } = options;
  const { headcountUrl = service.url, ...more } = others;
  const core = await startCore(accessTokenMs);
  const errors: HeadcountError[] = [];
  const headcount = createHeadcount({
    endpoint: headcountUrl,
    secretKey: service.keys.secret,
    onError: (error) => errors.push(error),
    fetch,
  });
  const plugin = headcountPlugin(headcount, more);
  const library = freshSuperTokens();
  const { SuperTokens, AccountLinking, EmailPassword, ThirdParty, Session, framework, verifySession } =
    library;
  const app = express();
  const server = await listen(createServer(app));
  const shouldDoAutomaticAccountLinking = async () =>
    linksAlike
      ? ({ shouldAutomaticallyLink: true, shouldRequireVerification: false } as const)
      : ({ shouldAutomaticallyLink: false } as const);
  SuperTokens.init({
    appInfo: { appName: "Test", apiDomain: server.url, websiteDomain: server.url },
    supertokens: { connectionURI: core.url },
    telemetry: false,
    recipeList: [
      EmailPassword.init(),
      ThirdParty.init(),
      ...(by === "plugin"
        ? [AccountLinking.init({ shouldDoAutomaticAccountLinking }), Session.init()]
        : [
            AccountLinking.init({
              shouldDoAutomaticAccountLinking,
              override: plugin.overrideMap.accountlinking,
            }),
            Session.init({ override: plugin.overrideMap.session }),
          ]),
    ],
    ...(by === "plugin" ? { experimental: { plugins: [plugin] } } : {}),
  });
  app.use(framework.middleware());
  app.get("/me", verifySession(), (_request, response) => void response.json({}));
  app.use(framework.errorHandler());
  onTestFinished(async () => {
    await headcount.close({ timeoutMs: 1 });
    await Promise.all([server.close(), core.close()]);
  });
  return { ...library, core, errors, headcount, url: server.url };
}

/** A client as far as it matters: it keeps its tokens. */
export class Client {
  readonly #url: string;
  #accessToken = "";
  #refreshToken = "";

  constructor(url: string) {
    this.#url = url;
  }

  signUp(name: string) {
    return this.#sign("up", name);
  }

  signIn(name: string) {
    return this.#sign("in", name);
  }

  async visit(): Promise<number> {
    return (await this.#send("/me", "GET", this.#accessToken)).status;
  }

  async refresh(): Promise<number> {
    return (await this.#send("/auth/session/refresh", "POST", this.#refreshToken)).status;
  }

  async #sign(how: "up" | "in", name: string): Promise<{ status: string; user: { id: string } }> {
    const formFields = [
      { id: "email", value: `${name}@example.com` },
      { id: "password", value: password },
    ];
    const { answer } = await this.#send(`/auth/sign${how}`, "POST", "", { formFields });
    return answer as { status: string; user: { id: string } };
  }

  async #send(path: string, method: string, token: string, body?: object) {
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        "st-auth-mode": "header",
        "content-type": "application/json",
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    this.#accessToken = response.headers.get("st-access-token") ?? this.#accessToken;
    this.#refreshToken = response.headers.get("st-refresh-token") ?? this.#refreshToken;
    return { status: response.status, answer: (await response.json()) as unknown };
  }
}
