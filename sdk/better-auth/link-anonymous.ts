import type { AnonymousOptions } from "better-auth/plugins";
import type { HeadcountServer } from "../server/options.ts";

/**
 * For Better Auth's plugin `anonymous`: `anonymous({ onLinkAccount: linkAnonymous(headcount) })`. Whoever was anonymous and
 * signs in or up counts as one person, in the past too. Signing in doesn't wait for it; what fails is logged by Better
 * Auth's logger, and not tried again.
 *
 * @param headcount what `createHeadcount()` returned
 */
export function linkAnonymous(headcount: HeadcountServer): NonNullable<AnonymousOptions["onLinkAccount"]> {
  return ({ anonymousUser, newUser, ctx: { context } }) => {
    const { id, createdAt } = anonymousUser.user;
    if (id === newUser.user.id) return;
    const linking = headcount.link(id, newUser.user.id, { first: new Date(createdAt).toISOString() });
    context.runInBackground(
      linking.catch((error: Error) => context.logger.error(`Headcount: ${error.message}`)),
    );
  };
}
