import { readdir, rm } from "node:fs/promises";

// Node's package brings 67 MB of headers for compiling add-ons, a fifth of all that serving needs. There are none here.
const packages = new URL("../node_modules/", import.meta.url);
const names = await readdir(packages).catch(() => []);
for (const name of names.filter((each) => /^node-(bin-)?(darwin|linux)-/.test(each))) {
  await rm(new URL(`${name}/include`, packages), { recursive: true, force: true });
}
