import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, relative } from "node:path";
import { promisify } from "node:util";
import { build, type Metafile } from "esbuild";
import workerd from "workerd";
import { buildService } from "./build-service.ts";
import { rootDir } from "./build.ts";
import { answerHelp, runCommand } from "./command-line.ts";
import { licenseNotices } from "./licenses.ts";

const binaryDir = `${rootDir}dist/binary`;

const launcher = `#!/bin/sh
# Whatever it was called by, its companions are beside the file itself.
self=$(readlink -f -- "$0")
exec "\${self%/*}/node" --disable-warning=ExperimentalWarning "\${self%/*}/headcount.mjs" "$@"
`;

/** Compiles the engine, with the Worker and its configuration in it. */
async function compileEngine(): Promise<void> {
  const path = `${binaryDir}/headcount-engine`;
  // Through a shell, since the engine writes to its standard output: 145 MB need not pass through this process.
  await promisify(execFile)("sh", [
    "-c",
    `exec "$0" compile "$1" > "$2"`,
    workerd.default,
    `${rootDir}worker/workerd.capnp`,
    path,
  ]);
  await chmod(path, 0o755);
}

/** Bundles the commands into one file. Returns what it was made of. */
async function bundleCommands(): Promise<Metafile["inputs"]> {
  const { metafile } = await build({
    absWorkingDir: rootDir,
    entryPoints: ["scripts/binary.ts"],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    // Of the repository alone: see `engineCommand`.
    external: ["./build-service.ts", "./build.ts", "workerd"],
    outfile: `${binaryDir}/headcount.mjs`,
    legalComments: "none",
    metafile: true,
  });
  return metafile.inputs;
}

/** Where the package that brought this Node is, below the repository. It has the licence. */
function nodePackage(): string {
  const { platform, arch } = process;
  const name = platform === "darwin" && arch === "arm64" ? "node-bin" : "node";
  const require = createRequire(`${rootDir}service/package.json`);
  return relative(rootDir, dirname(require.resolve(`${name}-${platform}-${arch}/package.json`)));
}

// Builds a folder that serves on a machine without Node: the commands, the Node that runs them, and the engine.
await runCommand(async () => {
  answerHelp("npm run build:binary");
  await rm(binaryDir, { recursive: true, force: true });
  await mkdir(binaryDir, { recursive: true });
  const workerInputs = await buildService();
  const [commandInputs] = await Promise.all([bundleCommands(), compileEngine()]);
  await copyFile(process.execPath, `${binaryDir}/node`);
  await writeFile(`${binaryDir}/headcount`, launcher, { mode: 0o755 });
  const inputs = {
    ...workerInputs,
    ...commandInputs,
    ...packageInput(nodePackage()),
    ...packageInput("node_modules/workerd"),
  };
  await writeFile(`${binaryDir}/third-party-licenses.txt`, await licenseNotices(rootDir, inputs));
  process.stdout.write(`dist/binary/headcount is ready. Copy the whole folder.\n`);
});

/** A package that comes whole, beside what the bundler took in. */
function packageInput(folder: string): Metafile["inputs"] {
  return { [`${folder}/package.json`]: { bytes: 0, imports: [] } };
}
