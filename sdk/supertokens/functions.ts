/*
 * The part of SuperTokens that is used, written down here so that nobody needs its types who doesn't use it. Methods, so that those of
 * `supertokens-node`, whose arguments are narrower, fit.
 */

/** A session, as far as it is read. */
export interface CountedSession {
  /** The id of the primary user, where there is one. */
  getUserId(): string;
  getTenantId(): string;
  getAccessTokenPayload(): unknown;
}

/** A user, primary or not. */
interface CountedUser {
  id: string;
  /** Unix milliseconds; of a primary user that of its first login method. */
  timeJoined: number;
  loginMethods: { recipeUserId: RecipeUserId; timeJoined: number }[];
}

interface RecipeUserId {
  getAsString(): string;
}

/** Functions of the recipe `session`. */
export interface SessionFunctions {
  createNewSession(input: object): Promise<CountedSession>;
  getSession(input: object): Promise<CountedSession | undefined>;
  refreshSession(input: object): Promise<CountedSession>;
}

/** Functions of the recipe `accountlinking`, through which users go even where it isn't in the list of recipes. */
export interface AccountFunctions {
  getUser(input: { userId: string; userContext: object }): Promise<CountedUser | undefined>;
  linkAccounts(input: {
    recipeUserId: RecipeUserId;
    primaryUserId: string;
  }): Promise<{ status: string; user?: CountedUser }>;
  unlinkAccount(input: {
    recipeUserId: RecipeUserId;
  }): Promise<{ wasLinked: boolean; wasRecipeUserDeleted: boolean }>;
  deleteUser(input: { userId: string; removeAllLinkedAccounts: boolean }): Promise<object>;
}
