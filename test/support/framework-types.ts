/**
 * What the recipes of docs/frameworks.md and docs/auth.md use of frameworks and services that are too large to install for a test, written after their
 * documentation: TypeScript that declares it.
 */
export const frameworkTypes = `
declare module "*/headcount" {
  export const headcount: import("headcount/server").HeadcountServer;
}
declare module "@/lib/session" {
  export function getSession(): Promise<{ userId: string } | undefined>;
}
declare module "*/session" {
  export const userContext: { defaultValue?: { id: string } | undefined };
  export function requireUser(request: Request): Promise<{ id: string; name: string }>;
}
declare module "*/app.module" {
  export class AppModule {}
}

declare module "next/server" {
  export function after<T>(task: Promise<T> | (() => T | Promise<T>)): void;
}

declare function defineNitroPlugin(
  plugin: (nitro: { hooks: { hook(name: "afterResponse", listener: (event: NitroEvent) => void): void } }) => void,
): void;
declare function getResponseStatus(event: NitroEvent): number;
interface NitroEvent {
  context: Record<string, any>;
  waitUntil(work: Promise<unknown>): void;
}
declare module "vue" {
  export interface Ref<T> { value: T }
  export function watch<T>(source: Ref<T>, listener: (now: T, before: T | undefined) => void, options: { immediate: boolean }): void;
}

declare module "$app/environment" {
  export const building: boolean;
}
declare module "$env/dynamic/private" {
  export const env: Record<string, string | undefined>;
}
declare module "@sveltejs/kit" {
  interface RequestEvent { request: Request; locals: { user?: { id: string } } }
  export type Handle = (input: {
    event: RequestEvent;
    resolve: (event: RequestEvent) => Response | Promise<Response>;
  }) => Response | Promise<Response>;
}

declare module "astro:env/server" {
  export function getSecret(name: string): string | undefined;
}
declare module "astro:middleware" {
  interface APIContext { request: Request; isPrerendered: boolean; locals: { user?: { id: string } } }
  type Middleware = (context: APIContext, next: () => Promise<Response>) => Promise<Response>;
  export function defineMiddleware(middleware: Middleware): Middleware;
}

declare module "react-router" {
  export type MiddlewareFunction<Result> = (
    args: { request: Request; context: { get<T>(of: { defaultValue?: T }): T } },
    next: () => Promise<Result>,
  ) => Promise<Result>;
}

declare module "@nestjs/core" {
  export const NestFactory: {
    create(module: object): Promise<{
      use(...middleware: ((request: any, response: any, next: () => void) => void)[]): unknown;
      listen(port: number): Promise<unknown>;
    }>;
  };
}

declare module "next-auth" {
  export default function NextAuth(config: import("@auth/core").AuthConfig): {
    handlers: { GET(request: Request): Promise<Response>; POST(request: Request): Promise<Response> };
    auth(): Promise<import("@auth/core/types").Session | null>;
  };
}
declare module "next-auth/providers/github" {
  export { default } from "@auth/core/providers/github";
}
declare module "@clerk/nextjs/server" {
  export function auth(): Promise<{ userId: string | null; actor?: { sub: string } | undefined }>;
}
declare module "@supabase/supabase-js" {
  interface Answer { data: { user: { id: string; created_at: string } | null } }
  export interface SupabaseClient {
    auth: { getUser(): Promise<Answer>; admin: { getUserById(id: string): Promise<Answer> } };
  }
  export function createClient(url: string, key: string): SupabaseClient;
}
declare module "npm:@supabase/supabase-js@2" {
  export * from "@supabase/supabase-js";
}
declare module "npm:headcount/server" {
  export * from "headcount/server";
}
declare module "npm:standardwebhooks@1" {
  export { Webhook } from "standardwebhooks";
}
declare const Deno: {
  env: { get(name: string): string | undefined };
  serve(handle: (request: Request) => Promise<Response>): void;
};
declare const EdgeRuntime: { waitUntil(work: Promise<unknown>): void };
declare module "firebase-functions/v2/identity" {
  interface AuthBlockingEvent {
    data?: { uid: string; metadata: { creationTime: string } };
    timestamp: string;
  }
  export function beforeUserSignedIn(
    handle: (event: AuthBlockingEvent) => Promise<{ sessionClaims?: object } | void>,
  ): (request: object, response: object) => unknown;
}
declare module "firebase-admin/auth" {
  export function getAuth(): {
    verifyIdToken(token: string): Promise<{ uid: string; [claim: string]: any }>;
  };
}
declare module "*/adapter" {
  export const adapter: import("@auth/core/adapters").Adapter;
}
`;
