/** What of an object's storage has to do with time. */
type Alarms = Pick<DurableObjectStorage, "setAlarm" | "getAlarm" | "deleteAlarm">;

const engineNow = Date.now;

/** Milliseconds by which the service's clock is ahead of the engine's; all objects are in one isolate and share it. */
let aheadMs = 0;

/** An object, by the binding of its class and its name. */
export interface Named {
  binding: "SHARDS" | "ROLLUPS" | "GATES";
  name: string;
}

/** Of every object that has an alarm, when it is due by the service's clock. */
const alarms = new Map<string, Named & { at: number }>();

/** From here on everything in this isolate reads the service's clock. */
export function replaceDate(): void {
  Date.now = () => engineNow() + aheadMs;
  globalThis.Date = new Proxy(Date, {
    construct: (target, args: []) => (args.length > 0 ? new target(...args) : new target(target.now())),
  });
}

/** Moves the clock to `at`, unless it is past that. */
export function moveClockTo(at: number): void {
  aheadMs += Math.max(0, at - Date.now());
}

/** Sets the clock, also back: before anything was counted. */
export function setClock(at: number): void {
  aheadMs = at - engineNow();
}

/** The object whose alarm is due first, if one is by then. */
export function firstDue(by: number): (Named & { at: number }) | undefined {
  const [first] = armed().toSorted((a, b) => a.at - b.at);
  return first !== undefined && first.at <= by ? first : undefined;
}

/** The objects that have an alarm. */
export function armed(): (Named & { at: number })[] {
  return [...alarms.values()];
}

/** What an object's alarm is asked once its clock is followed. */
export interface ObjectClock {
  /** The alarm has come. */
  rang(): void;
  /** Takes it back. */
  disarm(): Promise<void>;
  /** Tells the engine when it is due by the engine's clock. */
  rearm(): Promise<void>;
}

/** Has an object set its alarm and read its pings by the service's clock; the engine keeps both by its own. */
export function followClock(binding: Named["binding"], ctx: DurableObjectState): ObjectClock {
  const { storage } = ctx;
  const name = ctx.id.name ?? "";
  const key = `${binding} ${name}`;
  const engine: Alarms = {
    setAlarm: storage.setAlarm.bind(storage),
    getAlarm: storage.getAlarm.bind(storage),
    deleteAlarm: storage.deleteAlarm.bind(storage),
  };
  const pingOf = ctx.getWebSocketAutoResponseTimestamp.bind(ctx);
  storage.setAlarm = (at, options) => {
    // In whole milliseconds, as the engine takes it.
    const dueAt = Math.floor(Number(at));
    alarms.set(key, { binding, name, at: dueAt });
    return engine.setAlarm(dueAt - aheadMs, options);
  };
  storage.getAlarm = async (options) => {
    const at = await engine.getAlarm(options);
    return at === null ? null : (alarms.get(key)?.at ?? at + aheadMs);
  };
  storage.deleteAlarm = (options) => {
    alarms.delete(key);
    return engine.deleteAlarm(options);
  };
  ctx.getWebSocketAutoResponseTimestamp = (ws) => {
    const at = pingOf(ws);
    return at && new Date(at.getTime() + aheadMs);
  };
  return {
    rang: () => void alarms.delete(key),
    disarm: () => storage.deleteAlarm(),
    async rearm() {
      const alarm = alarms.get(key);
      if (alarm !== undefined) await engine.setAlarm(alarm.at - aheadMs);
    },
  };
}
