import assert from "node:assert/strict";
import { test } from "node:test";
import { FragmentChooser } from "../../../src/Receiver/source/transfer/fragments.ts";
import { readCode, type Piece } from "../../../src/Receiver/source/transfer/part.ts";
import { Fountain } from "../../../src/Receiver/source/transfer/fountain.ts";
import { dice, noise, sender } from "./sender.ts";

function pieces(message: Uint8Array, longest: number): () => Piece {
  const from = sender(message, longest);
  return () => {
    const code = readCode(from.next());
    assert.ok(code.kind === "piece");
    return code.piece;
  };
}

function fountainFor(piece: Piece): Fountain {
  return new Fountain(piece.seqLen, piece.checksum, piece.fragment.length);
}

/** How many were shown until all was known. */
function receive(message: Uint8Array, longest: number, lost: (seqNum: number) => boolean): { readonly shown: number; readonly pieces: number } {
  const next = pieces(message, longest);
  let fountain: Fountain | null = null;
  for (let shown = 1; ; shown++) {
    const piece = next();
    fountain ??= fountainFor(piece);
    if (!lost(shown)) fountain.add(piece.seqNum, piece.fragment);
    if (!fountain.isComplete) continue;
    assert.deepEqual(fountain.solve().subarray(0, message.length), message);
    return { shown, pieces: piece.seqLen };
  }
}

test("Without loss the first pieces are enough", () => {
  for (const length of [18, 34, 35, 199, 5000, 100_003]) {
    const { shown, pieces } = receive(noise(length, length), length > 5000 ? 590 : 17, () => false);
    assert.equal(shown, pieces);
  }
});

test("Whoever joins late receives it all", () => {
  const { shown, pieces } = receive(noise(50_000, 2), 590, (shown) => shown <= 300);
  assert.ok(shown - 300 <= 1.15 * pieces, `${shown - 300} for ${pieces}`);
});

test("A fifth lost costs less than half as many again", () => {
  const next = dice(3);
  const { shown, pieces } = receive(noise(100_000, 3), 590, () => next() < 0.2);
  assert.ok(shown <= 1.5 * pieces, `${shown} for ${pieces}`);
});

test("Only every third piece, in any order and twice, is enough", () => {
  const message = noise(3000, 4);
  const next = pieces(message, 100);
  const all = Array.from({ length: 400 }, next).filter((_, i) => i % 3 === 0);
  const fountain = fountainFor(all[0]);
  for (const piece of [...all.reverse(), ...all]) fountain.add(piece.seqNum, piece.fragment);
  assert.ok(fountain.isComplete);
  assert.deepEqual(fountain.solve().subarray(0, 3000), message);
});

test("The rank grows with what is new and with nothing else", () => {
  const next = pieces(noise(1000, 5), 100);
  const first = next();
  const fountain = fountainFor(first);
  assert.equal(fountain.add(first.seqNum, first.fragment), "new");
  assert.equal(fountain.add(first.seqNum, first.fragment), "known");
  assert.equal(fountain.rank, 1);
});

test("A piece of another message is a contradiction once it can be told", () => {
  const next = pieces(noise(1000, 6), 100);
  const first = next();
  const fountain = fountainFor(first);
  fountain.add(first.seqNum, first.fragment);
  assert.equal(fountain.add(first.seqNum, first.fragment.map((byte) => byte ^ 1)), "contradiction");
});

test("As many pieces as are allowed are solved", () => {
  const [seqLen, length, checksum] = [4096, 256, 12345];
  const fragments = Array.from({ length: seqLen }, (_, i) => noise(length, i));
  const chooser = new FragmentChooser(seqLen, checksum); // the peer takes half a minute for as many
  const fountain = new Fountain(seqLen, checksum, length);
  for (let seqNum = 1; !fountain.isComplete; seqNum++) {
    if (seqNum % 10 === 0) continue;
    const mixed = new Uint8Array(length);
    for (const index of chooser.choose(seqNum)) fragments[index].forEach((byte, at) => (mixed[at] ^= byte));
    fountain.add(seqNum, mixed);
    assert.ok(seqNum < 1.5 * seqLen);
  }
  assert.deepEqual(Buffer.from(fountain.solve()), Buffer.concat(fragments));
});
