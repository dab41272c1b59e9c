/** The little of CBOR that a transfer uses, in the deterministic encoding of RFC 8949 4.2.1; anything else throws. */
export class CborReader {
  private position = 0;

  constructor(private readonly bytes: Uint8Array) {}

  uint32(): number {
    const value = this.head(0);
    if (value > 0xffffffff) throw new CborError("a number out of range");
    return value;
  }

  array(): number {
    return this.head(4);
  }

  map(): number {
    return this.head(5);
  }

  byteString(): Uint8Array {
    return this.string(2);
  }

  /** In UTF-8. */
  text(): string {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.string(3));
    } catch (error) {
      if (error instanceof TypeError) throw new CborError("a text that is no text");
      throw error;
    }
  }

  end(): void {
    if (this.position !== this.bytes.length) throw new CborError("data follows the end");
  }

  private string(major: number): Uint8Array {
    const length = this.head(major);
    if (length > this.bytes.length - this.position) throw new CborError("a string is longer than the data");
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** The argument of the next item, which has to be of this major type. */
  private head(major: number): number {
    const initial = this.next();
    if (initial >> 5 !== major) throw new CborError(`an item of type ${initial >> 5} where ${major} belongs`);
    const info = initial & 31;
    if (info < 24) return info;
    if (info > 27) throw new CborError("a length without end");
    const size = 1 << (info - 24);
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.next();
    if (value < smallest[info - 24]) throw new CborError("a number longer than it needs to be");
    if (!Number.isSafeInteger(value)) throw new CborError("a number without use");
    return value;
  }

  private next(): number {
    if (this.position === this.bytes.length) throw new CborError("the data ends early");
    return this.bytes[this.position++];
  }
}

/** The message completes the sentence "what is wrong: …". */
export class CborError extends Error {}

/** The smallest number that needs 1, 2, 4, 8 further bytes. */
const smallest = [24, 0x100, 0x10000, 0x100000000];
