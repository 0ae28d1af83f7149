import { DurableObject } from "cloudflare:workers";

const rowBytes = 12 * 1024;

/** What a Durable Object has to do at least: take a call and write a row. */
export class Bare extends DurableObject {
  #row = new Uint8Array(rowBytes);

  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY, row BLOB NOT NULL)");
  }

  async write() {
    this.ctx.storage.sql.exec("INSERT OR REPLACE INTO kept (id, row) VALUES (1, ?)", this.#row);
  }
}

/** What a Worker has to do at least with a heartbeat: parse its body and answer; or call an object, too. */
export default {
  async fetch(request, { OBJECTS }) {
    const { beats } = await request.json();
    if (request.url.endsWith("/write")) await OBJECTS.getByName("one").write();
    return Response.json({ accepted: beats.length });
  },
};
