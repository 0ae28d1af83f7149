import { clockToleranceMs } from "../limits.ts";

/**
 * What is to be added to the times that a client stamped, so that they are of the service's clock. A minute is no matter: a
 * request may take that long. However far off a clock is, beats have to be recent once they are shifted.
 *
 * @param said what the client's clock said when it sent them; Unix milliseconds
 */
export function clockShiftMs(said: number | undefined, now: number): number {
  const shift = said === undefined ? 0 : now - said;
  return Math.abs(shift) > clockToleranceMs ? shift : 0;
}
