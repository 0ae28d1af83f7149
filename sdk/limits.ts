/** Limits and paces of the SDK, with their reasons. In a file of their own the bundler writes them in place. */

/**
 * A browser refuses more than 64 KiB with `keepalive`, and so does the server. UTF-8 needs no more than 3 bytes for a character
 * of JavaScript, and there is room for one beat more.
 */
export const maxBodyCharacters = 19_000;

/** What a beat has beside the one who is named in it: its time and how it came about. */
export const beatCharacters = 50;

/** A browser takes a time-out of more than 24.8 days for none at all. */
export const maxWaitMs = 86_400_000;

export const minuteMs = 60_000;

/** A slot is 5 minutes. */
export const slotMinutes = 5;
export const slotSeconds = 300;
export const slotsPerHour = 12;
export const slotsPerDay = 288;

/** The longest pace that a server may ask for: the 25 hours of a day on which clocks are set back. */
export const mostSlots = 300;

/** 7 days: the server takes nothing older. */
export const maxHours = 168;

/** Pages that stay open meet the next slot, and midnight, all in the same instant. Their beats are spread over this. */
export const spreadMs = 60_000;

/** A request that has no answer by then is cancelled. Until then it takes one of the six connections to an origin. */
export const timeoutMs = 20_000;

/** Tabs that wait for the same moment are spread over this. */
export const tabSpreadMs = 1000;

/** The first back-off is up to 16 s, each that follows up to four times as long, an hour at most. */
export const firstBackOffMs = 16_000;
export const backOffGrowth = 4;
export const maxBackOffMs = 3_600_000;

/** A socket is opened again sooner, as nobody holds one without reason. */
export const firstSocketBackOffMs = 1000;

/** More than 400 days, for which browsers keep a cookie at most. */
export const cookieSeconds = 40_000_000;
