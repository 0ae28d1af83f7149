import { Refusal } from "../http/problem.ts";
import { UserHasher } from "../ingest/user-hasher.ts";
import { type AppRow, appRow, unreadableRow, windowsOfApp } from "../query/app-list.ts";
import { callObject } from "./call-object.ts";
import type { Isolate } from "./isolate.ts";
import { rollupName } from "./object-names.ts";

/**
 * An app's row in the list of apps at `now`, Unix milliseconds. One that can't be read is a row with the reason, and no failure of
 * the whole. Its settings are not asked for: the apps that are remembered are those that are in use.
 */
export async function readApp({ apps, env }: Isolate, app: string, now: number): Promise<AppRow> {
  const { keyId } = await UserHasher.from(await (await apps.ring()).userHashKey(app));
  try {
    const counts = await callObject(env.ROLLUPS, rollupName({ app, keyId }), (rollup) =>
      rollup.count(windowsOfApp(now), now, { of: "everyone" }),
    );
    return appRow(app, counts);
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason !== "unavailable") throw error;
    return unreadableRow(app, error.detail);
  }
}
