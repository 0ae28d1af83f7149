/** Stands for `cloudflare:workers` where Durable Objects run in plain Node. */
export class DurableObject {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** Here a request lives for as long as anything that it began. */
export function waitUntil(): void {}
