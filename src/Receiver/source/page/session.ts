import { Refused, type Refusal } from "../refusal.ts";
import { rules as pageRules } from "../rules.ts";
import { Collector } from "../transfer/collector.ts";
import { rules } from "../transfer/rules.ts";
import { unpack } from "../transfer/unpack.ts";
import { receive, type Received } from "./received.ts";

/** What the page shows. */
export type Phase =
  | { readonly kind: "start"; readonly refusal: Refusal | null }
  | { readonly kind: "reading"; readonly from: Source; readonly progress: Progress | null; readonly notice: Notice | null }
  | { readonly kind: "done"; readonly received: Received }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export type Source = "camera" | "files";

export interface Progress {
  readonly rank: number;
  readonly pieces: number;
  /** Once it can be told. */
  readonly secondsLeft: number | null;
}

/** What is seen instead of news; nothing is lost. */
export type Notice =
  | { readonly kind: "no code" }
  | { readonly kind: "refusal"; readonly refusal: Refusal }
  /** Another transfer is on the screen than the one begun. */
  | { readonly kind: "other"; readonly refusal: Refusal }
  /** What is on the screen has been received. */
  | { readonly kind: "known" };

/** Without news for so long, the person is told what a camera sees instead. Milliseconds. */
const patience = 2500;

/** How far back the speed is measured. Milliseconds. */
const memory = 8000;

/**
 * One sitting at the page: artefacts that arrive one after the other, and what the person decides. Knows neither page nor
 * clock: times are arguments, in milliseconds.
 */
export class Session {
  readonly kept: Received[] = [];
  private readonly collector = new Collector();
  private current: Phase = { kind: "start", refusal: null };
  private lastNews = 0;
  private pace: { readonly at: number; readonly rank: number }[] = [];

  constructor(private readonly changed: () => void) {}

  get phase(): Phase {
    return this.current;
  }

  /** Pieces of a transfer that is not complete. */
  get unfinished(): { readonly rank: number; readonly pieces: number } | null {
    return this.collector.progress;
  }

  /** Looks for codes from now on, and goes on with what was begun. */
  begin(from: Source, now: number): void {
    this.lastNews = now;
    this.pace = [];
    this.become({ kind: "reading", from, progress: this.progress(), notice: null });
  }

  /** The texts of the codes in one picture; none where there was none. Ends when the picture is dealt with. */
  async look(texts: readonly string[], now: number): Promise<void> {
    for (const text of texts) {
      if (this.current.kind !== "reading") return;
      const collected = this.collector.receive(text);
      switch (collected.kind) {
        case "message":
          await this.open(collected.message, collected.identity);
          break;
        case "progress":
          if (collected.fresh) this.advance(now);
          // Seen before is no news, and no reason to complain either while the same code stands.
          break;
        case "known":
          this.notice({ kind: "known" }, now);
          break;
        case "other":
          this.notice({ kind: "other", refusal: rules.otherTransfer() }, now);
          break;
        case "refused":
          this.notice({ kind: "refusal", refusal: collected.refusal }, now);
          break;
        case "failed":
          this.fail(collected.refusal);
          break;
      }
    }
    if (texts.length === 0) this.notice({ kind: "no code" }, now);
  }

  /** The source of pictures ended: a person stopped it, or with a reason. */
  stop(refusal: Refusal | null): void {
    if (this.current.kind === "reading") this.become({ kind: "start", refusal });
  }

  /** All that was chosen has been looked at, and it was not enough. */
  sourceEnded(): void {
    if (this.current.kind !== "reading") return;
    const { notice } = this.current;
    const left = this.collector.progress;
    if (notice?.kind === "other") this.stop(notice.refusal);
    else if (left) this.stop(pageRules.notEnough(left.rank, left.pieces));
    else if (notice?.kind === "known") this.stop(pageRules.alreadyHere());
    else this.stop(notice?.kind === "refusal" ? notice.refusal : pageRules.nothingFound());
  }

  /** Gives up the transfer that was begun, and goes on looking. */
  startOver(now: number): void {
    this.collector.giveUp();
    if (this.current.kind === "reading") this.begin(this.current.from, now);
  }

  giveUp(): void {
    this.collector.giveUp();
    this.become({ kind: "start", refusal: null });
  }

  /** Nothing goes on from here but to start over. */
  fail(refusal: Refusal): void {
    this.become({ kind: "refused", refusal });
  }

  show(received: Received): void {
    this.become({ kind: "done", received });
  }

  compare(received: Received, answer: Received["compared"]): void {
    received.compared = answer;
    this.changed();
  }

  markSaved(received: Received): void {
    received.saved = true;
    this.changed();
  }

  /** Forgets one artefact; it can be received again. */
  remove(received: Received): void {
    this.collector.forget(received.identity);
    this.kept.splice(this.kept.indexOf(received), 1);
    this.become({ kind: "start", refusal: null });
  }

  /** Forgets everything. */
  reset(): void {
    for (const received of this.kept.splice(0)) this.collector.forget(received.identity);
    this.giveUp();
  }

  private async open(message: Uint8Array, identity: string): Promise<void> {
    try {
      const received = receive(await unpack(message), identity);
      this.collector.keep(identity);
      this.kept.push(received);
      this.become({ kind: "done", received });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.fail(error.refusal);
    }
  }

  private advance(now: number): void {
    this.lastNews = now;
    const rank = this.collector.progress?.rank ?? 0;
    this.pace = [...this.pace.filter(({ at }) => now - at <= memory), { at: now, rank }];
    if (this.current.kind === "reading") this.become({ ...this.current, progress: this.progress(), notice: null });
  }

  private notice(notice: Notice, now: number): void {
    if (this.current.kind !== "reading") return;
    // A camera finds the code in a moment; a picture without one is worth less than the one before it.
    const early = this.current.from === "camera" ? now - this.lastNews < patience : notice.kind === "no code";
    if (!early) this.become({ ...this.current, notice });
  }

  private progress(): Progress | null {
    const begun = this.collector.progress;
    if (!begun) return null;
    const first = this.pace.at(0);
    const last = this.pace.at(-1);
    const speed = first && last && last.at - first.at >= 1000 ? (last.rank - first.rank) / (last.at - first.at) : 0;
    return { ...begun, secondsLeft: speed > 0 ? Math.ceil((begun.pieces - begun.rank) / speed / 1000) : null };
  }

  private become(phase: Phase): void {
    this.current = phase;
    this.changed();
  }
}
