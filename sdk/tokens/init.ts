import { running, startHeartbeat } from "../heartbeat.ts";
import type { Headcount } from "../options.ts";
import type { TokenOptions } from "./options.ts";
import { withTokens } from "./with-tokens.ts";

/**
 * As the core's `init()`, but beats of a signed-in user go out with a token in place of the public key: exchanged once
 * for a credential, kept and shared by all tabs, replaced when the server says so, exchanged anew when it isn't good
 * any more. `reset()` and `optOut()` revoke it. Anonymous installations go on with the public key.
 */
export function init(options: TokenOptions): Headcount {
  return (running[options.key] ??= withTokens(options, startHeartbeat));
}
