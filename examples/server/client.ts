import { createHeadcount } from "headcount/server";

/** The one client of this process. `npm start` in the repository prints both values. */
export const headcount = createHeadcount({
  endpoint: process.env["HEADCOUNT_ENDPOINT"] ?? "http://127.0.0.1:8787",
  secretKey: process.env["HEADCOUNT_SECRET_KEY"] ?? "",
});
