import type { Options } from "../options.ts";

export interface TokenOptions extends Options {
  /**
   * A JWT that the app's own backend has signed for whoever is signed in; `sub` is the id that `identify()` is given.
   * Asked for when there is no good token: about once in three weeks for each installation. Without it the id is
   * taken on trust, where the app's `identity` setting is `open`.
   */
  getIdentity?: (() => string | Promise<string>) | undefined;
}
