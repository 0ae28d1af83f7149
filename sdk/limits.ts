/** Limits and paces of the SDK, with their reasons. In a file of their own the bundler writes them in place. */

/** Beats in one body. The server takes more, but a browser refuses more than 64 KiB with `keepalive`, and a beat may have 2. */
export const maxBeats = 24;

/** A browser takes a time-out of more than 24.8 days for none at all. */
export const maxWaitMs = 86_400_000;

/** Slots of 5 minutes in an hour. */
export const slotsPerHour = 12;

/** 7 days: the server takes nothing older. */
export const maxHours = 168;

/** Pages that stay open meet the next slot, and midnight, all in the same instant. Their beats are spread over this. */
export const spreadMs = 60_000;

export const firstBackOffMs = 1000;
