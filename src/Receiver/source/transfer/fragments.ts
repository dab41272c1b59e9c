import { Xoshiro256 } from "./xoshiro.ts";

/** Which fragments are mixed into a piece, as the sender chose them. BCR-2024-001 4. */
export class FragmentChooser {
  private readonly degrees: AliasTable;

  constructor(
    private readonly seqLen: number,
    private readonly checksum: number,
  ) {
    // Degree d with a weight of 1/d.
    this.degrees = new AliasTable(Array.from({ length: seqLen }, (_, i) => 1 / (i + 1)));
  }

  /** Indexes from 0, in no order. The first `seqLen` pieces are the fragments themselves. */
  choose(seqNum: number): number[] {
    if (seqNum <= this.seqLen) return [seqNum - 1];
    const seed = new DataView(new ArrayBuffer(8));
    seed.setUint32(0, seqNum);
    seed.setUint32(4, this.checksum);
    const random = new Xoshiro256(new Uint8Array(seed.buffer));
    const degree = this.degrees.draw(random) + 1;
    // The sender shuffles all indexes and takes the first; drawing only those gives the same.
    const left = Array.from({ length: this.seqLen }, (_, i) => i);
    return Array.from({ length: degree }, () => left.splice(random.nextBelow(left.length), 1)[0]);
  }
}

/**
 * Walker's alias method as Vose and Schwarz write it. The order of every addition counts: another order rounds otherwise,
 * and sender and receiver would disagree.
 */
export class AliasTable {
  private readonly probability: Float64Array;
  private readonly alias: Uint32Array;

  constructor(weights: readonly number[]) {
    const n = weights.length;
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const scaled = weights.map((weight) => (weight * n) / sum);
    this.probability = new Float64Array(n).fill(1);
    this.alias = new Uint32Array(n);

    const small: number[] = [];
    const large: number[] = [];
    for (let i = n - 1; i >= 0; i--) (scaled[i] < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const less = small.pop()!;
      const more = large.pop()!;
      this.probability[less] = scaled[less];
      this.alias[less] = more;
      scaled[more] += scaled[less] - 1;
      (scaled[more] < 1 ? small : large).push(more);
    }
  }

  draw(random: Xoshiro256): number {
    const first = random.nextDouble();
    const second = random.nextDouble();
    const i = Math.min(Math.floor(this.probability.length * first), this.probability.length - 1);
    return second < this.probability[i] ? i : this.alias[i];
  }
}
