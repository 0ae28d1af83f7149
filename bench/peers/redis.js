import { spawn } from "node:child_process";
import { once } from "node:events";
import { createClient } from "redis";
import { daysBefore } from "./days.js";

const perCommand = 2000;

/** A HyperLogLog a day. Its log of commands is written before an answer is sent, and synced each second: what Redis does by default once it keeps one. */
export async function open(dir) {
  const path = `${dir}/redis.sock`;
  const options = ["--port", "0", "--unixsocket", path, "--dir", dir, "--save", "", "--appendonly", "yes"];
  const process = spawn("redis-server", options, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const piece of process.stdout) if (piece.includes("ready to accept connections")) break;
  process.stdout.resume();
  const client = await createClient({ socket: { path } }).connect();
  const keys = async () => client.keys("day:*");
  return {
    add: async (users, day) => client.pfAdd(`day:${day}`, users),
    async fill(people, days) {
      for (const [n, day] of daysBefore(days).entries()) {
        for (let from = n; from < people; from += perCommand * days) {
          const users = [];
          for (let id = from; id < people && users.length < perCommand; id += days)
            users.push(`member-${id}`);
          await client.pfAdd(`day:${day}`, users);
        }
      }
    },
    counts: { approximate: async () => client.pfCount(await keys()) },
    async bytes() {
      let bytes = 0;
      for (const key of await keys()) bytes += await client.memoryUsage(key);
      return bytes;
    },
    async close() {
      client.destroy();
      process.kill();
      await once(process, "exit");
    },
  };
}
