/**
 * The names of an app's Durable Objects. They carry the id of the key that users are hashed with, so sketches of
 * different secrets never meet: with a new secret an app begins anew, with the old one it is back.
 */
export interface ObjectName {
  app: string;
  /** The first 32 bits of the hash key's fingerprint. */
  keyId: number;
}

export function rollupName({ app, keyId }: ObjectName): string {
  return `${app}.${keyId.toString(16).padStart(8, "0")}`;
}

export function shardName(name: ObjectName, index: number): string {
  return `${rollupName(name)}.${index}`;
}

/** The parts of a name of a roll-up or a shard; `index` is the shard's, 0 for a roll-up. */
export function parseObjectName(name: string): ObjectName & { index: number } {
  const [app, keyId, index = "0"] = name.split(".");
  if (app === undefined || keyId === undefined)
    throw new Error("a Durable Object with a name of another form");
  return { app, keyId: Number.parseInt(keyId, 16), index: Number(index) };
}
