import { closeCodes } from "../../sdk/wire.ts";
import { Refusal, statusOf } from "./problem.ts";

/** Why and with which code a socket is to be closed. */
export interface Close {
  code: number;
  /** At most 123 bytes of UTF-8. */
  reason: string;
}

/** A close frame has room for a reason of 123 bytes. */
const maxReasonBytes = 123;

/** The close that tells a client over its socket what a problem document would tell it over HTTP. */
export function closeFor(error: unknown): Close {
  if (!(error instanceof Refusal)) return { code: closeCodes.tryAgain, reason: "internal-error" };
  return { code: codeOf(statusOf(error)), reason: cut(`${error.reason}: ${error.detail}`) };
}

/** A reason that fits into a close frame. */
function cut(reason: string): string {
  const { read } = new TextEncoder().encodeInto(reason, new Uint8Array(maxReasonBytes));
  return reason.slice(0, read);
}

function codeOf(status: number): number {
  if (status === 401 || status === 403) return closeCodes.credentials;
  if (status === 429) return closeCodes.tooMany;
  return status >= 500 ? closeCodes.tryAgain : closeCodes.badMessage;
}
