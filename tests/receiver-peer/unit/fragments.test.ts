import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { FragmentChooser } from "../../../src/Receiver/source/transfer/fragments.ts";
import { dice } from "./sender.ts";

declare const REPOSITORY: string;

// Not exported by the peer's front door.
const { chooseFragments } = createRequire(`${REPOSITORY}/tests/receiver-peer/package.json`)("@ngraveio/bc-ur/dist/fountainUtils");

test("The peer mixes the same fragments", () => {
  const next = dice(1);
  for (const seqLen of [2, 3, 9, 10, 31, 32, 33, 100, 171, 4096]) {
    for (let i = 0; i < 12; i++) {
      const seqNum = seqLen + Math.ceil(next() * seqLen * 6);
      const checksum = Math.floor(next() * 2 ** 32);
      const ours = new FragmentChooser(seqLen, checksum).choose(seqNum);
      assert.deepEqual([...ours].sort(), [...chooseFragments(seqNum, seqLen, checksum)].sort(), `${seqNum} of ${seqLen}, ${checksum}`);
    }
  }
});

test("The highest sequence number has its fragments too", () => {
  assert.deepEqual(new FragmentChooser(7, 0xffffffff).choose(0xffffffff).sort(), [...chooseFragments(0xffffffff, 7, 0xffffffff)].sort());
});

test("The worked example of the format mixes what the format says", () => {
  const chooser = new FragmentChooser(4, 0xf69dbd84);
  const mixed = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16].map((seqNum) => chooser.choose(seqNum).sort().join(" "));
  assert.deepEqual(mixed, ["0 1 2 3", "3", "1", "2", "0 1 2 3", "0 3", "0 2 3", "3", "0 1 3", "1", "0 1 2 3", "0"]);
});
