import { expect } from "vitest";
import type { HeartbeatResponse } from "../../sdk/wire.ts";
import { AppClient, problem } from "./client.ts";

/** An app whose tokens are rotated each time that they are used. */
export async function eager(name: string): Promise<AppClient> {
  const app = new AppClient(name);
  await app.set({ tokenMinTtl: 0 });
  return app;
}

/** The token that follows one that is used. */
export async function rotated(app: AppClient, token: string): Promise<string> {
  // A token is rotated once it is older than its least age, here than no time at all.
  await new Promise((resolve) => setTimeout(resolve, 2));
  const { accepted, token: next } = await (await app.report(token)).json<HeartbeatResponse>();
  expect(accepted).toBe(1);
  if (next === undefined) throw new Error("not rotated");
  return next;
}

/** Status and type of a refusal. */
export async function typeOf(response: Promise<Response>): Promise<[number, string]> {
  const { status, type } = await problem(response);
  return [status, type];
}
