import { sha256 } from "@noble/hashes/sha2.js";
import { describe } from "../artefact/describe.ts";
import type { Described } from "../artefact/described.ts";
import { pgpWords } from "../artefact/pgp-words.ts";
import type { Artefact } from "../transfer/unpack.ts";

/** One artefact that arrived, and what its person did with it. */
export interface Received {
  readonly artefact: Artefact;
  readonly described: Described;
  /** SHA-256 of the file: 64 digits, and the same as 32 words. */
  readonly hex: string;
  readonly words: readonly string[];
  /** Of the transfer, for the collector. */
  readonly identity: string;
  /** What the room said to the words. */
  compared: "not yet" | "equal" | "different";
  saved: boolean;
}

export function receive(artefact: Artefact, identity: string): Received {
  const digest = sha256(artefact.data);
  return {
    artefact,
    described: describe(artefact),
    hex: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    words: pgpWords(digest),
    identity,
    compared: "not yet",
    saved: false,
  };
}
