import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { listen, type LocalServer } from "./static-server.ts";

/** What a request sends: the members of a body, or of a query. */
type Input = Record<string, unknown>;

interface LoginMethod {
  recipeId: "emailpassword" | "thirdparty";
  recipeUserId: string;
  tenantIds: string[];
  timeJoined: number;
  verified: boolean;
  email: string;
  password?: string;
  thirdParty?: { id: string; userId: string };
}

interface User {
  id: string;
  isPrimaryUser: boolean;
  loginMethods: LoginMethod[];
}

interface Session {
  handle: string;
  recipeUserId: string;
  tenantId: string;
  claims: Input;
}

export interface Core extends LocalServer {
  /** How often users were asked for. */
  lookUps: number;
  /** While it is set, that fails. */
  failsToLookUp: boolean;
}

/**
 * A stand-in for the core of SuperTokens, which is a program of its own in Java: of its HTTP API (CDI 5.4) what
 * `supertokens-node` asks it about passwords, third parties, sessions and linked accounts, in memory. It signs real tokens, which
 * `supertokens-node` verifies by its keys. It can't show that the real core answers so.
 *
 * @param accessTokenMs how long access tokens are good; the core's own default is an hour
 */
export async function startCore(accessTokenMs = 3_600_000): Promise<Core> {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const kid = "d-1";
  const keys = [{ ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" }];
  const users: User[] = [];
  const sessions = new Map<string, Session>();

  const userOf = (id: unknown) =>
    users.find((user) => user.id === id || user.loginMethods.some(({ recipeUserId }) => recipeUserId === id));
  const toApi = ({ id, isPrimaryUser, loginMethods }: User) => ({
    id,
    isPrimaryUser,
    timeJoined: Math.min(...loginMethods.map(({ timeJoined }) => timeJoined)),
    tenantIds: [...new Set(loginMethods.flatMap(({ tenantIds }) => tenantIds))],
    emails: [...new Set(loginMethods.map(({ email }) => email))],
    phoneNumbers: [],
    thirdParty: loginMethods.flatMap(({ thirdParty }) => thirdParty ?? []),
    webauthn: { credentialIds: [] },
    loginMethods: loginMethods.map((method) => ({ ...method, password: undefined })),
  });
  const foundOf = (user: User, { recipeUserId }: LoginMethod) => ({
    status: "OK",
    user: toApi(user),
    recipeUserId,
  });

  function join(method: Omit<LoginMethod, "recipeUserId" | "timeJoined">) {
    const recipeUserId = randomUUID();
    const joined = { ...method, recipeUserId, timeJoined: Date.now() };
    const user = { id: recipeUserId, isPrimaryUser: false, loginMethods: [joined] };
    users.push(user);
    return { ...foundOf(user, joined), createdNewRecipeUser: true };
  }

  function find(is: (method: LoginMethod) => boolean) {
    for (const user of users) {
      const method = user.loginMethods.find(is);
      if (method) return { user, method };
    }
    return undefined;
  }

  async function accessTokenOf(session: Session, parentRefreshTokenHash1: string | null) {
    const createdTime = Date.now();
    const expiry = createdTime + accessTokenMs;
    const payload: JWTPayload = {
      ...session.claims,
      iat: Math.floor(createdTime / 1000),
      exp: Math.floor(expiry / 1000),
      sub: userOf(session.recipeUserId)?.id ?? session.recipeUserId,
      rsub: session.recipeUserId,
      tId: session.tenantId,
      sessionHandle: session.handle,
      refreshTokenHash1: "hash",
      parentRefreshTokenHash1,
      antiCsrfToken: null,
    };
    const token = await new SignJWT(payload)
      .setProtectedHeader({ alg: "RS256", typ: "JWT", kid, version: "5" })
      .sign(privateKey);
    return { token, createdTime, expiry };
  }

  async function tokensOf(session: Session, parent: string | null) {
    const { handle, recipeUserId, tenantId, claims } = session;
    const userId = userOf(recipeUserId)?.id ?? recipeUserId;
    const createdTime = Date.now();
    return {
      status: "OK",
      session: { handle, userId, recipeUserId, tenantId, userDataInJWT: claims },
      accessToken: await accessTokenOf(session, parent),
      refreshToken: { token: `refresh ${handle}`, createdTime, expiry: createdTime + 100 * 86_400_000 },
    };
  }

  /** What the core answers, by method and path without the tenant. */
  const answers: Record<string, (input: Input, tenantId: string) => unknown> = {
    "GET /apiversion": () => ({ versions: ["5.4"] }),
    "GET /.well-known/jwks.json": () => ({ keys }),
    "GET /recipe/multitenancy/tenant/v2": (_, tenantId) => ({
      status: "OK",
      tenantId,
      thirdParty: { providers: [] },
      coreConfig: {},
    }),
    "POST /recipe/signup"({ email, password }, tenantId) {
      if (find((method) => method.password !== undefined && method.email === email)) {
        return { status: "EMAIL_ALREADY_EXISTS_ERROR" };
      }
      const known = { email: String(email), password: String(password), tenantIds: [tenantId] };
      return join({ recipeId: "emailpassword", verified: false, ...known });
    },
    "POST /recipe/signin"({ email, password }) {
      const found = find((method) => method.email === email && method.password === password);
      return found ? foundOf(found.user, found.method) : { status: "WRONG_CREDENTIALS_ERROR" };
    },
    "POST /recipe/signinup"({ thirdPartyId, thirdPartyUserId, email }, tenantId) {
      const found = find(({ thirdParty }) => thirdParty?.userId === thirdPartyUserId);
      if (found) return { ...foundOf(found.user, found.method), createdNewUser: false };
      const { id, isVerified } = email as { id: string; isVerified: boolean };
      const thirdParty = { id: String(thirdPartyId), userId: String(thirdPartyUserId) };
      const known = { email: id, verified: isVerified, thirdParty, tenantIds: [tenantId] };
      return { ...join({ recipeId: "thirdparty", ...known }), createdNewUser: true };
    },
    "GET /user/id"({ userId }) {
      core.lookUps++;
      const user = userOf(userId);
      return user ? { status: "OK", user: toApi(user) } : { status: "UNKNOWN_USER_ID_ERROR" };
    },
    "GET /users/by-accountinfo": ({ email, thirdPartyUserId }) => ({
      status: "OK",
      users: users
        .filter(({ loginMethods }) =>
          loginMethods.some(
            (method) =>
              (email !== undefined && method.email === email) ||
              (thirdPartyUserId !== undefined && method.thirdParty?.userId === thirdPartyUserId),
          ),
        )
        .map(toApi),
    }),
    "POST /user/remove"({ userId, removeAllLinkedAccounts }) {
      const user = userOf(userId);
      if (!user) return { status: "OK" };
      user.loginMethods = user.loginMethods.filter(
        ({ recipeUserId }) => !removeAllLinkedAccounts && recipeUserId !== userId,
      );
      if (user.loginMethods.length === 0) users.splice(users.indexOf(user), 1);
      return { status: "OK" };
    },
    "GET /recipe/accountlinking/user/primary/check": ({ recipeUserId }) => ({
      status: "OK",
      wasAlreadyAPrimaryUser: userOf(recipeUserId)?.isPrimaryUser ?? false,
    }),
    "POST /recipe/accountlinking/user/primary"({ recipeUserId }) {
      const user = userOf(recipeUserId) as User;
      const wasAlreadyAPrimaryUser = user.isPrimaryUser;
      user.isPrimaryUser = true;
      return { status: "OK", user: toApi(user), wasAlreadyAPrimaryUser };
    },
    "GET /recipe/accountlinking/user/link/check": () => ({ status: "OK", accountsAlreadyLinked: false }),
    "POST /recipe/accountlinking/user/link"({ recipeUserId, primaryUserId }) {
      const [from, to] = [userOf(recipeUserId) as User, userOf(primaryUserId) as User];
      if (!to.isPrimaryUser) return { status: "INPUT_USER_IS_NOT_A_PRIMARY_USER" };
      const accountsAlreadyLinked = from === to;
      if (!accountsAlreadyLinked && from.isPrimaryUser) {
        const status = "RECIPE_USER_ID_ALREADY_LINKED_WITH_ANOTHER_PRIMARY_USER_ID_ERROR";
        return { status, primaryUserId: from.id, user: toApi(from) };
      }
      if (!accountsAlreadyLinked) {
        to.loginMethods.push(...from.loginMethods);
        users.splice(users.indexOf(from), 1);
      }
      return { status: "OK", accountsAlreadyLinked, user: toApi(to) };
    },
    "POST /recipe/accountlinking/user/unlink"({ recipeUserId }) {
      const user = userOf(recipeUserId) as User;
      const wasLinked = user.loginMethods.length > 1;
      const method = user.loginMethods.find((each) => each.recipeUserId === recipeUserId) as LoginMethod;
      if (wasLinked) {
        user.loginMethods = user.loginMethods.filter((each) => each !== method);
        users.push({ id: method.recipeUserId, isPrimaryUser: false, loginMethods: [method] });
      }
      return { status: "OK", wasRecipeUserDeleted: false, wasLinked };
    },
    async "POST /recipe/session"({ userId, userDataInJWT }, tenantId) {
      const handle = randomUUID();
      const session = { handle, recipeUserId: String(userId), tenantId, claims: userDataInJWT as Input };
      sessions.set(handle, session);
      return tokensOf(session, null);
    },
    async "POST /recipe/session/verify"({ accessToken }) {
      const options = { currentDate: new Date() };
      const { payload } = await jwtVerify(String(accessToken), publicKey, options);
      const session = sessions.get(String(payload["sessionHandle"]));
      if (!session) return { status: "UNAUTHORISED", message: "no such session" };
      const { refreshToken: _, ...answer } = await tokensOf(session, null);
      return answer;
    },
    async "POST /recipe/session/refresh"({ refreshToken }) {
      const session = sessions.get(String(refreshToken).replace("refresh ", ""));
      if (!session) return { status: "UNAUTHORISED", message: "no such session" };
      // The core hears of its first use before it voids the one before.
      return tokensOf(session, "hash");
    },
    "POST /recipe/session/remove"({ userId, sessionHandles }) {
      const ids = new Set(userOf(userId)?.loginMethods.map(({ recipeUserId }) => recipeUserId) ?? [userId]);
      const gone = [...sessions.values()].filter(({ handle, recipeUserId }) =>
        Array.isArray(sessionHandles) ? sessionHandles.includes(handle) : ids.has(recipeUserId),
      );
      for (const { handle } of gone) sessions.delete(handle);
      return { status: "OK", sessionHandlesRevoked: gone.map(({ handle }) => handle) };
    },
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://core");
      const [, tenantId = "public", path = pathname] =
        /^\/([^/.]+)(\/(?:recipe|users)\/.*)$/.exec(pathname) ?? [];
      const answer = answers[`${request.method} ${path}`];
      const body = Buffer.concat(chunks).toString();
      const input = body === "" ? Object.fromEntries(searchParams) : (JSON.parse(body) as Input);
      if (!answer) return void response.writeHead(404).end(path);
      if (core.failsToLookUp && path === "/user/id") {
        core.lookUps++;
        return void response.writeHead(500).end();
      }
      void (async () => answer(input, tenantId))().then(
        (found) => response.setHeader("content-type", "application/json").end(JSON.stringify(found)),
        () => response.writeHead(500).end(),
      );
    });
  });
  const core: Core = { ...(await listen(server)), lookUps: 0, failsToLookUp: false };
  return core;
}
