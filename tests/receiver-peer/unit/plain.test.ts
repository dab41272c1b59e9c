import assert from "node:assert/strict";
import { test } from "node:test";
import { DerReader } from "../../../src/Receiver/source/artefact/der.ts";
import { readName } from "../../../src/Receiver/source/artefact/name.ts";
import { plain } from "../../../src/Receiver/source/artefact/plain.ts";

const hostile: [string, string, string][] = [
  ["a right-to-left override", "exe\u202Ecod.x", "exe\\u202Ecod.x"],
  ["an isolate", "a\u2066b\u2069", "a\\u2066b\\u2069"],
  ["a line feed", "a\nb", "a\\u000Ab"],
  ["a terminal's escape", "\u001b[31mred", "\\u001B[31mred"],
  ["a C1 control", "\u009b31m", "\\u009B31m"],
  ["a zero-width space", "ro\u200Bot", "ro\\u200Bot"],
  ["a byte order mark", "\uFEFFroot", "\\uFEFFroot"],
  ["a soft hyphen", "ro\u00ADot", "ro\\u00ADot"],
  ["a no-break space", "a\u00A0b", "a\\u00A0b"],
  ["a line separator", "a\u2028b", "a\\u2028b"],
  ["a filler that looks like nothing", "a\u3164b", "a\\u3164b"],
  ["a variation selector", "a\uFE0Fb", "a\\uFE0Fb"],
  ["a tag character", "a\u{E0041}b", "a\\uDB40\\uDC41b"],
  ["private use", "a\uE000b", "a\\uE000b"],
  ["half a character", "a\uD800b", "a\\uD800b"],
  ["marks heaped on a letter", "e\u0301\u0302\u0303\u0304", "e\u0301\u0302\\u0303\\u0304"],
];

for (const [what, text, shown] of hostile) test(`Shown escaped: ${what}`, () => assert.equal(plain(text), shown));

test("Letters of the world are shown as they are", () => {
  for (const text of ["Müller & Söhne", "Ωμέγα", "Корень", "根証明書", "루트"]) assert.equal(plain(text), text);
});

test("A long text is cut and says how long it is", () => {
  assert.equal(plain("x".repeat(10_000)), `${"x".repeat(256)}… (10000 characters)`);
});

test("A name cannot fake a second attribute or an escape", () => {
  const [line] = name([["550403", 0x0c, Buffer.from(" a, CN=b\\u202E+\u202E ")]]).lines;
  assert.equal(line, "CN=\\ a\\, CN=b\\\\u202E\\+\\u202E\\ ");
});

test("A name of many attributes is cut and says so", () => {
  const { lines } = name(Array.from({ length: 20 }, () => ["55040b", 0x13, Buffer.from("x")]));
  assert.deepEqual([lines.length, lines.at(-1)], [17, "and 4 more"]);
});

test("Every string type is read, and rubbish in it refused", () => {
  assert.deepEqual(name([["550403", 0x1e, Buffer.from([0x26, 0x3a])]]).lines, ["CN=\u263A"]);
  assert.deepEqual(name([["550403", 0x14, Buffer.from([0xe4])]]).lines, ["CN=ä"]);
  for (const [tag, content] of [[0x0c, [0xff]], [0x13, [0x80]], [0x1e, [0]], [0x1e, [0xd8, 0]], [0x1c, [0, 0, 0, 65]], [0x02, [1]]] as const)
    assert.throws(() => name([["550403", tag, Buffer.from(content)]]), `${tag}: ${content}`);
});

test("A name beyond the limit is refused", () => {
  assert.throws(() => name([["550403", 0x0c, Buffer.alloc(1100, "x")]]), /too long/);
});

type Attribute = readonly [oid: string, tag: number, value: Buffer];

function name(attributes: readonly Attribute[]) {
  return readName(new DerReader(tlv(0x30, ...attributes.map(([oid, tag, value]) => tlv(0x31, tlv(0x30, tlv(6, Buffer.from(oid, "hex")), tlv(tag, value)))))));
}

function tlv(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const length = content.length < 128 ? [content.length] : content.length < 256 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
