import { expect, test, vi } from "vitest";
import { Calendar } from "../../worker/counting/calendar.ts";
import { installationClaim } from "../../worker/ingest/claims.ts";
import { maxDaysInLink, maxDaysOfInstallation } from "../../worker/limits.ts";

const dayMs = 86_400_000;
const now = Date.parse("2026-11-20T10:00:00Z");

test("of the days that an installation names no more are looked at than can matter", () => {
  const calendar = new Calendar([{ from: 0, zone: "Asia/Kathmandu" }]);
  const looked = vi.spyOn(calendar, "calendarPeriod");
  const day = (ago: number) => calendar.dateAt(now - ago * dayMs);
  const days = Array.from({ length: maxDaysInLink }, (_, index) => day(index - 100));
  const link = { anonymous: "i", first: null, days: [...days, ...days], now: null };
  const claim = installationClaim(link, calendar, now, [""], false);
  expect(looked.mock.calls.length).toBeLessThanOrEqual(maxDaysOfInstallation + 2);
  for (const ago of [0, 1, maxDaysOfInstallation]) {
    expect(claim.days).toContainEqual(calendar.calendarPeriod("day", day(ago)));
  }
  expect(installationClaim({ ...link, days: [day(0)] }, calendar, now, [""], false).days).toHaveLength(1);
});
