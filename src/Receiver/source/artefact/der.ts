/** One DER value: its tag byte, what is inside, and both together. X.690 with definite, shortest lengths; else throws. */
export interface Der {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The tag byte of `[number]`, constructed as explicit tags and sequences are. */
export const context = (number: number): number => 0xa0 | number;

/** The message completes the sentence "it cannot be read: …". */
export class DerError extends Error {}

/** Walks through the values that stand one behind the other. */
export class DerReader {
  private position = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get hasMore(): boolean {
    return this.position < this.bytes.length;
  }

  /** Whether the next value has this tag. */
  isNext(tag: number): boolean {
    return this.hasMore && this.bytes[this.position] === tag;
  }

  /** The next value, which has to have this tag. */
  read(tag: number): Der {
    if (!this.hasMore) throw new DerError("a field is missing");
    if (this.bytes[this.position] !== tag) throw new DerError("a field of another kind than expected");
    return this.readAny();
  }

  /** The next value if it has this tag. */
  readIf(tag: number): Der | null {
    return this.isNext(tag) ? this.readAny() : null;
  }

  readAny(): Der {
    const start = this.position;
    const tag = this.next();
    if ((tag & 0x1f) === 0x1f) throw new DerError("a tag of several bytes");
    const length = this.length();
    if (length > this.bytes.length - this.position) throw new DerError("it ends early");
    this.position += length;
    return {
      tag,
      content: this.bytes.subarray(this.position - length, this.position),
      whole: this.bytes.subarray(start, this.position),
    };
  }

  inside(tag: number): DerReader {
    return new DerReader(this.read(tag).content);
  }

  end(): void {
    if (this.hasMore) throw new DerError("something follows the end");
  }

  private length(): number {
    const first = this.next();
    if (first < 0x80) return first;
    const size = first & 0x7f;
    if (size === 0 || size > 4) throw new DerError("a length without end");
    let length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + this.next();
    if (length < 0x80 || length < 2 ** (8 * (size - 1))) throw new DerError("a length longer than it needs to be");
    return length;
  }

  private next(): number {
    if (!this.hasMore) throw new DerError("it ends early");
    return this.bytes[this.position++];
  }
}

/** `1.2.840.10045.4.3.3`. X.690 8.19. */
export function readOid({ content }: Der): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  let begins = true;
  for (const byte of content) {
    if (begins && byte === 0x80) throw new DerError("an identifier longer than it needs to be");
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    begins = byte < 0x80;
    if (!begins) continue;
    arcs.push(arc);
    arc = 0n;
  }
  if (!begins || arcs.length === 0 || content.length > maxOidBytes) throw new DerError("a bad identifier");
  const root = arcs[0] < 80n ? arcs[0] / 40n : 2n;
  return [root, arcs[0] - root * 40n, ...arcs.slice(1)].join(".");
}

/** Long enough for every identifier in use; an endless one would be slow. */
const maxOidBytes = 64;

/** Shortest form, positive or zero, big-endian without the leading zero byte. */
export function readUnsigned({ content }: Der): Uint8Array {
  if (content.length === 0) throw new DerError("a number without digits");
  if (content.length > 1 && content[0] === 0 && content[1] < 0x80) throw new DerError("a number longer than it needs to be");
  if (content[0] >= 0x80) throw new DerError("a negative number");
  return content[0] === 0 && content.length > 1 ? content.subarray(1) : content;
}

/** A serial or list number: positive or zero, at most 20 octets. RFC 5280 4.1.2.2, 5.2.3. */
export function readNumber(der: Der): Uint8Array {
  if (der.content.length > maxNumberBytes) throw new DerError("a number of more than 20 bytes");
  return readUnsigned(der);
}

const maxNumberBytes = 20;

/** As `2026-11-22 18:30:00 UTC`. Whole seconds and Z only. RFC 5280 4.1.2.5. */
export function readTime(reader: DerReader): string {
  const time = reader.isNext(tags.utcTime) ? reader.read(tags.utcTime) : reader.read(tags.generalizedTime);
  const digits = String.fromCharCode(...time.content.subarray(0, 15));
  const form = time.tag === tags.utcTime ? /^\d{12}Z$/ : /^\d{14}Z$/;
  if (!form.test(digits) || digits.length !== time.content.length) throw new DerError("a time in another form");
  const full = time.tag === tags.generalizedTime ? digits : (Number(digits.slice(0, 2)) < 50 ? "20" : "19") + digits;
  const [, year, month, day, hour, minute, second] = /^(....)(..)(..)(..)(..)(..)Z$/.exec(full)!;
  const text = `${year}-${month}-${day} ${hour}:${minute}:${second}`;
  // A day that does not exist comes back as another one.
  const parsed = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(parsed.getTime()) || !parsed.toISOString().startsWith(text.replace(" ", "T"))) throw new DerError("a time that does not exist");
  return `${text} UTC`;
}
