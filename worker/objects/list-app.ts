import { callObject } from "../app/call-object.ts";
import { KeyRing } from "../app/keys.ts";
import { parseObjectName } from "../app/object-names.ts";
import type { Env } from "../env.ts";
import { UserHasher } from "../ingest/user-hasher.ts";
import { logError } from "../log.ts";

/**
 * Tells the directory of a roll-up's app; see `DirectoryRpc.note`. A roll-up of an earlier secret is in no list of the present
 * one. Never rejects.
 *
 * @param rollup the roll-up's name
 * @returns whether there is nothing left to tell; else the roll-up is to try again
 */
export async function listApp(env: Env, rollup: string, mau: number | null): Promise<boolean> {
  const { app, keyId } = parseObjectName(rollup);
  try {
    const ring = await KeyRing.from(env.HEADCOUNT_SECRET);
    const present = await UserHasher.from(await ring.userHashKey(app));
    if (present.keyId !== keyId) return true;
    await callObject(env.DIRECTORY, await ring.nameFor("directory"), (directory) => directory.note(app, mau));
    return true;
  } catch (error) {
    logError("app-not-listed", error, { object: rollup });
    return false;
  }
}
