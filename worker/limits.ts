import { pingIntervalMs, slotMs } from "../sdk/wire.ts";

/** Every limit of the service, with its unit and its reason. Those that clients need stand in `sdk/wire.ts`. */

const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** A beat may be this old through the public door: an offline queue covers a week. */
export const maxBeatAgeMs = 7 * dayMs;

/** A beat may be this far ahead: clocks of phones that have lost contact drift by minutes. */
export const maxBeatLeadMs = 5 * minuteMs;

/** Windows that begin within this span are kept to five minutes: two days, and what clocks and zones add. */
export const slotReachMs = 50 * hourMs;

/** Windows that begin within this span are exact to the hour. */
export const hourReachMs = 32 * dayMs;

/** Slots and hours are kept a little longer than they can be asked for, so that a floor at the edge still finds its period. */
export const reachMarginMs = 2 * hourMs;

/** Characters of an address: the longest query, 20 windows and a filter by 64 characters, takes a quarter of it. */
export const maxAddressLength = 4096;

/** Bytes of a heartbeat's body: browsers cap the sum of keepalive bodies at 64 KiB. */
export const maxHeartbeatBytes = 64 * 1024;

/** Bytes of a JSON body of `/v1/activity`. It is parsed in one piece; whoever has more streams NDJSON. */
export const maxActivityJsonBytes = 4 * 1024 * 1024;

/** Compressed bytes are unpacked this many at a time: what comes of them, at most a thousand times as much, is held. */
export const gzipPieceBytes = 16 * 1024;

/** Bytes that may come of one compressed byte, on the average. Activity packs to a fifth or a twentieth; zeros to a thousandth. */
export const maxGzipRatio = 250;

/** Bytes of one line of NDJSON or record of CSV: the largest valid beat is far below. */
export const maxLineBytes = 16 * 1024;

/** Bytes of the settings' body. */
export const maxSettingsBytes = 64 * 1024;

/** Bytes of the body that says what a link is to show. */
export const maxShareBytes = 4 * 1024;

/**
 * Beats that a stream gathers before they are sent to the shards. Large enough that a back-fill over a year
 * touches each period's sketch a few dozen times and not once a line, small enough to stay under 2 MB.
 */
export const beatsPerFlush = 32_768;

/** Periods and series that a stream gathers at most: a few megabytes on their way to a shard. */
export const partsPerFlush = 20_000;

/** Refusals that an answer of `/v1/activity` spells out. */
export const maxListedErrors = 20;

/** A Worker may answer with settings this old; a change reaches every edge within it. */
export const settingsTtlMs = 30_000;

/** A new time zone begins to cut days no sooner than this after it was set: later than any cache and any beat's lead. */
export const zoneLeadMs = 10 * minuteMs;

/** Between two pushes of one shard to the roll-up: what a plain query may lag behind. */
export const pushIntervalMs = 15_000;

/** An isolate that takes no beats tells this often what it refused: whoever sends nothing else must not cost a call each time. */
export const counterReportMs = 10_000;

/** A shard that has been quiet pushes this soon, so that the first visitor shows up while the developer still looks. */
export const firstPushMs = 1000;

/** A shard whose alarm is this late has lost it (alarms can get stuck) and sets it again. */
export const alarmOverdueMs = 60_000;

/** Back-off of a shard whose push fails: first wait and cap. */
export const pushRetryMs = { base: 1000, cap: 60_000 };

/** A closed period stays in a shard's memory this long, for beats that are a little late. */
export const closedGraceMs = 10 * minuteMs;

/** Bytes of unabsorbed sketches in a shard's memory (of 128 MB) at which it pushes before it takes more. */
export const maxPendingBytes = 16 * 1024 * 1024;

/** Parts that a shard sends to the roll-up at once: some 70 ms of its time, between which it answers others. */
export const partsPerAbsorb = 1000;

/** Bytes of one row in a shard's log: a row may hold 2 MB. */
export const maxLogRowBytes = 1024 * 1024;

/** Bytes of what a roll-up keeps in memory (of 128 MB): of decoded sketches, and of unions of past questions, some 600 large ones. */
export const maxCachedBytes = { sketches: 36 * 1024 * 1024, unions: 12 * 1024 * 1024 };

/** Windows in one query. */
export const maxWindowsPerQuery = 20;

/** Shards of one app: a query that asks them all stays under the platform's subrequests. */
export const maxShards = 256;

/**
 * How long one isolate gives the same answer again (milliseconds), how long a request waits for another one that is working out what
 * it asks (milliseconds), and how much is kept for all apps (bytes of its 128 MB).
 */
export const recentAnswers = { ms: 1000, waitMs: 5000, bytes: 4 * 1024 * 1024 };

/** Answers of the running slot that a Worker remembers for all apps: about 8 MB of its 128. */
export const maxRepeats = 100_000;

/** Entries that one call to a shard carries for several requests: some hundred kilobytes, far below what a call may have. */
export const maxLoadEntries = 20_000;

/**
 * How long a request waits for the call of another one to a shard before it makes its own: for the call before its own, and
 * for the one that carries its activity, which may be tried several times.
 */
export const outboxMs = { lead: 1000, follow: 5000 };

/** Least milliseconds between two commits of a shard, unless the environment says otherwise. */
export const defaultCommitWindowMs = 200;

/**
 * For how many commit windows an isolate gathers clients' heartbeats before it calls a shard, by resolution: an app that
 * counts hours or days can wait so that several heartbeats share a call, which is what costs money. The least with which a million
 * daily users cost no more than $25 and $15 a month: see `bench/cost-model.ts`.
 */
export const gatherWindows = { "5m": 0, "1h": 5, "1d": 13 };

/** The same of a gate: for sockets that open, at every resolution, and for those that have closed. */
export const gateGatherWindows = 5;

/** Nobody is made to wait for longer, however long the commit window is. A client gives up a request after 20 s. */
export const maxGatherMs = 5000;

/** Bodies of strangers that one isolate reads at once. Where there are more, the one that takes longest has to go. */
export const maxReadings = 2000;

/** A stranger's body that has not arrived in this time is not waited for. */
export const bodyTimeoutMs = 10_000;

/** Revisions of an app's keys: as many digits as a key has room for. */
export const maxKeyRevision = 999_999;

/** Seconds for which a token may live: as long as figures are kept by default. */
export const maxTokenTtlSeconds = 400 * 86_400;

/**
 * Bytes of a key set, the time in which its server has to answer, and that between two attempts where a key isn't known or none
 * could be had: whoever forges identities must not have it asked each time. The largest sets in use take some 20 KB.
 */
export const jwksLimits = { bytes: 1024 * 1024, timeoutMs: 5000, coolDownMs: 30_000 };

/** Keys that the settings may hold themselves: a few that are in use, and their successors. */
export const maxInlineKeys = 20;

/** Bytes of the body of an exchange: the largest JWTs that are in use take a few kilobytes. */
export const maxTokenBytes = 16 * 1024;

/**
 * What one network address may do with one app through its public, read and share keys and through tokens; servers
 * are not limited. An office or a mobile carrier puts thousands of people behind one address: 20 beats a second are 6,000
 * people in every five minutes.
 */
export const rates = {
  beats: { burst: 1200, perSecond: 20 },
  links: { burst: 60, perSecond: 0.5 },
  exchanges: { burst: 240, perSecond: 4 },
  queries: { burst: 300, perSecond: 20 },
  /** Of all apps together: at the upgrade nobody knows yet for which one it is. */
  sockets: { burst: 1200, perSecond: 20 },
};

/**
 * Beats of one heartbeat of somebody who is limited: what one address may report at once. The SDK sends a few hundred at most,
 * after a week offline.
 */
export const maxBeatsPerHeartbeat = rates.beats.burst;

/** Beats whose rejection a heartbeat's answer spells out. */
export const maxListedRejections = 100;

/** Addresses and what they do that one isolate remembers: about 10 MB of its 128. */
export const maxRateBuckets = 100_000;

/** Apps whose settings a Worker remembers. */
export const maxRememberedApps = 500;

/**
 * When an app gets more shards by itself. An object takes about 1,000 calls a second; `busyCallsPerSecond` is a setting
 * of the deployment, because on one machine more objects are no faster.
 */
export const elastic = { busyReports: 3, restMs: 2 * minuteMs };

/** Shards that one caller asks at most: the platform counts 50 calls of one request against it. */
export const maxFanOut = 32;

/** Records of an exported app that travel between Worker and roll-up at once: sketches of up to 16 KB each. */
export const recordsPerPage = 100;

/** Bytes of one line of an export: a dense sketch in base64, and names. */
export const maxExportLineBytes = 64 * 1024;

/** More people than there are, and more than any ratio of them: what an export may tell of a figure. */
export const maxExportedFigure = 1e12;

/** Changes of an app's time zone in an export. */
export const maxZoneChanges = 1000;

/**
 * Apps in one page of the list of apps. Each takes a call to its roll-up, which is tried three times at most: the platform
 * lets one request make a thousand.
 */
export const maxAppsPerPage = 300;

/** And where it isn't said how many. */
export const usualAppsPerPage = 100;

/** Apps that one request works on at the same time, so that it leaves room for others. */
export const appsAtOnce = 20;

/** Requests that one isolate works on at once: each takes some 20 KB of its 128 MB while it waits for storage. */
export const maxInFlight = { reports: 1000, questions: 500 };

/** Tries of a call to a Durable Object that may be repeated, and the first wait between them. */
export const objectCalls = { tries: 3, baseDelayMs: 50 };

/** Dimensions of one app: each beat touches a sketch of each of them in three periods. */
export const maxDimensions = 8;

/** Characters of a dimension's value: longer ones are texts, not categories. */
export const maxDimensionValueLength = 64;

/**
 * Values of one dimension in the periods of one kind and day, a sketch each: up to so many for anybody's, then room for those that
 * were there the day before, and then for those of whom somebody vouches. So whoever makes values up displaces none that is real.
 */
export const maxSeriesValues = { new: 1000, known: 1250, proven: 1500 };

/** Sketches in which a shard remembers whom it has seen: some 20 MB of its 128 while they are small. It may forget them at any time. */
export const maxSeenSketches = 50_000;

/** Values that the settings may list for one dimension. */
export const maxAllowedValues = 1000;

/** Slots of a series other than everyone can be asked for this far back: they answer who is online. */
export const seriesSlotReachMs = 3 * hourMs;

/** Hours of a series other than everyone can be asked for this far back. */
export const seriesHourReachMs = 8 * dayMs;

/** People are followed by the day of their first appearance for this many days, afterwards by its week. */
export const cohortDays = 35;

/** And by its week for so many weeks: a little longer than retention can be asked for. */
export const cohortWeeks = 62;

/** A client's clock that is off by no more is taken for right: a request may take that long. */
export const clockToleranceMs = minuteMs;

/** Days named in one link or exclusion: more than any retention needs in one go. */
export const maxDaysInLink = 400;

/**
 * Aliases of one app, 285 bytes each on disk, and 50 in the memory of each shard that sees the user. Those of installations leave
 * room for what the app's servers say.
 */
export const maxAliases = { installations: 400_000, all: 500_000 };

/** Aliases that a shard learns at once: a new one learns them all, page by page. */
export const aliasesPerPage = 5000;

/** Rows of tokens in one shard, 181 bytes each. Those for whom nobody vouches leave room for the others. */
export const maxTokenRows = { unverified: 150_000, all: 200_000 };

/** Links of a stream that are carried out together: an object works on them in one turn. */
export const linksPerFlush = 100;

/** Bytes of the body of a link or an exclusion: two ids and 400 days. */
export const maxLinkBytes = 16 * 1024;

/** Annotations of one app: one a day for more than a year, and a few hundred kilobytes at most. */
export const maxAnnotations = 500;

/** Characters of one annotation: what is read at a glance beside a chart. */
export const maxAnnotationLength = 200;

/** Bytes of the body of an annotation, with room for every character escaped. */
export const maxAnnotationBytes = 4 * 1024;

/** Days in one time series. */
export const maxPoints = 800;

/** Sketches of a split that an object reads in one turn, some 15 ms: whoever else asks waits for several of them. */
export const readsPerTurn = 200;

/** Dear questions that one object works on or keeps waiting: the last of them is answered within half a minute. */
export const maxDearQuestions = 32;

/** What a split costs of an address' questions, for each window: a thousand values take some 100 ms. */
export const splitCost = 10;

/** And `fresh=1`, for each shard that is asked. */
export const freshCost = 0.5;

/** Figures in one time series that is split: each may unite a month of sketches, and an object has 30 s and 128 MB. */
export const maxSplitPoints = 20_000;

/** Fits of several large sketches in one question, 1 to 2 ms each: an object does nothing else meanwhile. */
export const maxJointFits = 400;

/**
 * Fits of growth accounting, some 25 ms each, in one turn of an object: of a question, and of the hourly alarm for days and
 * for weeks. Where all sketches are small it is a part of that.
 */
export const growthFits = { question: 5, alarm: { day: 3, week: 1 }, small: 0.1 };

/** Days and weeks back to which the hourly alarm keeps growth accounting. */
export const maxGrowthPeriods = { day: 400, week: 57 };

/** A beat that is older than this when it arrives is counted as late. */
export const lateMs = 60 * minuteMs;

/** Days in the past over which an installation that signs in is looked for. */
export const maxDaysOfInstallation = 32;

/** A roll-up that has started recomputes its figures this soon after the first activity that reaches it. */
export const recomputeSoonMs = 15_000;

/** And again after this time where it could not tell the directory of its app. */
export const listRetryMs = 5 * minuteMs;

/** Looks at the clock are an hour and five minutes apart while all is well; what is further apart may be a jump of the clock. */
export const clockGapMs = 2 * hourMs;

/** A clock that has jumped and goes on from there for so long is taken for right. */
export const clockConfirmMs = 30 * minuteMs;

/** Sockets that one gate holds: the platform allows 32,768, and a gate wakes for all of them at once. */
export const maxSocketsPerGate = 10_000;

/** Sockets that one gate takes a second, and at once after a quiet spell: an object does about 1,000 things a second. */
export const socketsPerGate = { perSecond: 200, burst: 1000 };

/** Gates of one region, a power of two: 640,000 sockets. */
export const maxGates = 64;

/**
 * Sockets of one isolate that have not said yet who they are. A first message may take the engine 31 MiB before this code sees
 * any of it. It comes a round trip after the upgrade, so that 200 at a time are as many as a gate takes in a second, and
 * 20 are some 100 a second from behind one address.
 */
export const maxWaitingSockets = { inAll: 200, perAddress: 20 };

/** A place among them is free again after this time, whatever became of its socket. */
export const waitingPlaceMs = minuteMs;

/** A socket that has not said who it is by then is closed. */
export const firstMessageMs = 10_000;

/** A first message that is not judged by then was lost with an object that was restarted. */
export const judgingMs = 60_000;

/** Characters of a header that are looked at, and kept by a gate until the first message: what tells a browser stands at its front. */
export const maxFactLength = 512;

/**
 * When in a slot of five minutes a gate reads the pings: once everybody has pinged in it (every 30 s), so that who stays
 * over an edge is counted soon, and again shortly before its end, for those who came back in the middle.
 */
export const readingOffsetsMs = [pingIntervalMs + 20_000, slotMs - 10_000] as const;

/** A reading that comes late fills the slots that nobody watched, but no more than these. */
export const maxFillMs = 60 * minuteMs;

/** A socket that has not pinged for so long is half-open, or of a page that is hidden for long. */
export const silentMs = 10 * minuteMs;

/** A socket is closed at this age, less a random part of the spread: its key or token has to prove itself again. */
export const socketLifeMs = { most: dayMs, spread: hourMs };

/** A gate tells roll-ups how many sockets are open this long after the first change. */
export const socketReportMs = 10_000;

/** And again after this time although nothing has changed, … */
export const socketReportRepeatMs = 4.5 * minuteMs;

/** … since a report is believed for no longer than this: a gate may be gone without a word. */
export const socketReportTtlMs = 11 * minuteMs;

/** The least time between two alarms of a gate: what sets the alarm may have a clock that is ahead of the gate's. */
export const alarmGapMs = 1000;

/** Back-off of a gate that can't reach an app's objects; short of hibernation (10 s), which would forget who has left. */
export const gateRetryMs = { base: 1000, cap: 8000 };

/** Signs of life of closed sockets that a gate keeps while an app's objects can't be reached. */
export const maxDeparted = 20_000;

/**
 * Webhooks of one app, thresholds of one of them, and messages that wait for one: of more the oldest is dropped.
 * So many are sent at once. A receiver has so
 * long to answer, and a message that it doesn't take is sent again after these times, some seventeen hours in all: then there is
 * soon another report. The first wait is for a receiver that was just being started anew.
 */
export const webhookLimits = {
  most: 5,
  thresholds: 10,
  maxWaiting: 10,
  atOnce: 10,
  timeoutMs: 10_000,
  retryAfterMs: [5000, 5 * minuteMs, 30 * minuteMs, 2 * hourMs, 5 * hourMs, 10 * hourMs],
};
