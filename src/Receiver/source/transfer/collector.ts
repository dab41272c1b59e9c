import { Refused, type Refusal } from "../refusal.ts";
import { crc32 } from "./crc32.ts";
import { Fountain } from "./fountain.ts";
import { readCode, type Piece } from "./part.ts";
import { rules } from "./rules.ts";

/** What a code that was read changed. */
export type Collected =
  | { readonly kind: "progress"; readonly rank: number; readonly pieces: number; readonly fresh: boolean }
  | { readonly kind: "message"; readonly message: Uint8Array; readonly identity: string }
  /** Of a transfer that the caller keeps already. */
  | { readonly kind: "known" }
  /** Of another transfer than the one that is being collected. */
  | { readonly kind: "other" }
  /** Not usable; what is there so far is kept. */
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** The pieces do not fit together, one of them is wrong: there is no way on but to begin again. */
  | { readonly kind: "failed"; readonly refusal: Refusal };

/**
 * Collects the codes of one transfer after the other. The first piece decides which transfer it is; codes of others are told
 * and change nothing. It never throws for what a code says.
 */
export class Collector {
  private current: { readonly identity: string; readonly fountain: Fountain; readonly first: Piece } | null = null;
  private readonly kept = new Set<string>();

  get progress(): { readonly rank: number; readonly pieces: number } | null {
    return this.current && { rank: this.current.fountain.rank, pieces: this.current.fountain.seqLen };
  }

  /** From here on, codes of this transfer are `known`. */
  keep(identity: string): void {
    this.kept.add(identity);
  }

  forget(identity: string): void {
    this.kept.delete(identity);
  }

  /** Gives up what is being collected. */
  giveUp(): void {
    this.current = null;
  }

  receive(text: string): Collected {
    try {
      const code = readCode(text);
      return code.kind === "whole" ? this.takeWhole(code.message) : this.takePiece(code.piece);
    } catch (error) {
      if (error instanceof Refused) return { kind: "refused", refusal: error.refusal };
      throw error;
    }
  }

  private takeWhole(message: Uint8Array): Collected {
    const identity = identityOf(message.length, crc32(message));
    if (this.kept.has(identity)) return { kind: "known" };
    return this.current ? { kind: "other" } : { kind: "message", message, identity };
  }

  /** A transfer that ended, well or not, is no longer collected. */
  private takePiece(piece: Piece): Collected {
    const collected = this.addPiece(piece);
    if (collected.kind === "message" || collected.kind === "failed") this.current = null;
    return collected;
  }

  private addPiece(piece: Piece): Collected {
    const identity = identityOf(piece.messageLen, piece.checksum);
    if (this.kept.has(identity)) return { kind: "known" };
    this.current ??= { identity, fountain: new Fountain(piece.seqLen, piece.checksum, piece.fragment.length), first: piece };
    const { fountain, first } = this.current;
    if (this.current.identity !== identity || first.seqLen !== piece.seqLen || first.fragment.length !== piece.fragment.length) return { kind: "other" };

    const added = fountain.add(piece.seqNum, piece.fragment);
    if (added === "contradiction") return { kind: "failed", refusal: rules.piecesDisagree() };
    const fresh = added === "new";
    if (!fountain.isComplete) return { kind: "progress", rank: fountain.rank, pieces: fountain.seqLen, fresh };
    const message = joined(fountain, piece);
    return message ? { kind: "message", message, identity } : { kind: "failed", refusal: rules.piecesDisagree() };
  }
}

/** Pieces of one message carry the same length and checksum, however it is cut. */
function identityOf(length: number, checksum: number): string {
  return `${length}/${checksum}`;
}

/** Null when the filling is not zeros or the checksum is wrong. */
function joined(fountain: Fountain, { messageLen, checksum }: Piece): Uint8Array | null {
  const fragments = fountain.solve();
  const message = fragments.subarray(0, messageLen);
  return fragments.subarray(messageLen).every((byte) => byte === 0) && crc32(message) === checksum ? message : null;
}
