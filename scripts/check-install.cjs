// Loaded before a command. Before npm ci there is neither the toolchain's Node, which runs
// TypeScript, nor the engine: words help more than a stack trace about a file extension.
const isThere = (name) => {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
};

if (!process.features.typescript || !["workerd", "esbuild"].every(isThere)) {
  process.stderr.write(
    "headcount: required packages aren't installed: run npm ci, then run this command again\n",
  );
  process.exit(1);
}
