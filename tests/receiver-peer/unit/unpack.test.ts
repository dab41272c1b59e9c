import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { Refused } from "../../../src/Receiver/source/refusal.ts";
import { unpack } from "../../../src/Receiver/source/transfer/unpack.ts";
import { bytes, head, messageOf, noise, text } from "./sender.ts";

const data = Buffer.from("calm ".repeat(40));
const map = (...entries: [string, Buffer][]): Buffer => Buffer.concat([head(5, entries.length), ...entries.flatMap(([key, value]) => [text(key), value])]);
const packed = (container: Buffer): Buffer => messageOf(data, { container });
const good: [string, Buffer][] = [["data", bytes(data)], ["name", text("a.txt")], ["type", text("text/plain")]];

const refused: [string, Buffer, string][] = [
  ["no CBOR", Buffer.from([0xff]), "UR-11"],
  ["a map", map(...good), "UR-11"],
  ["two fields", Buffer.concat([head(4, 2), head(0, 1), head(0, 1)]), "UR-11"],
  ["a fourth field", Buffer.concat([head(4, 4), messageOf(data).subarray(1), head(0, 1)]), "UR-11"],
  ["something behind the end", Buffer.concat([messageOf(data), head(0, 1)]), "UR-11"],
  ["a container beyond the limit", messageOf(data, { size: 16 * 1024 * 1024 + 1 }), "UR-12"],
  ["packed longer than unpacked", messageOf(data, { size: 5 }), "UR-13"],
  ["longer than announced", messageOf(data, { size: 100 }), "UR-13"],
  ["shorter than announced", messageOf(data, { size: 1000 }), "UR-13"],
  ["a bomb", messageOf(data, { size: 2000, payload: deflateRawSync(Buffer.alloc(16 * 1024 * 1024)).subarray(0, 1900) }), "UR-13"],
  ["no DEFLATE", messageOf(data, { payload: Buffer.alloc(20, 0xff) }), "UR-13"],
  ["cut off DEFLATE", messageOf(data, { payload: deflateRawSync(data).subarray(0, -1) }), "UR-13"],
  ["another checksum", messageOf(data, { checksum: 1 }), "UR-14"],
  ["another checksum of what is stored", messageOf(Buffer.from("x"), { checksum: 1 }), "UR-14"],
  ["a list", packed(Buffer.concat([head(4, 1), bytes(data)])), "UR-15"],
  ["two entries", packed(map(...good.slice(0, 2))), "UR-15"],
  ["four entries", packed(map(...good, ["z", text("")])), "UR-15"],
  ["another order", packed(map(good[1], good[0], good[2])), "UR-15"],
  ["another key", packed(map(good[0], ["nose", text("a.txt")], good[2])), "UR-15"],
  ["text for data", packed(map(["data", text("x")], good[1], good[2])), "UR-15"],
  ["a name that is no UTF-8", packed(map(good[0], ["name", Buffer.from([0x61, 0xff])], good[2])), "UR-15"],
  ["something behind the container", packed(Buffer.concat([map(...good), head(0, 1)])), "UR-15"],
  ...["", ".profile", "-rf", "../up", "a/b", "a\\b", "a b", "ä", "a\u202Egnp.exe", "a\0", "a\n", "a".repeat(101)].map((name): [string, Buffer, string] => [`the name ${JSON.stringify(name)}`, messageOf(data, { name }), "UR-16"]),
  ...["", "text", "text/", "/plain", "Text/plain", "text/plain; charset=x", "a/b/c", `a/${"b".repeat(99)}`].map((type): [string, Buffer, string] => [`the type ${JSON.stringify(type)}`, messageOf(data, { type }), "UR-17"]),
];

for (const [what, message, rule] of refused)
  test(`Refused: ${what} (${rule})`, () => assert.rejects(unpack(message), (error) => error instanceof Refused && error.refusal.rule === rule));

test("What goes in comes out", async () => {
  for (const content of [new Uint8Array(0), noise(1, 1), noise(5000, 2), new Uint8Array(300_000)]) {
    const artefact = await unpack(messageOf(content, { name: "Z0._-", type: "application/x.keyceremony+json" }));
    assert.deepEqual({ ...artefact, data: Buffer.from(artefact.data) }, { data: Buffer.from(content), name: "Z0._-", type: "application/x.keyceremony+json" });
  }
});

test("Every byte of a message that is changed is found, or changes nothing", async () => {
  const message = messageOf(data);
  for (let i = 0; i < message.length; i++) {
    const changed = Buffer.from(message);
    changed[i] ^= 1 << i % 8;
    const artefact = await unpack(changed).catch((error) => assert.ok(error instanceof Refused, `byte ${i}: ${error}`));
    if (artefact) assert.deepEqual([Buffer.from(artefact.data), artefact.name], [data, "file.bin"], `byte ${i}`);
  }
});
