import assert from "node:assert/strict";
import { test } from "node:test";
import { DerError, DerReader, readNumber, readOid, readTime, readUnsigned } from "../../../src/Receiver/source/artefact/der.ts";

const reader = (...bytes: number[]): DerReader => new DerReader(Uint8Array.from(bytes));
const time = (tag: number, text: string): string => readTime(reader(tag, text.length, ...Buffer.from(text)));

const refused: [string, () => unknown][] = [
  ["nothing", () => reader().readAny()],
  ["a tag alone", () => reader(4).readAny()],
  ["a length beyond the end", () => reader(4, 2, 0).readAny()],
  ["a length without end", () => reader(0x30, 0x80, 0, 0).readAny()],
  ["a length of five bytes", () => reader(4, 0x85, 0, 0, 0, 0, 1, 0).readAny()],
  ["a length longer than it needs to be", () => reader(4, 0x81, 1, 0).readAny()],
  ["a length with a leading nought", () => reader(4, 0x82, 0, 0x80, ...new Array<number>(128).fill(0)).readAny()],
  ["a tag of several bytes", () => reader(0x1f, 0x81, 0).readAny()],
  ["another tag than expected", () => reader(4, 0).read(2)],
  ["something behind the end", () => reader(4, 0, 0).end()],
  ["a number without digits", () => readUnsigned(reader(2, 0).readAny())],
  ["a negative number", () => readUnsigned(reader(2, 1, 0x80).readAny())],
  ["a number longer than it needs to be", () => readUnsigned(reader(2, 2, 0, 1).readAny())],
  ["a number of 21 bytes", () => readNumber(reader(2, 21, ...new Array<number>(21).fill(1)).readAny())],
  ["an empty identifier", () => readOid(reader(6, 0).readAny())],
  ["an identifier cut off", () => readOid(reader(6, 1, 0x81).readAny())],
  ["an identifier longer than it needs to be", () => readOid(reader(6, 2, 0x80, 1).readAny())],
  ["an endless identifier", () => readOid(reader(6, 65, ...new Array<number>(65).fill(1)).readAny())],
  ["a time without seconds", () => time(0x17, "2611221630Z")],
  ["a time with a zone", () => time(0x17, "261122163000+0100")],
  ["a time with fractions", () => time(0x18, "20261122163000.5Z")],
  ["the 30th of February", () => time(0x18, "20260230000000Z")],
  ["hour 24", () => time(0x17, "261122240000Z")],
  ["second 60", () => time(0x17, "261122235960Z")],
];

for (const [what, read] of refused) test(`Refused: ${what}`, () => assert.throws(read, DerError));

test("Numbers, identifiers and times are read", () => {
  assert.deepEqual([...readUnsigned(reader(2, 2, 0, 0x80).readAny())], [0x80]);
  assert.deepEqual([...readUnsigned(reader(2, 1, 0).readAny())], [0]);
  assert.equal(readOid(reader(6, 3, 0x55, 4, 3).readAny()), "2.5.4.3");
  assert.equal(readOid(reader(6, 4, 0x88, 0x37, 0x87, 0x68).readAny()), "2.999.1000");
  assert.equal(time(0x17, "491231235959Z"), "2049-12-31 23:59:59 UTC");
  assert.equal(time(0x17, "500101000000Z"), "1950-01-01 00:00:00 UTC");
  assert.equal(time(0x18, "20520229000000Z".replace("5202", "5602")), "2056-02-29 00:00:00 UTC");
});
