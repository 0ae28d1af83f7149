/** The days of a month before today, newest first, as `2026-11-20`. */
export function daysBefore(days, now = Date.now()) {
  return Array.from({ length: days }, (_, n) =>
    new Date(now - (n + 1) * 86_400_000).toISOString().slice(0, 10),
  );
}
