import { limits } from "../limits.ts";
import { DerError, DerReader, readOid, tags, type Der } from "./der.ts";
import { plain } from "./plain.ts";

/** A distinguished name for people. */
export interface Name {
  /** One attribute each, in the order encoded, escaped as in RFC 4514 2.4: `C=DE`, `O=Example`, `CN=Example Root R1`. */
  readonly lines: readonly string[];
  /** The last CN, or the whole name. */
  readonly short: string;
  readonly der: Uint8Array;
}

/** RFC 5280 4.1.2.4. */
export function readName(reader: DerReader): Name {
  const name = reader.read(tags.sequence);
  if (name.whole.length > limits.nameBytes) throw new DerError("a name that is too long");
  const relative = new DerReader(name.content);
  const attributes: { readonly label: string; readonly value: string }[] = [];
  while (relative.hasMore) {
    const set = relative.inside(tags.set);
    do attributes.push(readAttribute(set.inside(tags.sequence)));
    while (set.hasMore);
  }

  const lines = attributes.slice(0, limits.shownItems).map(({ label, value }) => `${label}=${escaped(value)}`);
  if (attributes.length > limits.shownItems) lines.push(`and ${attributes.length - limits.shownItems} more`);
  if (attributes.length === 0) lines.push("(empty)");
  const common = attributes.findLast(({ label }) => label === "CN");
  return { lines, short: common ? plain(common.value) : lines.join(", "), der: name.whole };
}

function readAttribute(attribute: DerReader): { label: string; value: string } {
  const type = readOid(attribute.read(tags.oid));
  const value = readText(attribute.readAny());
  attribute.end();
  return { label: labels.get(type) ?? type, value };
}

function readText({ tag, content }: Der): string {
  switch (tag) {
    case tags.utf8String:
      return decode("utf-8", content);
    case tags.printableString:
    case tags.ia5String:
      if (content.some((byte) => byte > 0x7f)) throw new DerError("a letter that its alphabet has not");
      return decode("utf-8", content);
    case tags.bmpString:
      if (content.length % 2 !== 0) throw new DerError("half a letter");
      return decode("utf-16be", content);
    case tags.teletexString:
      return decode("latin1", content);
    default:
      throw new DerError("a name of unknown letters");
  }
}

function decode(encoding: string, content: Uint8Array): string {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new DerError("a name that is no text");
  }
}

function escaped(value: string): string {
  return plain(value.replace(/[",+;<>\\]|^[ #]| $/g, "\\$&"));
}

/** As the ceremony names them. */
const labels = new Map([
  ["2.5.4.6", "C"],
  ["2.5.4.8", "ST"],
  ["2.5.4.7", "L"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["2.5.4.3", "CN"],
  ["2.5.4.5", "serialNumber"],
  ["0.9.2342.19200300.100.1.25", "DC"],
  ["1.2.840.113549.1.9.1", "emailAddress"],
  ["1.3.6.1.4.1.37244.2.1", "vid"],
  ["1.3.6.1.4.1.37244.2.2", "pid"],
]);
