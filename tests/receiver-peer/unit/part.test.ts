import assert from "node:assert/strict";
import { test } from "node:test";
import { Refused } from "../../../src/Receiver/source/refusal.ts";
import { readCode } from "../../../src/Receiver/source/transfer/part.ts";
import { bytes, frame, head, letters, noise, sender } from "./sender.ts";

const good = [head(0, 1), head(0, 4), head(0, 40), head(0, 7), bytes(noise(10, 1))];
const withField = (at: number, field: Buffer): Buffer[] => good.map((old, i) => (i === at ? field : old));
const whole = letters(noise(20, 2));

const refused: [string, string, string][] = [
  ["an address", "https://example.org/", "UR-01"],
  ["nothing", "", "UR-01"],
  ["no path", "ur:compressed", "UR-01"],
  ["too many parts of a path", `ur:compressed/1-4/${whole}/x`, "UR-01"],
  ["more than a QR code holds", "ur:compressed/" + "ae".repeat(2200), "UR-01"],
  ["another type", `ur:bytes/${whole}`, "UR-02"],
  ["a type with a colon", `ur:compressed:x/${whole}`, "UR-02"],
  ["no number", `ur:compressed/a-4/${whole}`, "UR-03"],
  ["a number of nought", `ur:compressed/0-4/${whole}`, "UR-03"],
  ["a leading nought", `ur:compressed/01-4/${whole}`, "UR-03"],
  ["a number beyond 32 bits", `ur:compressed/4294967296-4/${whole}`, "UR-03"],
  ["more pieces than allowed", `ur:compressed/1-4097/${whole}`, "UR-03"],
  ["three numbers", `ur:compressed/1-2-3/${whole}`, "UR-03"],
  ["no letters", "ur:compressed/", "UR-04"],
  ["half a byte", `ur:compressed/${whole.slice(0, -1)}`, "UR-04"],
  ["letters of no word", `ur:compressed/xx${whole.slice(2)}`, "UR-04"],
  ["digits", `ur:compressed/11${whole.slice(2)}`, "UR-04"],
  ["a checksum alone", "ur:compressed/aeaeaeae", "UR-04"],
  ["a letter changed", `ur:compressed/${whole.startsWith("ae") ? "ad" : "ae"}${whole.slice(2)}`, "UR-05"],
  ["four fields", frame(good.slice(0, 4)), "UR-06"],
  ["six fields", frame([...good, head(0, 1)]), "UR-06"],
  ["a text for the fragment", frame(withField(4, Buffer.concat([head(3, 10), noise(10, 1)]))), "UR-06"],
  ["a negative number", frame(withField(0, head(1, 1))), "UR-06"],
  ["a number longer than it needs", frame(withField(0, Buffer.from([0x18, 1]))), "UR-06"],
  ["a number of 64 bits", frame(withField(3, Buffer.from([0x1b, 0, 0, 0, 1, 0, 0, 0, 0]))), "UR-06"],
  ["an endless string", frame(withField(4, Buffer.from([0x5f, 0x41, 1, 0xff]))), "UR-06"],
  ["a string beyond the end", frame(withField(4, Buffer.from([0x4a, 1]))), "UR-06"],
  ["a tag", frame(withField(0, Buffer.from([0xc1, 1]))), "UR-06"],
  ["something behind the end", `ur:compressed/1-4/${letters(Buffer.concat([head(4, 5), ...good, head(0, 1)]))}`, "UR-06"],
  ["no CBOR", `ur:compressed/1-4/${letters(Buffer.from([0xff]))}`, "UR-06"],
  ["another number inside", frame(good, "2-4"), "UR-07"],
  ["another count inside", frame(good, "1-5"), "UR-07"],
  ["no fragment", frame(withField(4, bytes(new Uint8Array(0)))), "UR-07"],
  ["a fragment too short for the message", frame(withField(2, head(0, 41))), "UR-07"],
  ["a last fragment of filling only", frame(withField(2, head(0, 30))), "UR-07"],
  ["an empty message", frame(withField(2, head(0, 0))), "UR-08"],
  ["a message beyond the limit", frame(withField(2, head(0, 1024 * 1024 + 1))), "UR-08"],
];

for (const [what, text, rule] of refused)
  test(`Refused: ${what} (${rule})`, () => assert.throws(() => readCode(text), (error) => error instanceof Refused && error.refusal.rule === rule));

test("The piece that the others are made of is read", () => {
  const code = readCode(frame(good));
  assert.ok(code.kind === "piece");
  const { fragment, ...numbers } = code.piece;
  assert.deepEqual(numbers, { seqNum: 1, seqLen: 4, messageLen: 40, checksum: 7 });
  assert.deepEqual(new Uint8Array(fragment), noise(10, 1));
});

test("Either case is read", () => {
  const text = sender(noise(500, 3), 100).next();
  assert.deepEqual(readCode(text.toUpperCase()), readCode(text.toLowerCase()));
});

test("Every letter that is changed is found", () => {
  const text = sender(noise(100, 4), 20).next();
  for (let i = text.lastIndexOf("/") + 1; i < text.length; i++) {
    const changed = text.slice(0, i) + (text[i].toLowerCase() === "a" ? "e" : "a") + text.slice(i + 1);
    assert.throws(() => readCode(changed), Refused, changed);
  }
});

test("What has the right checksum is read whatever the bytes are", () => {
  for (let seed = 0; seed < 300; seed++) {
    const body = noise(1 + (seed % 60), seed);
    const code = readCode(`ur:compressed/${letters(body)}`);
    assert.ok(code.kind === "whole");
    assert.deepEqual(new Uint8Array(code.message), body);
    try {
      readCode(`ur:compressed/1-4/${letters(body)}`);
    } catch (error) {
      assert.ok(error instanceof Refused, String(error));
    }
  }
});
