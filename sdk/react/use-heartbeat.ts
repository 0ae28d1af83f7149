import { useCallback, useEffect, useRef } from "react";
import { type About, type Headcount, init, type Options } from "../index.ts";
import { hold } from "./hold.ts";

/** The options of `init()`, the key under a name that React leaves to components, and whom to count. */
export interface HeartbeatOptions extends Omit<Options, "key">, About {
  /** The app's public key, `hc_pub_…`. Another one, or another endpoint, starts anew; changes of other options wait for that. */
  publicKey: string;

  /**
   * The app's own id of whoever is signed in; nothing while nobody is. A change is a sign-in or a sign-out. An app
   * that only signed-in people use renders this once it knows who they are.
   */
  user?: string | null | undefined;
}

/**
 * Counts whoever has this app in the foreground, for as long as the component is mounted. Any number of components may
 * use the same key. Strict mode, hot reloading and rendering on a server count nobody twice, and nobody who is not there.
 *
 * @returns says that the user is active now, as `heartbeat()` of the instance does; always the same function
 */
export function useHeartbeat(options: HeartbeatOptions): () => void {
  const { publicKey, endpoint, since, dimensions } = options;
  const user = options.user || undefined;
  const instance = useRef<Headcount>(undefined);
  /** The user of the last render, whatever the instance. */
  const counted = useRef<string>(undefined);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  useEffect(() => {
    const headcount = init({
      ...latest.current,
      key: publicKey,
      endpoint,
      onError: (problem) => latest.current.onError?.(problem),
    });
    instance.current = headcount;
    return hold(headcount);
  }, [publicKey, endpoint]);

  // In the same task as `init()`, so that no anonymous beat goes out for somebody who is known. Dimensions are compared
  // by what they say: written in place they are another object in every render.
  const about = JSON.stringify({ since, dimensions });
  useEffect(() => {
    if (counted.current !== undefined && counted.current !== user) instance.current?.reset();
    counted.current = user;
    if (user !== undefined) instance.current?.identify(user, JSON.parse(about) as About);
  }, [publicKey, endpoint, user, about]);

  return useCallback(() => instance.current?.heartbeat(), []);
}
