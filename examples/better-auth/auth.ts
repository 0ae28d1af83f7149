import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { anonymous } from "better-auth/plugins";
import { headcountPlugin, linkAnonymous } from "headcount/better-auth";
import { createHeadcount } from "headcount/server";

export const headcount = createHeadcount({
  endpoint: process.env["HEADCOUNT_ENDPOINT"] ?? "http://127.0.0.1:8787",
  secretKey: process.env["HEADCOUNT_SECRET_KEY"] ?? "",
});

export const auth = betterAuth({
  baseURL: `http://127.0.0.1:${process.env["PORT"] ?? 3000}`,
  secret: process.env["BETTER_AUTH_SECRET"] ?? "",
  database: new DatabaseSync(process.env["DATABASE"] ?? ":memory:"),
  emailAndPassword: { enabled: true },
  user: { deleteUser: { enabled: true } },
  plugins: [anonymous({ onLinkAccount: linkAnonymous(headcount) }), headcountPlugin(headcount)],
});
