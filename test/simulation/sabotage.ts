/** What SQLite takes and gives. */
export type Value = null | number | string | Uint8Array;

/** Where planted faults reach into the world itself; empty when none is. */
export const sabotage: {
  /** Another query in the place of one. */
  exec?: (object: string, query: string, bindings: Value[]) => [string, Value[]] | null;
  /** Answers before what they promise is durable. */
  isDurableTooSoon?: boolean;
  /** Another text in the place of what a page stores. */
  store?: (text: string) => string;
  /** Another attachment in the place of one that a socket has while its gate hibernates. */
  hibernate?: (attachment: unknown) => unknown;
} = {};
