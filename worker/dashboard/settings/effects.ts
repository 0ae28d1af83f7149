import type { JwtSettings, Settings } from "../../counting/app-settings.ts";
import type { Role } from "../../roles.ts";

/** The settings that the page changes. */
export type Change = Partial<
  Pick<Settings, "dimensions" | "origins" | "timeZone" | "retentionDays" | "resolution" | "identity">
> & {
  keyRevisions?: Partial<Record<Role, number>>;
  /** Without algorithms the service takes those that go with the keys. */
  jwt?: (Omit<JwtSettings, "algorithms"> & { algorithms?: string[] }) | null;
};

/** What the edge fills in without a client's doing. */
const filledHere = new Set(["country", "platform", "browser", "verified"]);

const paces: Record<Settings["resolution"], string> = {
  "5m": "Clients send a heartbeat every five minutes. Windows of five minutes or longer are counted from now on.",
  "1h": "Clients send a heartbeat every hour. Nobody is counted as online, and windows shorter than an hour have no figure.",
  "1d": "Clients send a heartbeat once a day. Nobody is counted as online, and windows shorter than 24 hours have no figure.",
};

const retired: Record<Role, string> = {
  pub: "Apps and pages that use one of them, or a token issued for one, are no longer counted until they have a new key.",
  read: "Dashboards and scripts that use one of them stop working until they have a new key.",
  secret:
    "Servers that use one of them are refused until they have a new key, and so are you if you signed in with one.",
  share: "Badges that use one of them stop, and all links to shared views are revoked.",
};

/** What a change of settings will do, in sentences for whoever is about to confirm it; none where nothing changes. */
export function effectsOf(before: Settings, change: Change, app: string): string[] {
  const { dimensions, origins, timeZone, retentionDays, resolution, identity, jwt, keyRevisions } = change;
  return [
    ...(dimensions === undefined ? [] : ofDimensions(before.dimensions, dimensions)),
    ...(origins === undefined ? [] : ofOrigins(before.origins, origins)),
    ...(timeZone === undefined || timeZone === before.timeZone
      ? []
      : [
          `Days will follow ${timeZone}, starting at a full hour within the next 70 minutes.`,
          "Past days stay as they are. The day of the change is longer or shorter than others.",
        ]),
    ...(retentionDays === undefined ? [] : ofRetention(before.retentionDays, retentionDays)),
    ...(resolution === undefined || resolution === before.resolution
      ? []
      : [paces[resolution], "Figures of days, weeks and months stay as they are."]),
    ...ofIdentity(before, identity, jwt),
    ...Object.entries(keyRevisions ?? {}).flatMap(([role, revision]) =>
      ofRevision(role as Role, revision, app),
    ),
  ];
}

function ofDimensions(before: readonly string[], after: readonly string[]): string[] {
  const declared = after
    .filter((name) => !before.includes(name))
    .map((name) =>
      filledHere.has(name)
        ? `${name} is recorded from now on. The service fills it in by itself.`
        : `${name} is recorded from now on, for heartbeats and activity that contain it. Earlier activity has no ${name}.`,
    );
  const removed = before
    .filter((name) => !after.includes(name))
    .map((name) => `${name} is no longer recorded, and figures can no longer be split by it.`);
  return [...declared, ...removed];
}

function ofOrigins(before: readonly string[], after: readonly string[]): string[] {
  if (before.join() === after.join()) return [];
  if (after.length === 0) return ["Pages of any origin may report activity with the public key."];
  return [
    `Only pages of ${after.join(", ")} may report activity with the public key.`,
    ...(before.length === 0 ? ["Pages of all other origins are refused from now on."] : []),
    ...before
      .filter((origin) => !after.includes(origin))
      .map((origin) => `Pages of ${origin} are refused from now on.`),
  ];
}

function ofRetention(before: number, after: number): string[] {
  if (after < before) {
    return [
      `Days more than ${after} days ago are deleted. This can't be undone.`,
      "The daily figures that were computed when each day closed are kept.",
    ];
  }
  return after === before
    ? []
    : [`Days are kept for ${after} days instead of ${before}. Days that were already deleted stay deleted.`];
}

function ofIdentity(
  before: Settings,
  identity: Settings["identity"] | undefined,
  jwt: Change["jwt"],
): string[] {
  const effects: string[] = [];
  if (identity === "signed" && before.identity === "open") {
    effects.push(
      "Users are counted only if your backend vouches for them, with a JWT or the secret key. Clients that name a user without proof are refused.",
    );
  }
  if (identity === "open" && before.identity === "signed") {
    effects.push("Clients with the public key may name any user, without proof.");
  }
  if (jwt !== undefined && JSON.stringify(jwt) !== JSON.stringify(before.jwt)) {
    effects.push(
      jwt === null
        ? "JWTs are no longer accepted."
        : "JWTs are checked with the keys, the audience and the issuer that you entered. All others are refused.",
    );
  }
  return effects;
}

function ofRevision(role: Role, revision: number, app: string): string[] {
  return [
    `Keys below revision ${revision} are refused within 30 seconds. This can't be undone.`,
    retired[role],
    `Create the new key first: npm run keys -- ${app} --revision ${revision}`,
  ];
}
