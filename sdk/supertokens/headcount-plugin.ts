import type { HeadcountServer } from "../server/options.ts";
import type { AccountFunctions, CountedSession, SessionFunctions } from "./functions.ts";
import { SignUps } from "./sign-ups.ts";

/** What `headcountPlugin()` takes besides. */
export interface PluginOptions {
  /**
   * What else to tell of whoever has this session, as `touch()` takes it:
   * `(session) => ({ tenant: session.getTenantId() })`. Only dimensions that the app's settings declare are kept.
   */
  dimensions?: ((session: CountedSession) => Record<string, string>) | undefined;

  /**
   * Takes people whose last login method is deleted out of the past as well. Default false: they were active, and nothing
   * that is kept leads back to them.
   */
  excludeDeleted?: boolean | undefined;
}

/** A plugin of SuperTokens. Each member of `overrideMap` is also what the recipe's `init({ override })` takes. */
export interface HeadcountPlugin {
  id: string;
  overrideMap: {
    session: { functions: <Functions extends SessionFunctions>(original: Functions) => Functions };
    accountlinking: { functions: <Functions extends AccountFunctions>(original: Functions) => Functions };
  };
}

/**
 * Counts whoever has a session of SuperTokens: when it is created, verified or refreshed. Who it is, is the primary user;
 * linked accounts count as one person, in the past too. The time of sign-up, which the core is asked for once an hour and user, goes along as
 * `since`. A session with the claim `isImpersonation` counts nobody. No request waits for any of this, or fails because of
 * it; failures go to the `onError` of the client.
 *
 * @param headcount what `createHeadcount()` returned
 */
export function headcountPlugin(
  headcount: HeadcountServer,
  { dimensions, excludeDeleted = false }: PluginOptions = {},
): HeadcountPlugin {
  const signUps = new SignUps();
  let accounts: AccountFunctions | undefined;

  /** With a context of its own: answers that come late don't belong into the cache of the request. */
  const userOf = async (userId: string) => accounts?.getUser({ userId, userContext: {} });

  function count(session: CountedSession | undefined): void {
    headcount.touchIdentified(async () => {
      if (session === undefined || isImpersonation(session.getAccessTokenPayload())) return;
      const user = session.getUserId();
      const about = { user, dimensions: dimensions?.(session) };
      return { ...about, since: await signUps.sinceOf(user, async () => (await userOf(user))?.timeJoined) };
    });
  }

  /** Finds nobody, and has what a touch has: the client's `waitUntil` and `onError`. */
  function besideTheRequest(work: () => Promise<unknown>): void {
    headcount.touchIdentified(async () => {
      await work();
      return undefined;
    });
  }

  return {
    id: "headcount",
    overrideMap: {
      session: {
        functions: (original) => ({
          ...original,
          async createNewSession(input: object) {
            const session = await original.createNewSession(input);
            count(session);
            return session;
          },
          async getSession(input: object) {
            const session = await original.getSession(input);
            count(session);
            return session;
          },
          async refreshSession(input: object) {
            const session = await original.refreshSession(input);
            count(session);
            return session;
          },
        }),
      },
      accountlinking: {
        functions(original) {
          accounts = original;
          const linkAccounts: AccountFunctions["linkAccounts"] = async (input) => {
            const answer = await original.linkAccounts(input);
            const { status, user } = answer;
            // Also where they were linked already: a link that failed is made good so.
            if (status !== "OK" || !user) return answer;
            const from = input.recipeUserId.getAsString();
            const method = user.loginMethods.find(({ recipeUserId }) => recipeUserId.getAsString() === from);
            signUps.forget(user.id);
            besideTheRequest(() => headcount.link(from, user.id, { first: method?.timeJoined }));
            return answer;
          };
          const unlinkAccount: AccountFunctions["unlinkAccount"] = async (input) => {
            const answer = await original.unlinkAccount(input);
            // A deleted one signs in no more: what it did stays with the person.
            if (answer.wasLinked && !answer.wasRecipeUserDeleted) {
              besideTheRequest(() => headcount.unlink(input.recipeUserId.getAsString()));
            }
            return answer;
          };
          const deleteUser: AccountFunctions["deleteUser"] = async (input) => {
            if (!excludeDeleted) return original.deleteUser(input);
            const user = await userOf(input.userId).catch(() => undefined);
            const answer = await original.deleteUser(input);
            const isGone = input.removeAllLinkedAccounts || user?.loginMethods.length === 1;
            if (user && isGone) besideTheRequest(() => headcount.exclude(user.id));
            return answer;
          };
          return { ...original, linkAccounts, unlinkAccount, deleteUser };
        },
      },
    },
  };
}

/** The claim that SuperTokens' documentation gives to sessions of staff who act as somebody else. */
function isImpersonation(payload: unknown): boolean {
  return (payload as { isImpersonation?: unknown } | null | undefined)?.isImpersonation === true;
}
