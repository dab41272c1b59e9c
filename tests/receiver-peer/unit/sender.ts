import { deflateRawSync } from "node:zlib";
import bcUr from "@ngraveio/bc-ur";

/** The sender's side with other people's code: Blockchain Commons' format as @ngraveio/bc-ur writes it. */
export interface Sender {
  /** The text of frame 1, 2, 3, … */
  next(): string;
  readonly pieces: number;
}

export function sender(message: Uint8Array, longest: number): Sender {
  const encoder = new bcUr.UREncoder(new bcUr.UR(Buffer.from(message), "compressed"), longest, 0, 10);
  return { next: () => encoder.nextPart(), pieces: encoder.fragmentsLength };
}

/** Minimal bytewords with their checksum, by the peer, which writes whole URs. */
export function letters(body: Uint8Array): string {
  return bcUr.UREncoder.encodeSinglePart(new bcUr.UR(Buffer.from(body), "compressed")).split("/").at(-1)!;
}

/** A frame of several with these CBOR items for fields, right or wrong. */
export function frame(fields: readonly Buffer[], numbers = "1-4"): string {
  return `ur:compressed/${numbers}/${letters(Buffer.concat([head(4, fields.length), ...fields]))}`;
}

/** A message of docs/formats/transfer.md; a field that is given replaces the right one. */
export function messageOf(data: Uint8Array, { name = "file.bin", type = "application/octet-stream", ...wrong }: { name?: string; type?: string; container?: Buffer; checksum?: number; size?: number; payload?: Buffer } = {}): Buffer {
  const container = wrong.container ?? Buffer.concat([head(5, 3), text("data"), bytes(data), text("name"), text(name), text("type"), text(type)]);
  const deflated = deflateRawSync(container);
  const payload = wrong.payload ?? (deflated.length < container.length ? deflated : container);
  return Buffer.concat([head(4, 3), head(0, wrong.checksum ?? crc32(container)), head(0, wrong.size ?? container.length), bytes(payload)]);
}

/** Bits one by one, so that it shares nothing with the page's table. */
export function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** A CBOR head in its shortest form. */
export function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 0x100) return Buffer.from([(major << 5) | 24, value]);
  if (value < 0x10000) return Buffer.from([(major << 5) | 25, value >> 8, value & 255]);
  const long = Buffer.alloc(5, (major << 5) | 26);
  long.writeUInt32BE(value, 1);
  return long;
}

export const bytes = (data: Uint8Array): Buffer => Buffer.concat([head(2, data.length), data]);

export const text = (words: string): Buffer => Buffer.concat([head(3, Buffer.byteLength(words)), Buffer.from(words)]);

/** Numbers that look random and are the same every time. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function noise(length: number, seed: number): Uint8Array {
  const next = dice(seed);
  return Uint8Array.from({ length }, () => Math.floor(next() * 256));
}
