import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { build, type Plugin } from "esbuild";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Headcount } from "../../sdk/react-native.ts";
import { activeNow } from "../support/active-now.ts";
import { FakeAppState, FakeAsyncStorage } from "../support/fake-phone.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";

const rootDir = fileURLToPath(new URL("../..", import.meta.url));
const exampleDir = join(rootDir, "examples/expo");
const jwtSecret = "a secret that the service and the example's backend share";

/** The service says every ten seconds how many sockets are open. */
const patient = { timeout: 60_000 };

let server: TestServer;
let backend: ChildProcess;
/** All of the example but what is on the screen. */
let code: string;

/** What the example imports: the SDK's sources, and in place of React Native's own code, which needs a phone, what is in the context. */
const phone: Plugin = {
  name: "phone",
  setup(bundler) {
    const modules: Record<string, string> = {
      "react-native": "export const AppState = appState;",
      "@react-native-async-storage/async-storage": "export default asyncStorage;",
      "react-native-get-random-values": "",
    };
    bundler.onResolve({ filter: /^headcount\// }, ({ path }) => ({
      path: join(rootDir, path.replace("headcount", "sdk") + ".ts"),
    }));
    bundler.onResolve({ filter: /react-native/ }, ({ path }) =>
      path in modules ? { path, namespace: "phone" } : undefined,
    );
    bundler.onLoad({ filter: /./, namespace: "phone" }, ({ path }) => ({ contents: modules[path] ?? "" }));
  },
};

beforeAll(async () => {
  server = await startServer();
  const { status } = await ask("/v1/settings", server.keys.secret, {
    method: "PUT",
    body: JSON.stringify({ identity: "signed", jwt: { secret: jwtSecret }, dimensions: ["verified"] }),
  });
  expect(status).toBe(200);

  backend = spawn(process.execPath, ["backend.mjs"], {
    cwd: exampleDir,
    env: { ...process.env, HEADCOUNT_JWT_SECRET: jwtSecret, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await portOf(backend);
  const { outputFiles } = await build({
    stdin: {
      contents: 'export * from "./headcount.ts"; export * from "./session.ts";',
      resolveDir: exampleDir,
    },
    bundle: true,
    format: "iife",
    globalName: "example",
    plugins: [phone],
    define: {
      __DEV__: "true",
      "process.env.EXPO_PUBLIC_HEADCOUNT": JSON.stringify(server.url),
      "process.env.EXPO_PUBLIC_HEADCOUNT_KEY": JSON.stringify(server.keys.public),
      "process.env.EXPO_PUBLIC_BACKEND": JSON.stringify(`http://127.0.0.1:${port}`),
    },
    write: false,
  });
  code = outputFiles[0]?.text ?? "";
});
afterAll(async () => {
  backend?.kill();
  await server?.stop();
  await cleanUp();
});
beforeEach(() => stayWithinSlot(), 60_000);

test("the Expo example counts who signs in by a token and a socket, and is the same installation after a restart", async () => {
  const storage = new PhoneStorage();
  const first = startApp(storage);
  await expect.poll(() => activeNow(server)).toBe(1);
  await expect.poll(() => sockets(), patient).toBe(1);
  expect(await verified()).toBe(0);

  const { openSession } = first.example;
  const { user } = await openSession("ann@example.test");
  first.example.headcount.identify(user);
  await expect.poll(() => verified()).toBe(1);
  expect(await activeNow(server)).toBe(1);
  expect(storage.items.get(server.keys.public)).toContain("token");
  expect(storage.items.get(server.keys.public)).not.toContain("ann@");
  first.end();
  await expect.poll(() => sockets(), patient).toBe(0);

  const second = startApp(storage);
  const session = await second.example.readSession();
  expect(session).toMatchObject({ user: "ann@example.test" });
  second.example.headcount.identify("ann@example.test");
  second.example.headcount.heartbeat();
  expect(await activeNow(server)).toBe(1);

  second.example.headcount.reset();
  await second.example.closeSession();
  second.example.headcount.heartbeat();
  // Another installation: nobody knows that it is the same phone.
  await expect.poll(() => activeNow(server)).toBe(2);
  expect(await verified()).toBe(1);
  second.end();
  expect([...first.said, ...second.said]).toEqual([]);
});

test("somebody for whom the example's backend doesn't vouch is not counted", async () => {
  const before = await activeNow(server);
  const { example, said, end } = startApp(new PhoneStorage());
  example.headcount.identify("mallory");
  await expect.poll(() => said.join()).toContain("nobody is signed in");
  expect(await activeNow(server)).toBe(before);
  end();
});

interface Example {
  headcount: Headcount;
  openSession: (user: string) => Promise<{ user: string }>;
  readSession: () => Promise<{ user: string } | null>;
  closeSession: () => Promise<void>;
}

/** AsyncStorage, as far as the example uses it. */
class PhoneStorage extends FakeAsyncStorage {
  async removeItem(name: string): Promise<void> {
    this.items.delete(name);
  }
}

/** Starts the example where there is nothing but what React Native has. */
function startApp(asyncStorage: PhoneStorage) {
  const said: string[] = [];
  const appState = new FakeAppState();
  const context = createContext({
    setTimeout,
    clearTimeout,
    AbortController,
    Response,
    URL,
    WebSocket,
    fetch,
    navigator: { product: "ReactNative" },
    crypto: { getRandomValues: crypto.getRandomValues.bind(crypto) },
    console: { warn: (...words: unknown[]) => said.push(words.join(" ")) },
    appState,
    asyncStorage,
  });
  runInContext(`${code}; globalThis.example = example;`, context);
  const example = context["example"] as Example;
  return { example, said, end: () => example.headcount.shutdown() };
}

function ask(path: string, key: string, request: RequestInit = {}): Promise<Response> {
  return fetch(server.url + path, { ...request, headers: { authorization: `Bearer ${key}` } });
}

async function sockets(): Promise<number> {
  const answer = await ask("/v1/online?fresh=1", server.keys.read);
  return ((await answer.json()) as { sockets: number }).sockets;
}

/** How many people a signed identity vouches for. */
async function verified(): Promise<number> {
  const answer = await ask("/v1/active?window=24h&fresh=1&verified=true", server.keys.read);
  const { windows } = (await answer.json()) as { windows: { count: number | null }[] };
  return windows[0]?.count ?? 0;
}

/** Waits until the backend says where it listens. */
function portOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", (text: Buffer) => {
      const port = /port (\d+)/.exec(text.toString())?.[1];
      if (port !== undefined) resolve(port);
    });
    child.once("exit", (status) => reject(new Error(`the backend ended with ${status}`)));
  });
}
