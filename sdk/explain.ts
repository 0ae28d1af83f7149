import type { Lifecycle, Options } from "./options.ts";
import { mayCount } from "./permission.ts";
import type { State } from "./storage.ts";
import { warn } from "./warn.ts";
import { type HeartbeatResponse, maxUserIdLength } from "./wire.ts";

/** What the build for development says. Every call stands behind `__DEV__`, so no other build has this file. */

/** What is wrong with the options, or with where they are used. */
export function explainSetup(options: Options, lifecycle: Lifecycle | undefined): void {
  const { key } = options;
  // Some give a URL.
  const endpoint = options.endpoint && "".concat(options.endpoint);
  if (!endpoint)
    warn(
      "nothing is sent: endpoint is missing. Expected the service's address, such as https://headcount.example.com",
    );
  else if (/undefined|null|NaN/.test(endpoint))
    warn(`endpoint: ${endpoint} looks like a variable that has no value`);
  else if (endpoint.endsWith("/")) warn("endpoint: the trailing slash is removed");
  if (!key) warn("nothing will be counted: key is missing. Expected the app's public key, hc_pub_…");
  else if (/^hc_(read|secret|share|view)_/.test(key)) {
    warn(
      `nothing will be counted: the key is ${key.split("_", 2).join("_")}_…, of another role. Expected the public key, hc_pub_…; never put another key into a page`,
    );
  }
  if (!lifecycle)
    warn(
      "nothing is sent: there is no page here. On a server that is intended; in a worker use headcount/background",
    );

  const name = Symbol.for("headcount.keys");
  const scope = globalThis as { [name]?: Set<string> };
  const keys = (scope[name] ??= new Set());
  if ([...keys].some((other) => other !== key))
    warn("two instances with different keys run on this page: the visitor is counted by both");
  const tag = (globalThis as { headcount?: unknown }).headcount;
  if (tag && typeof tag === "object" && "identify" in tag) {
    warn("the SDK is on this page twice: as a script tag and as a package. Keep one");
  }
  keys.add(key);
}

/** Why nothing is sent at the moment. */
export function explainSilence(options: Options, lifecycle: Lifecycle | undefined, { out }: State): void {
  if (options.endpoint) {
    // Asked as if all the other reasons were none.
    if (!mayCount({ ...options, includeBots: true }))
      warn("nothing is sent: this browser sends Global Privacy Control. Set ignoreGpc to count it anyway");
    const nearby = globalThis.location?.href ?? options.endpoint;
    if (!mayCount({ ...options, ignoreGpc: true, endpoint: nearby }))
      warn("nothing is sent: this is a test run or an automated browser. Set includeBots to count it");
    else if (!mayCount({ ...options, ignoreGpc: true }))
      warn("nothing is sent: this page is on localhost and the endpoint is not. Set includeBots to count it");
  }
  if (lifecycle && !lifecycle.isVisible())
    warn("nothing is sent while the page is hidden, or idle for longer than idleLimitMs");
  if (out) warn("nothing is sent: this visitor has opted out. Call optIn() to end that");
}

/** Why the server took nothing, or what else was told to `onError`. */
export async function explainProblem(
  problem: unknown,
  { endpoint }: Pick<Options, "endpoint">,
): Promise<void> {
  if (!(problem instanceof Response)) {
    const text = problem instanceof Error ? problem.message : String(problem);
    return warn(
      problem instanceof TypeError && text.startsWith("user:")
        ? `identify() is ignored: expected an id of 1 to ${maxUserIdLength} characters, got none or a placeholder. The current user stays`
        : `${text} (${endpoint})`,
    );
  }
  const { status } = problem;
  const origin = globalThis.location?.origin ?? "this app";
  // The app may read the body itself.
  const body = (await problem
    .clone()
    .json()
    .catch(() => null)) as { detail?: string } | null;
  const detail = body?.detail ? `: ${body.detail}` : "";
  if (status === 401) warn(`nothing is counted: the key or token is not accepted (401)${detail}`);
  else if (status === 403)
    warn(
      `nothing is counted: the service accepts no activity from ${origin} with this key (403)${detail}. Is it in the app's setting "origins"?`,
    );
  else warn(`the service answered ${status}${detail}`);
}

/** What the server left out of what it took. */
export function explainAnswer({ rejected, ignored }: HeartbeatResponse): void {
  for (const { error } of rejected) warn(`a beat was rejected: ${error}`);
  for (const name of ignored ?? []) warn(`dimension ${name} is ignored: the app's settings don't declare it`);
}
