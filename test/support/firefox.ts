import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Debian's package, or what the system calls Firefox. */
const executable = ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find(existsSync);

/** Where there is none, what is tested in it is skipped, which this says. */
export const hasFirefox = executable !== undefined;
if (!hasFirefox) console.warn("Firefox is missing, so nothing is tested in it: apt-get install firefox-esr");

/** A real Firefox that nobody sees. */
export interface Firefox {
  version: string;
  /** In a window of its own, for only one tab of a window is visible. */
  openTab(): Promise<Tab>;
  /** Ends it, and removes its profile. */
  close(): Promise<void>;
}

export interface Tab {
  /** Loads a page; resolves once it is loaded. */
  go(url: string): Promise<void>;
  back(): Promise<void>;
  /** What an expression gives, awaited, as JSON knows it. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Calls nobody but the pages of a test, and asks its user nothing. */
const quiet = {
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.aboutwelcome.enabled": false,
  "browser.newtabpage.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.page": 0,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.systemAddon.update.enabled": false,
  "extensions.update.enabled": false,
  "media.gmp-manager.url": "",
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.dns.disablePrefetch": true,
  "services.settings.server": "data:,none",
  "toolkit.telemetry.enabled": false,
};

/**
 * Starts Firefox with a profile of its own, and speaks WebDriver BiDi with it (https://w3c.github.io/webdriver-bidi).
 * Playwright's own driver sends commands that a Firefox of long support does not know.
 *
 * @param preferences in addition, as `about:config` knows them
 */
export async function launchFirefox(
  preferences: Record<string, string | number | boolean> = {},
): Promise<Firefox> {
  const profile = await mkdtemp(join(tmpdir(), "headcount-firefox-"));
  const lines = Object.entries({ ...quiet, ...preferences }).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  await writeFile(join(profile, "user.js"), lines.join("\n"));
  const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
  const child = spawn(executable as string, args, {
    // A process group of its own, so that those of its pages end with it.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" },
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  async function close(): Promise<void> {
    started.delete(child);
    if (child.exitCode === null) process.kill(-(child.pid as number), "SIGKILL");
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
  started.set(child, close);

  try {
    const send = await connectTo(await addressOf(child));
    const { capabilities } = (await send("session.new", { capabilities: {} })) as {
      capabilities: { browserVersion: string };
    };
    return { version: capabilities.browserVersion, close, openTab: () => openTab(send) };
  } catch (error) {
    await close();
    throw error;
  }
}

const started = new Map<ChildProcess, () => Promise<void>>();

/** Ends what a test that failed left running. */
export async function closeFirefoxes(): Promise<void> {
  await Promise.all([...started.values()].map((close) => close()));
}

type Send = (method: string, params: object) => Promise<unknown>;

/** Firefox says on which port it listens. */
async function addressOf({ stderr, ...child }: ChildProcess): Promise<string> {
  let printed = "";
  return new Promise((resolve, reject) => {
    stderr?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      const address = /WebDriver BiDi listening on (ws:\S+)/.exec(printed)?.[1];
      if (address !== undefined) resolve(`${address}/session`);
    });
    stderr?.once("close", () => reject(new Error(`Firefox (${child.pid}) ended: ${printed}`)));
  });
}

/** A command goes out with a number, and its answer comes back with the same. */
async function connectTo(address: string): Promise<Send> {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result, error, message } = JSON.parse(String(data)) as {
      id?: number;
      result?: unknown;
      error?: string;
      message?: string;
    };
    const asked = waiting.get(id ?? -1);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new Error(`${error}: ${message}`));
    waiting.delete(id ?? -1);
  });
  socket.addEventListener("close", () => {
    for (const { reject } of waiting.values()) reject(new Error("Firefox is gone"));
  });
  let id = 0;
  return (method, params) =>
    new Promise((resolve, reject) => {
      waiting.set(++id, { resolve, reject });
      socket.send(JSON.stringify({ id, method, params }));
    });
}

async function openTab(send: Send): Promise<Tab> {
  const { context } = (await send("browsingContext.create", { type: "window" })) as { context: string };

  async function evaluate(expression: string): Promise<unknown> {
    const answer = (await send("script.evaluate", {
      // As text, so that no value of BiDi's needs to be read.
      expression: `Promise.resolve(${expression}).then((value) => JSON.stringify(value))`,
      target: { context },
      awaitPromise: true,
    })) as { result: { value?: string }; exceptionDetails?: { text: string } };
    if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.text);
    return answer.result.value === undefined ? undefined : JSON.parse(answer.result.value);
  }

  return {
    evaluate,
    async go(url) {
      await send("browsingContext.navigate", { context, url, wait: "complete" });
    },
    async back() {
      await send("browsingContext.traverseHistory", { context, delta: -1 });
    },
    async close() {
      await send("browsingContext.close", { context });
    },
  };
}
