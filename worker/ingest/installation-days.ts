import type { Calendar } from "../counting/calendar.ts";
import type { ActiveDays } from "../counting/move-activity.ts";
import { dayMs, maxDaysOfInstallation } from "../limits.ts";

/**
 * When an installation was active, in days of the app's zone. A client may be off by one of those, so the neighbours of the
 * days that it claims are possible too, and so is all of the last month. Without a claim the last month is taken for sure.
 */
export function installationDays(
  claimed: readonly string[] | null,
  calendar: Calendar,
  now: number,
): ActiveDays {
  const month = Array.from({ length: maxDaysOfInstallation + 2 }, (_, ago) =>
    calendar.dateAt(now + (1 - ago) * dayMs),
  );
  if (claimed === null) return { sure: month, perhaps: [] };
  const neighbours = claimed
    .flatMap((day) => [Date.parse(day) - dayMs, Date.parse(day) + dayMs])
    .filter((at) => at > 0 && at < now)
    .map(dateOf);
  return { sure: claimed, perhaps: [...month, ...neighbours] };
}

/** The date of a midnight, UTC. */
function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
