import assert from "node:assert/strict";
import { test } from "node:test";
import { Session, type Phase } from "../../../src/Receiver/source/page/session.ts";
import { bytes, frame, head, messageOf, noise, sender, type Sender } from "./sender.ts";

/** A sitting where a frame comes every tenth of a second. */
class Sitting {
  now = 0;
  readonly session = new Session(() => undefined);

  async see(...texts: string[]): Promise<Phase> {
    this.now += 100;
    await this.session.look(texts, this.now);
    return this.session.phase;
  }

  async receive(from: Sender): Promise<Extract<Phase, { kind: "done" }>> {
    this.session.begin("camera", this.now);
    for (let phase = this.session.phase; ; phase = await this.see(from.next())) if (phase.kind === "done") return phase;
  }
}

const transfer = (seed: number): Sender => sender(messageOf(noise(2000, seed), { name: `file-${seed}.bin` }), 100);

test("Two files, one after the other", async () => {
  const sitting = new Sitting();
  assert.equal(sitting.session.phase.kind, "start");
  for (const seed of [1, 2]) {
    const { received } = await sitting.receive(transfer(seed));
    assert.deepEqual(Buffer.from(received.artefact.data), Buffer.from(noise(2000, seed)));
    assert.equal(received.artefact.name, `file-${seed}.bin`);
    assert.deepEqual([received.words.length, received.hex.length, received.compared, received.saved], [32, 64, "not yet", false]);
  }
  assert.equal(sitting.session.kept.length, 2);
});

test("Progress is the rank, and tells how long it will take", async () => {
  const sitting = new Sitting();
  const from = transfer(1);
  sitting.session.begin("camera", 0);
  for (let i = 0; i < 11; i++) await sitting.see(from.next());
  const { phase } = sitting.session;
  assert.ok(phase.kind === "reading" && phase.progress);
  assert.equal(phase.progress.rank, 11);
  assert.equal(phase.progress.pieces, from.pieces);
  assert.equal(phase.progress.secondsLeft, Math.ceil((from.pieces - 11) / 10));
});

test("Only after a while without news a person is told why", async () => {
  const sitting = new Sitting();
  sitting.session.begin("camera", 0);
  for (let i = 0; i < 24; i++) assert.equal((await sitting.see() as { notice: unknown }).notice, null);
  await sitting.see();
  assert.deepEqual((await sitting.see() as { notice: unknown }).notice, { kind: "no code" });
  const phase = await sitting.see("https://example.org/");
  assert.ok(phase.kind === "reading" && phase.notice?.kind === "refusal" && phase.notice.refusal.rule === "UR-01");
});

test("News takes the notice away", async () => {
  const sitting = new Sitting();
  sitting.session.begin("camera", 0);
  for (let i = 0; i < 40; i++) await sitting.see();
  const phase = await sitting.see(transfer(1).next());
  assert.ok(phase.kind === "reading" && phase.notice === null && phase.progress?.rank === 1);
});

test("Another transfer is offered, and taken only when the person says so", async () => {
  const sitting = new Sitting();
  const [first, second] = [transfer(1), transfer(2)];
  sitting.session.begin("camera", 0);
  await sitting.see(first.next());
  for (let i = 0; i < 30; i++) await sitting.see(second.next());
  const { phase } = sitting.session;
  assert.ok(phase.kind === "reading" && phase.notice?.kind === "other" && phase.notice.refusal.rule === "UR-09" && phase.progress?.rank === 1);
  sitting.session.startOver(sitting.now);
  assert.equal((await sitting.receive(second)).received.artefact.name, "file-2.bin");
});

test("What is still on the screen is not received twice", async () => {
  const sitting = new Sitting();
  const from = transfer(1);
  await sitting.receive(from);
  sitting.session.begin("camera", sitting.now);
  for (let i = 0; i < 30; i++) await sitting.see(from.next());
  const { phase } = sitting.session;
  assert.ok(phase.kind === "reading" && phase.notice?.kind === "known" && phase.progress === null);
  assert.equal(sitting.session.kept.length, 1);
});

test("A file that was removed can be received again", async () => {
  const sitting = new Sitting();
  const { received } = await sitting.receive(transfer(1));
  sitting.session.compare(received, "different");
  sitting.session.remove(received);
  assert.equal(sitting.session.kept.length, 0);
  assert.equal((await sitting.receive(transfer(1))).received.compared, "not yet");
});

test("Stopping keeps the pieces; giving up does not", async () => {
  const sitting = new Sitting();
  const from = transfer(1);
  sitting.session.begin("camera", 0);
  await sitting.see(from.next());
  sitting.session.stop(null);
  assert.deepEqual([sitting.session.phase, sitting.session.unfinished], [{ kind: "start", refusal: null }, { rank: 1, pieces: from.pieces }]);
  sitting.session.begin("camera", sitting.now);
  assert.ok(sitting.session.phase.kind === "reading" && sitting.session.phase.progress?.rank === 1);
  sitting.session.giveUp();
  assert.equal(sitting.session.unfinished, null);
});

test("A forged piece ends in a refusal, and starting over is possible", async () => {
  const sitting = new Sitting();
  sitting.session.begin("camera", 0);
  const piece = (seed: number): string => frame([head(0, 1), head(0, 4), head(0, 40), head(0, 7), bytes(noise(10, seed))]);
  await sitting.see(piece(1));
  const phase = await sitting.see(piece(2));
  assert.ok(phase.kind === "refused" && phase.refusal.rule === "UR-10");
  assert.equal((await sitting.receive(transfer(1))).kind, "done");
});

test("What cannot be unpacked ends in a refusal", async () => {
  const sitting = new Sitting();
  sitting.session.begin("camera", 0);
  const phase = await sitting.see(sender(messageOf(Buffer.from("x"), { checksum: 1 }), 500).next());
  assert.ok(phase.kind === "refused" && phase.refusal.rule === "UR-14");
});

test("Files without a code, with too few, of another transfer, or known, end with what to do", async () => {
  const sitting = new Sitting();
  const choose = async (...texts: string[]): Promise<string | undefined> => {
    sitting.session.begin("files", sitting.now);
    for (const text of texts) await sitting.see(text);
    await sitting.see();
    sitting.session.sourceEnded();
    const { phase } = sitting.session;
    return phase.kind === "start" ? phase.refusal?.rule : phase.kind;
  };
  assert.equal(await choose(), "RECV-08");
  assert.equal(await choose("ur:bytes/aeaeaeaeae"), "UR-02");
  assert.equal(await choose(transfer(1).next()), "RECV-09");
  assert.equal(await choose(transfer(2).next()), "UR-09");
  sitting.session.giveUp();
  await sitting.receive(transfer(1));
  assert.equal(await choose(transfer(1).next()), "RECV-12");
});

test("Reset forgets everything", async () => {
  const sitting = new Sitting();
  await sitting.receive(transfer(1));
  sitting.session.reset();
  assert.deepEqual([sitting.session.kept, sitting.session.phase], [[], { kind: "start", refusal: null }]);
  assert.equal((await sitting.receive(transfer(1))).kind, "done");
});
