import { FragmentChooser } from "./fragments.ts";

/**
 * Pieces of a fountain code as linear equations over the fragments, solved by Gaussian elimination while they come in.
 * Every piece that says something new counts, so that the rank is an honest progress; peeling would need a third more pieces.
 */
export class Fountain {
  private readonly chooser: FragmentChooser;
  private readonly rows: (Row | undefined)[];
  private found = 0;

  constructor(
    readonly seqLen: number,
    checksum: number,
    private readonly fragmentLen: number,
  ) {
    this.chooser = new FragmentChooser(seqLen, checksum);
    this.rows = new Array<Row | undefined>(seqLen);
  }

  /** How many independent pieces are there; at `seqLen` everything is. */
  get rank(): number {
    return this.found;
  }

  get isComplete(): boolean {
    return this.found === this.seqLen;
  }

  /** Takes a piece. A contradiction is one that cannot be of the same message as those before it. */
  add(seqNum: number, fragment: Uint8Array): "new" | "known" | "contradiction" {
    const row = this.rowOf(seqNum, fragment);
    for (let pivot = lowestBit(row.mask, 0); pivot >= 0; pivot = lowestBit(row.mask, pivot + 1)) {
      const known = this.rows[pivot];
      if (!known) {
        this.rows[pivot] = row;
        this.found++;
        return "new";
      }
      xorInto(row, known);
    }
    return row.data.every((word) => word === 0) ? "known" : "contradiction";
  }

  /** All fragments, one behind the other. Only when complete. */
  solve(): Uint8Array {
    const message = new Uint8Array(this.seqLen * this.fragmentLen);
    for (let pivot = this.seqLen - 1; pivot >= 0; pivot--) {
      const row = this.rows[pivot]!;
      for (let other = lowestBit(row.mask, pivot + 1); other >= 0; other = lowestBit(row.mask, other + 1))
        xorInto(row, this.rows[other]!);
      message.set(new Uint8Array(row.data.buffer, 0, this.fragmentLen), pivot * this.fragmentLen);
    }
    return message;
  }

  private rowOf(seqNum: number, fragment: Uint8Array): Row {
    const mask = new Uint32Array(Math.ceil(this.seqLen / 32));
    for (const index of this.chooser.choose(seqNum)) mask[index >>> 5] |= 1 << (index & 31);
    const data = new Uint32Array(Math.ceil(this.fragmentLen / 4));
    new Uint8Array(data.buffer).set(fragment);
    return { mask, data };
  }
}

/** One equation: which fragments, and what they are together (exclusive or). Words, because they are four times as fast as bytes. */
interface Row {
  readonly mask: Uint32Array;
  readonly data: Uint32Array;
}

function xorInto(row: Row, other: Row): void {
  for (let i = 0; i < row.mask.length; i++) row.mask[i] ^= other.mask[i];
  for (let i = 0; i < row.data.length; i++) row.data[i] ^= other.data[i];
}

/** The lowest set bit from this one on, or -1. */
function lowestBit(mask: Uint32Array, from: number): number {
  let word = from >>> 5;
  if (word >= mask.length) return -1;
  let bits = mask[word] & (-1 << (from & 31));
  while (bits === 0) {
    if (++word === mask.length) return -1;
    bits = mask[word];
  }
  return word * 32 + 31 - Math.clz32(bits & -bits);
}
