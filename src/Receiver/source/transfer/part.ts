import { plain } from "../artefact/plain.ts";
import { limits } from "../limits.ts";
import { Refused } from "../refusal.ts";
import { fromBytewords } from "./bytewords.ts";
import { CborError, CborReader } from "./cbor.ts";
import { rules } from "./rules.ts";

/** What one QR code says: a piece of a transfer, or the whole of a small one. */
export type Code = { readonly kind: "piece"; readonly piece: Piece } | { readonly kind: "whole"; readonly message: Uint8Array };

/** BCR-2024-001 5. */
export interface Piece {
  readonly seqNum: number;
  readonly seqLen: number;
  readonly messageLen: number;
  readonly checksum: number;
  readonly fragment: Uint8Array;
}

/** Reads the text of one QR code, in either case. Refused with UR-01 to UR-08. BCR-2020-005. */
export function readCode(text: string): Code {
  const [scheme, ...rest] = text.length <= limits.codeCharacters ? text.toLowerCase().split(":") : [];
  const path = rest.join(":").split("/");
  if (scheme !== "ur" || path.length < 2 || path.length > 3) throw new Refused(rules.notOurs());
  if (path[0] !== "compressed") throw new Refused(rules.otherType(plain(path[0])));
  if (path.length === 2) return { kind: "whole", message: fromBytewords(path[1]) };

  const { seqNum, seqLen } = readNumbers(path[1]);
  const piece = readPiece(fromBytewords(path[2]));
  if (piece.seqNum !== seqNum || piece.seqLen !== seqLen) throw new Refused(rules.contradiction());
  return { kind: "piece", piece };
}

function readNumbers(text: string): { readonly seqNum: number; readonly seqLen: number } {
  const found = /^([1-9][0-9]{0,9})-([1-9][0-9]{0,9})$/.exec(text);
  const [seqNum, seqLen] = found ? [Number(found[1]), Number(found[2])] : [0, 0];
  if (!found || seqNum > 0xffffffff || seqLen > limits.pieces) throw new Refused(rules.badNumbers());
  return { seqNum, seqLen };
}

function readPiece(body: Uint8Array): Piece {
  const piece = readFields(body);
  const length = piece.fragment.length;
  if (piece.messageLen < 1 || piece.messageLen > limits.messageBytes) throw new Refused(rules.badMessageLength());
  // The fragments cover the message, and none is only filling.
  if (length === 0 || piece.seqLen !== Math.ceil(piece.messageLen / length)) throw new Refused(rules.contradiction());
  return piece;
}

function readFields(body: Uint8Array): Piece {
  try {
    const reader = new CborReader(body);
    if (reader.array() !== 5) throw new CborError("not five fields");
    const [seqNum, seqLen, messageLen, checksum] = [reader.uint32(), reader.uint32(), reader.uint32(), reader.uint32()];
    const fragment = reader.byteString();
    reader.end();
    return { seqNum, seqLen, messageLen, checksum, fragment };
  } catch (error) {
    if (error instanceof CborError) throw new Refused(rules.badPart(error.message));
    throw error;
  }
}
