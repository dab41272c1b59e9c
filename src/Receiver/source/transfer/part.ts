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

/** Reads the text of one QR code. Refused with UR-01 to UR-08. BCR-2020-005. */
export function readCode(text: string): Code {
  const found = text.length <= limits.codeCharacters ? uniformResource.exec(text) : null;
  if (!found) throw new Refused(rules.notOurs());
  const [type, numbers, letters] = found.slice(1).map((part) => part?.toLowerCase());
  if (type !== acceptedType) throw new Refused(rules.otherType(type));
  const counted = numbers === undefined ? null : readNumbers(numbers);
  const body = fromBytewords(letters);
  if (!counted) return { kind: "whole", message: ofGoodLength(body) };
  const piece = readPiece(body);
  // The fragments cover the message, and none is only filling.
  if (piece.seqNum !== counted.seqNum || piece.seqLen !== counted.seqLen || piece.seqLen !== Math.ceil(piece.messageLen / piece.fragment.length))
    throw new Refused(rules.contradiction());
  return { kind: "piece", piece };
}

const acceptedType = "compressed";

// ur:type/bytewords, or ur:type/numbers/bytewords
const uniformResource = /^ur:([a-z0-9-]{1,64})(?:\/([^/]*))?\/([^/]+)$/i;

function readNumbers(text: string): { readonly seqNum: number; readonly seqLen: number } {
  const found = /^([1-9][0-9]{0,9})-([1-9][0-9]{0,9})$/.exec(text);
  const [seqNum, seqLen] = found ? [Number(found[1]), Number(found[2])] : [0, 0];
  if (!found || seqNum > 0xffffffff || seqLen > limits.pieces) throw new Refused(rules.badNumbers());
  return { seqNum, seqLen };
}

function readPiece(body: Uint8Array): Piece {
  const piece = readFields(body);
  if (piece.messageLen < 1 || piece.messageLen > limits.messageBytes) throw new Refused(rules.badMessageLength());
  if (piece.checksum > 0xffffffff) throw new Refused(rules.badPart("its checksum is no CRC-32"));
  return piece;
}

function readFields(body: Uint8Array): Piece {
  try {
    const reader = new CborReader(body);
    if (reader.array() !== 5) throw new CborError("not five fields");
    const [seqNum, seqLen, messageLen, checksum] = [reader.uint(), reader.uint(), reader.uint(), reader.uint()];
    const fragment = reader.byteString();
    reader.end();
    return { seqNum, seqLen, messageLen, checksum, fragment };
  } catch (error) {
    if (error instanceof CborError) throw new Refused(rules.badPart(error.message));
    throw error;
  }
}

function ofGoodLength(message: Uint8Array): Uint8Array {
  if (message.length < 1) throw new Refused(rules.badMessageLength());
  return message;
}
