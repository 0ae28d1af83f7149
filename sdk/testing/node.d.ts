// What is used of Node and of Miniflare. Their own types would bring Node's globals to the whole SDK.

declare module "node:module" {
  export function createRequire(from: string): { resolve(name: string): string };
}

declare module "miniflare" {}
