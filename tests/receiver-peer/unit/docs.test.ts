import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pgpWords } from "../../../src/Receiver/source/artefact/pgp-words.ts";
import { limits } from "../../../src/Receiver/source/limits.ts";
import type { Refusal } from "../../../src/Receiver/source/refusal.ts";
import { rules as pageRules } from "../../../src/Receiver/source/rules.ts";
import { rules as transferRules } from "../../../src/Receiver/source/transfer/rules.ts";

declare const REPOSITORY: string;

const read = (file: string): string => readFileSync(`${REPOSITORY}/${file}`, "utf8");
const rows = (file: string): string[] => [...read(file).matchAll(/^\| ((?:UR|RECV)-\d\d) \|/gm)].map(([, id]) => id);
const all = (rules: object): Refusal[] => Object.values(rules).map((make) => (make as (...values: unknown[]) => Refusal)("x", "y"));

test("Every rule of the page is explained in the handbook, and none that is gone", () => {
  assert.deepEqual(rows("docs/handbook/receiver.md").filter((id) => id.startsWith("RECV")), all(pageRules).map(({ rule }) => rule).sort());
});

test("Every rule of a transfer stands in the format", () => {
  const written = new Set(rows("docs/formats/transfer.md"));
  for (const { rule } of all(transferRules)) assert.ok(written.has(rule), rule);
});

test("Every refusal says what happened and what to do", () => {
  for (const { rule, message, remedy } of [...all(pageRules), ...all(transferRules)]) {
    assert.match(message, /^[A-Z“].*\.$/s, rule);
    assert.match(remedy, /^[A-Z].*\.$/s, rule);
  }
});

test("The limits are those of the format", () => {
  const table = read("docs/formats/transfer.md").match(/## Limits[^#]*/)![0];
  assert.match(table, new RegExp(`LEN \\| ${limits.pieces} `));
  assert.match(table, new RegExp(`\\*L\\* \\| ${limits.messageBytes / 2 ** 20} MiB `));
  assert.match(table, new RegExp(`size of the container \\| ${limits.containerBytes / 2 ** 20} MiB `));
  assert.match(table, new RegExp(`text of a frame \\| ${limits.codeCharacters} characters`));
});

test("The words are those of the ceremony's program", () => {
  const [two, three] = [...read("src/KeyCeremony.Core/Sharing/PgpWordList.cs").matchAll(/"""\s([^"]*)"""/g)].map(([, list]) => list.trim().split(/\s+/));
  const every = Array.from({ length: 256 }, (_, byte) => byte);
  assert.deepEqual(
    pgpWords(Uint8Array.from(every.flatMap((byte) => [byte, byte]))),
    every.flatMap((byte) => [two[byte], three[byte]]),
  );
});
