import { useCallback, useEffect, useRef } from "react";
import type { Core } from "../heartbeat.ts";
import { type About, type Headcount, init as initCore, type Options } from "../index.ts";
import { createHold } from "./hold.ts";
import type { HeartbeatOptions, InitOptions } from "./options.ts";

/** An instance that knows the options with which it was made. */
type Marked = Headcount & { options?: Core["options"] & { mark?: object } };

const holdInstance = createHold();
const holdSocket = createHold();

/**
 * Counts whoever has this app in the foreground, for as long as the component is mounted. Any number of components may
 * use the same key. Strict mode, hot reloading and rendering on a server count nobody twice, and nobody who is not there.
 * An instance that the app itself has made with this key is used, and not ended.
 *
 * @returns says that the user is active now, as `heartbeat()` of the instance does; always the same function
 */
export function useHeartbeat<Given extends InitOptions = Options>(
  options: HeartbeatOptions<Given>,
): () => void {
  const { publicKey, endpoint, connect } = options;
  const user = options.user === "" ? undefined : (options.user ?? undefined);
  const instance = useRef<Headcount>(undefined);
  /** The user of the last render, whatever the instance. */
  const counted = useRef<typeof user>(undefined);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  useEffect(() => {
    const { init = initCore } = latest.current;
    // Comes back with the options of an instance that is new, and not with those of one that was there.
    const mark = {};
    const given = {
      ...latest.current,
      key: publicKey,
      endpoint,
      onError: (problem: Error | Response) => latest.current.onError?.(problem),
      mark,
    };
    const headcount = init(given as unknown as Given & Options);
    instance.current = headcount;
    return holdInstance(headcount, () => {
      const isNew = (headcount as Marked).options?.mark === mark;
      return () => {
        if (isNew) headcount.shutdown();
      };
    });
  }, [publicKey, endpoint]);

  const isConnected = connect !== undefined;
  useEffect(() => {
    const headcount = instance.current;
    if (!headcount || !isConnected) return;
    return holdSocket(headcount, () => latest.current.connect?.(headcount) ?? (() => {}));
  }, [publicKey, endpoint, isConnected]);

  // In the same task as `init()`, so that no anonymous beat goes out for somebody who is known. Dimensions are compared
  // by what they say: written in place they are another object in every render.
  const about = textOf(options);
  useEffect(() => {
    if (counted.current !== undefined && counted.current !== user) instance.current?.reset();
    counted.current = user;
    if (user !== undefined) instance.current?.identify(user, aboutIn(latest.current));
  }, [publicKey, endpoint, user, about]);

  return useCallback(() => instance.current?.heartbeat(), []);
}

/** What is known of the user, without what isn't. */
function aboutIn({ since, dimensions }: Pick<HeartbeatOptions, "since" | "dimensions">): About {
  const known = Object.entries(dimensions ?? {}).filter((pair): pair is [string, string] => pair[1] != null);
  return { since, dimensions: Object.fromEntries(known) };
}

/** Tells one such text from another. Not JSON, which pages patch and which some values make throw. */
function textOf(options: Pick<HeartbeatOptions, "since" | "dimensions">): string {
  try {
    const { since, dimensions } = aboutIn(options);
    return [since, ...Object.entries(dimensions ?? {}).flat()].map(String).join("\0");
  } catch {
    return "";
  }
}
