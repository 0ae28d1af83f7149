import type { BetterAuthPlugin } from "better-auth";
import { createAuthMiddleware } from "better-auth/api";
import type { HeadcountServer } from "../server/options.ts";

/** What `headcountPlugin()` takes besides. */
export interface PluginOptions {
  /**
   * Takes people who delete their account out of the past as well. Default false: they were active, and nothing that is
   * kept leads back to them. Anonymous users always stay, since those who signed up are deleted once they are linked.
   */
  excludeDeleted?: boolean | undefined;
}

/**
 * A plugin for Better Auth that counts whoever has a session: when it is created, refreshed, or read by any endpoint or
 * by `auth.api`. The day of sign-up goes along as `since`. An admin who impersonates somebody doesn't count as them.
 * No request waits for it, or fails because of it.
 *
 * @param headcount what `createHeadcount()` returned
 */
export function headcountPlugin(
  headcount: HeadcountServer,
  { excludeDeleted = false }: PluginOptions = {},
): BetterAuthPlugin {
  return {
    id: "headcount",
    hooks: {
      after: [
        {
          matcher: () => true,
          handler: createAuthMiddleware(async ({ context }) => {
            const { session, user } = context.newSession ?? context.session ?? {};
            if (!session || !user || session["impersonatedBy"]) return;
            headcount.touch(user.id, {
              // Out of a cache it is a text.
              since: new Date(user.createdAt).toISOString(),
              waitUntil: context.options.advanced?.backgroundTasks?.handler,
            });
          }),
        },
      ],
    },
    init({ logger, runInBackground }) {
      if (!excludeDeleted) return;
      const after = async (user: { id: string; isAnonymous?: unknown }) => {
        if (user.isAnonymous) return;
        const excluding = headcount.exclude(user.id);
        runInBackground(excluding.catch((error: Error) => logger.error(`Headcount: ${error.message}`)));
      };
      return { options: { databaseHooks: { user: { delete: { after } } } } };
    },
  };
}
