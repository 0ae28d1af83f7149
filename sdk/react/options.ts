import type { About, Headcount, Options } from "../index.ts";

type UserId = Parameters<Headcount["identify"]>[0];

/** What every `init()` takes. */
export interface InitOptions {
  key: string;
  endpoint: string;
  onError?: ((problem: Error | Response) => void) | undefined;
}

/**
 * The options of `init()`, the key under a name that React leaves to components, and whom to count.
 *
 * @template Given the options of the `init` that is handed over
 */
export type HeartbeatOptions<Given extends InitOptions = Options> = Omit<Given, "key"> & {
  /** The app's public key, `hc_pub_…`. Another one, or another endpoint, starts anew; changes of other options wait for that. */
  publicKey: string;

  /**
   * The app's own id of whoever is signed in; nothing while nobody is. A change is a sign-in or a sign-out. An app
   * that only signed-in people use renders this once it knows who they are.
   */
  user?: UserId | null | undefined;

  /** As in `identify()`. */
  since?: About["since"];

  /** As in `identify()`. Those without a value are left out. */
  dimensions?: Record<string, string | null | undefined> | undefined;

  /** In place of `headcount`'s: `init` of `headcount/tokens`, or of `headcount/react-native`. */
  init?: ((options: Given) => Headcount) | undefined;

  /** `connect` of `headcount/socket`: holds a socket for as long as the component is mounted. */
  connect?: ((headcount: Headcount) => () => void) | undefined;
};
