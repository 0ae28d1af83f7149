import { execFile, execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const rootDir = fileURLToPath(new URL("../..", import.meta.url));

/** What the Dockerfile's last stage makes, as a folder in place of an image. */
export interface Image {
  root: string;
  env: Record<string, string>;
  workdir: string;
  volume: string;
  port: string;
  /** Ids of user and group. */
  user: [string, string];
  entrypoint: string[];
  cmd: string[];
  healthcheck: string[];
}

interface Step {
  name: string;
  text: string;
}

/** Runs what the Dockerfile's build stage runs of npm's scripts. */
export async function runBuildStage(): Promise<void> {
  const [build = []] = stages();
  const scripts = build
    .filter(({ name }) => name === "RUN")
    .flatMap(({ text }) => [...text.matchAll(/npm run (\S+)/g)].map(([, script]) => script as string));
  if (scripts.length === 0) throw new Error("the Dockerfile's build stage runs no script");
  for (const script of scripts) {
    await promisify(execFile)("npm", ["run", "--silent", script], { cwd: rootDir });
  }
}

/** Builds the file system of the Dockerfile's last stage in an empty folder, step by step. Throws at a step that it can't take. */
export function buildImage(root: string): Image {
  const [build = [], last = []] = stages();
  putBase(root);
  const image: Image = {
    root,
    env: {},
    workdir: "/",
    volume: "",
    port: "",
    user: ["0", "0"],
    entrypoint: [],
    cmd: [],
    healthcheck: [],
  };
  for (const { name, text } of last) {
    if (name === "FROM") continue;
    else if (name === "COPY") copy(text, build, image);
    else if (name === "ENV") {
      const [key = "", value = ""] = text.split("=");
      image.env[key] = value;
    } else if (name === "WORKDIR") {
      image.workdir = text;
      mkdirSync(join(root, text), { recursive: true });
    } else if (name === "VOLUME") image.volume = text;
    else if (name === "EXPOSE") image.port = text;
    else if (name === "USER") image.user = text.split(":") as [string, string];
    else if (name === "ENTRYPOINT") image.entrypoint = JSON.parse(text) as string[];
    else if (name === "CMD") image.cmd = JSON.parse(text) as string[];
    else if (name === "HEALTHCHECK") image.healthcheck = JSON.parse(text.replace(/^.*CMD /, "")) as string[];
    else throw new Error(`the test doesn't know how to do the Dockerfile's ${name} ${text}`);
  }
  return image;
}

/** The instructions of the Dockerfile's stages. */
function stages(): Step[][] {
  const text = readFileSync(`${rootDir}Dockerfile`, "utf8").replaceAll("\\\n", " ");
  const steps = text.split("\n").flatMap((line) => {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    return name === undefined || rest === undefined ? [] : [{ name, text: rest.trim() }];
  });
  const found: Step[][] = [];
  for (const step of steps) {
    if (step.name === "FROM") found.push([]);
    found.at(-1)?.push(step);
  }
  if (found.length !== 2) throw new Error(`expected two stages in the Dockerfile, found ${found.length}`);
  return found;
}

/**
 * `COPY --from=build`: what the build stage made is in the repository, what its base has is on this machine.
 * Who owns a file is left out, as the only user that is mapped owns all of them.
 */
function copy(text: string, build: Step[], { root }: Image): void {
  const words = text.split(/\s+/);
  const [from = "", to = ""] = words.filter((word) => !word.startsWith("--"));
  if (!words.includes("--from=build")) throw new Error(`expected a copy from the build stage: COPY ${text}`);
  const workdir = build.find(({ name }) => name === "WORKDIR")?.text ?? "/";
  const target = join(root, to);
  if (build.some((step) => step.name === "RUN" && step.text.endsWith(`mkdir ${from}`))) {
    mkdirSync(target, { recursive: true });
    return;
  }
  const source = from.startsWith(`${workdir}/`) ? join(rootDir, from.slice(workdir.length)) : from;
  mkdirSync(dirname(target), { recursive: true });
  cpSync(source, target, { recursive: true, dereference: true });
}

/** What the test needs of the image's base, from this machine: a shell, what the launcher calls, and libraries. */
function putBase(root: string): void {
  const programs = ["/bin/sh", "/usr/bin/readlink"];
  const binary = ["node", "headcount-engine"].map((name) => `${rootDir}dist/binary/${name}`);
  const libraries = [...programs, ...binary].flatMap((path) =>
    [
      ...execFileSync("ldd", [path])
        .toString()
        .matchAll(/(\/\S+) \(0x/g),
    ].map(([, library]) => library as string),
  );
  for (const path of new Set([...programs, ...libraries])) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(realpathSync(path), join(root, path));
  }
  for (const dir of ["dev", "proc", "tmp"]) mkdirSync(join(root, dir));
  for (const device of devices) writeFileSync(join(root, "dev", device), "");
}

const devices = ["null", "urandom"];

/** As a container is started: `$1` the root, `$2` the folder of the volume, `$3` where it goes, then what unshare takes. */
const enter = `
set -e
root=$1 volume=$2 place=$3
shift 3
mount --bind "$root" "$root"
for device in ${devices.join(" ")}; do mount --bind /dev/$device "$root/dev/$device"; done
mount --bind "$volume" "$root$place"
mount -o remount,bind,ro "$root"
exec unshare --user --mount --pid --fork --kill-child --root="$root" --mount-proc "$@"
`;

/** The command that runs another one in a container of the image: a read-only root, one user without rights, process ids of its own. */
export function inContainer(image: Image, volumeDir: string, command: readonly string[]): string[] {
  return [
    "unshare",
    "--user",
    "--map-root-user",
    "--mount",
    "sh",
    "-c",
    enter,
    "enter",
    image.root,
    volumeDir,
    image.volume,
    `--map-user=${image.user[0]}`,
    `--map-group=${image.user[1]}`,
    `--wd=${image.workdir}`,
    ...command,
  ];
}

/** Whether this machine lets its user make such a container, and if not, why. */
export function whyNoContainer(): string | null {
  const options =
    "--user --map-root-user --mount unshare --user --map-user=1 --map-group=1 --mount --pid --fork";
  const { error, status, stderr } = spawnSync("unshare", [...options.split(" "), "--mount-proc", "true"]);
  if (error !== undefined) return error.message;
  return status === 0 ? null : stderr.toString().trim();
}

/** Process id, outside, of what is process 1 inside of the container that a process of `inContainer` holds. */
export function firstProcess(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  if (!/^\d+$/.test(children)) throw new Error(`expected one process in the container, found "${children}"`);
  return Number(children);
}
