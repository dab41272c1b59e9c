import { sha256 } from "@noble/hashes/sha2.js";

/** xoshiro256**, seeded with a SHA-256: the numbers on which sender and receiver agree. BCR-2024-001 4. Not for secrets. */
export class Xoshiro256 {
  private readonly state: BigUint64Array;

  constructor(seed: Uint8Array) {
    const digest = new DataView(sha256(seed).buffer);
    this.state = BigUint64Array.from([0, 8, 16, 24], (offset) => digest.getBigUint64(offset));
  }

  next(): bigint {
    const s = this.state;
    const result = BigInt.asUintN(64, rotate(BigInt.asUintN(64, s[1] * 5n), 7n) * 9n);
    const shifted = s[1] << 17n; // the array keeps the lower 64 bits
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 45n);
    return result;
  }

  /** From 0 up to, hardly ever, 1. */
  nextDouble(): number {
    return Number(this.next()) / 2 ** 64;
  }

  /** From 0 to below the count. */
  nextBelow(count: number): number {
    return Math.min(Math.floor(this.nextDouble() * count), count - 1);
  }
}

function rotate(value: bigint, by: bigint): bigint {
  return BigInt.asUintN(64, (value << by) | (value >> (64n - by)));
}
