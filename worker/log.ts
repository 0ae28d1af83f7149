/**
 * Writes one line of JSON to the log about something that went wrong.
 *
 * @param error what was thrown, if anything was; its name alone is written, since its text and members may quote what
 *   was sent
 * @param members facts of ours, never an id that somebody sent
 */
export function logError(event: string, error?: unknown, members: Record<string, unknown> = {}): void {
  const name = error instanceof Error ? error.name : typeof error;
  console.error(JSON.stringify({ event, ...members, ...(error !== undefined && { error: name }) }));
}

/** Writes one line of JSON to the log about something that nobody has to mend. */
export function logEvent(event: string, members: Record<string, unknown>): void {
  console.log(JSON.stringify({ event, ...members }));
}
