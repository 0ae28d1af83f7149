import { expect, test } from "vitest";
import { parseObjectName, rollupName, shardName } from "../../worker/app/object-names.ts";

test("the names of an app's objects differ by app, key and shard, and can be read back", () => {
  const apps = ["a", "a-1", "demo"];
  const keyIds = [0, 1, 0xabcdef, 0xffffffff];
  const names = new Set<string>();
  for (const app of apps) {
    for (const keyId of keyIds) {
      const name = { app, keyId };
      expect(parseObjectName(rollupName(name))).toEqual({ ...name, index: 0 });
      names.add(rollupName(name));
      for (const index of [0, 1, 255]) {
        expect(parseObjectName(shardName(name, index))).toEqual({ ...name, index });
        names.add(shardName(name, index));
      }
    }
  }
  expect(names.size).toBe(apps.length * keyIds.length * 4);
});
