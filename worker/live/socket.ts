import type { RequestFacts } from "../http/request-facts.ts";
import type { UserHash } from "../counting/user-hash.ts";

/** A socket that has not said yet who it is. */
interface WaitingSocket {
  phase: "waiting";
  /** Unix milliseconds. */
  openedAt: number;
  /** What its first message will be judged by, forgotten once it is. */
  facts: RequestFacts;
  /** Its place among those that wait: see `WaitingSockets`. */
  place: number;
}

/** A socket whose first message is being judged. */
interface JudgedSocket {
  phase: "judging";
  openedAt: number;
}

/** A socket whose pings count. What is known of its user is a hash; who it is, nobody here knows. */
export interface CountedSocket {
  phase: "counted";
  app: string;
  user: UserHash;
  /** The series in which the first message counted, but for those of `since`. */
  series: readonly string[];
  /** The day on which the user first appeared. */
  since?: string | undefined;
  /** A digest of the settings that let it in: see `admissionDigest`. */
  admission: number;
  /** The latest instant at which the user was counted. */
  countedAt: number;
  /** When the pings were last read. */
  readAt: number;
  /** When the socket has to be opened anew. */
  closesAt: number;
}

/** What a gate knows of a socket: its attachment, which outlives hibernation and is on no disk. */
export type Socket = WaitingSocket | JudgedSocket | CountedSocket;
