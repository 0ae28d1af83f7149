import { randomSketch } from "../../test/sketch/random.ts";
import { hasRedis, RealRedis } from "../../test/sketch/formats/real-redis.ts";
import { toRedis } from "../../worker/sketch/index.ts";

const calls = 300;

/**
 * The microseconds that Redis itself says `PFCOUNT` over 30 dense keys takes inside the server, without the way there and
 * back; undefined when there is no redis-server on the machine.
 */
export async function pfcountMicroseconds(): Promise<number | undefined> {
  if (!hasRedis) return undefined;
  const redis = await RealRedis.start();
  try {
    const keys = Array.from({ length: 30 }, (_, day) => `day:${day}`);
    for (const [day, key] of keys.entries())
      await redis.send("SET", key, toRedis(randomSketch(100_000, day)));
    for (let call = 0; call < calls; call++) await redis.send("PFCOUNT", ...keys);
    const stats = String(await redis.send("INFO", "commandstats"));
    return Number(/cmdstat_pfcount:.*usec_per_call=([\d.]+)/.exec(stats)?.[1]);
  } finally {
    await redis.stop();
  }
}
