import { DurableObject } from "cloudflare:workers";
import createLite from "hyperloglog-lite";
import { daysBefore } from "./days.js";

const precision = 14;

/** A sketch a day in one object, written whole with each request that it counts. */
export class Counter extends DurableObject {
  async add(users, day) {
    await this.#change(day, (sketch) => {
      for (const user of users) sketch.add(createLite.hash(user));
    });
  }

  /** Person n of so many was active on one day: the n-th, in turn. */
  async fill(n, people, days) {
    await this.#change(daysBefore(days)[n], (sketch) => {
      for (let id = n; id < people; id += days) sketch.add(createLite.hash(`member-${id}`));
    });
  }

  async count() {
    const sketch = createLite(precision);
    for (const buckets of (await this.ctx.storage.list({ prefix: "day:" })).values()) {
      sketch.merge({ n: precision, buckets });
    }
    return sketch.count();
  }

  async bytes() {
    return this.ctx.storage.sql.databaseSize;
  }

  async #change(day, change) {
    const sketch = createLite(precision);
    const buckets = await this.ctx.storage.get(`day:${day}`);
    if (buckets !== undefined) sketch.merge({ n: precision, buckets });
    change(sketch);
    await this.ctx.storage.put(`day:${day}`, new Uint8Array(sketch.output().buckets));
  }
}

export default {
  async fetch(request, { COUNTERS }) {
    const counter = COUNTERS.getByName("one");
    const { pathname } = new URL(request.url);
    if (pathname === "/mau/approximate") return Response.json({ count: await counter.count() });
    if (pathname === "/fill") {
      const { people, days } = await request.json();
      for (let n = 0; n < days; n++) await counter.fill(n, people, days);
      return Response.json({ bytes: await counter.bytes() });
    }
    const { beats } = await request.json();
    const users = beats.map(({ user }) => user);
    await counter.add(users, new Date().toISOString().slice(0, 10));
    return Response.json({ accepted: beats.length });
  },
};
