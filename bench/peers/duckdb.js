import { statSync } from "node:fs";
import { DuckDBInstance, LIST, listValue, VARCHAR } from "@duckdb/node-api";
import { daysBefore } from "./days.js";

/** A row a heartbeat, deduplicated when it is asked: what a database of columns is made for. */
export async function open(dir) {
  const path = `${dir}/activity.duckdb`;
  const database = await DuckDBInstance.create(path);
  const connection = await database.connect();
  await connection.run("CREATE TABLE activity (day DATE, person VARCHAR)");
  const count = async (aggregate) =>
    Number((await connection.runAndReadAll(`SELECT ${aggregate} FROM activity`)).getRows()[0][0]);
  return {
    add: async (users, day) =>
      connection.run(
        "INSERT INTO activity SELECT $1::DATE, unnest($2)",
        [day, listValue(users)],
        [VARCHAR, LIST(VARCHAR)],
      ),
    fill: async (people, days) =>
      connection.run(
        `INSERT INTO activity SELECT $1[1 + id % ${days}]::DATE, 'member-' || id FROM range(${people}) AS ids(id)`,
        [listValue(daysBefore(days))],
        [LIST(VARCHAR)],
      ),
    counts: {
      exact: async () => count("count(DISTINCT person)"),
      approximate: async () => count("approx_count_distinct(person)"),
    },
    async bytes() {
      await connection.run("CHECKPOINT");
      return statSync(path).size;
    },
    async close() {
      connection.closeSync();
      database.closeSync();
    },
  };
}
