// What is used of Node and of Miniflare. Their own types would bring Node's globals to the whole SDK.

declare module "node:module" {
  export function createRequire(from: string): { resolve(name: string): string };
}

declare module "miniflare" {
  export class Miniflare {
    constructor(options: object);
    readonly ready: Promise<URL>;
    dispose(): Promise<void>;
  }
  /** Of version 4. */
  export const supportedCompatibilityDate: string | undefined;
  /** Since version 5, which has other options. */
  export const convertV4MiniflareOptions: ((options: object) => object) | undefined;
}
