import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Collector, type Collected } from "../../../src/Receiver/source/transfer/collector.ts";
import { readCode, type Code } from "../../../src/Receiver/source/transfer/part.ts";
import { pgpWords } from "../../../src/Receiver/source/artefact/pgp-words.ts";
import { unpack } from "../../../src/Receiver/source/transfer/unpack.ts";
import { bytes, frame, head, messageOf, noise, sender, type Sender } from "./sender.ts";

declare const REPOSITORY: string;

const message = (seed: number): Buffer => messageOf(noise(900, seed));

function untilMessage(collector: Collector, from: Sender): Extract<Collected, { kind: "message" }> {
  for (;;) {
    const collected = collector.receive(from.next());
    if (collected.kind === "message") return collected;
    assert.equal(collected.kind, "progress");
  }
}

test("Several transfers, one after the other", () => {
  const collector = new Collector();
  for (const seed of [1, 2, 3]) {
    const { message: got, identity } = untilMessage(collector, sender(message(seed), 100));
    assert.deepEqual(Buffer.from(got), message(seed));
    assert.equal(collector.progress, null);
    collector.keep(identity);
  }
});

test("A transfer in one code", () => {
  const collected = new Collector().receive(sender(messageOf(Buffer.from("short")), 2000).next());
  assert.equal(collected.kind, "message");
});

test("Codes of another transfer are told and change nothing", () => {
  const collector = new Collector();
  const [first, second] = [sender(message(1), 100), sender(message(2), 100)];
  collector.receive(first.next());
  assert.equal(collector.receive(second.next()).kind, "other");
  assert.equal(collector.receive(sender(messageOf(Buffer.from("short")), 2000).next()).kind, "other");
  assert.deepEqual(Buffer.from(untilMessage(collector, first).message), message(1));
});

test("The same message cut otherwise is another transfer", () => {
  const collector = new Collector();
  collector.receive(sender(message(1), 100).next());
  assert.equal(collector.receive(sender(message(1), 200).next()).kind, "other");
});

test("What was given up makes way for the next", () => {
  const collector = new Collector();
  collector.receive(sender(message(1), 100).next());
  collector.giveUp();
  assert.deepEqual(Buffer.from(untilMessage(collector, sender(message(2), 100)).message), message(2));
});

test("What is kept is known; what was forgotten can be received again", () => {
  const collector = new Collector();
  const { identity } = untilMessage(collector, sender(message(1), 100));
  collector.keep(identity);
  assert.equal(collector.receive(sender(message(1), 100).next()).kind, "known");
  assert.equal(collector.receive(sender(message(1), 2000).next()).kind, "known");
  collector.forget(identity);
  assert.equal(collector.receive(sender(message(1), 100).next()).kind, "progress");
});

test("A rubbish code in between costs nothing", () => {
  const collector = new Collector();
  const from = sender(message(1), 100);
  collector.receive(from.next());
  const before = collector.progress;
  const collected = collector.receive("https://example.org/");
  assert.ok(collected.kind === "refused" && collected.refusal.rule === "UR-01");
  assert.deepEqual(collector.progress, before);
});

test("A forged piece with the right header and checksums is found, and the transfer ends", () => {
  const from = sender(message(1), 100);
  const collector = new Collector();
  collector.receive(from.next());
  const { piece } = readCode(from.next()) as Extract<Code, { kind: "piece" }>;
  const forged = frame([head(0, piece.seqNum), head(0, piece.seqLen), head(0, piece.messageLen), head(0, piece.checksum), bytes(noise(piece.fragment.length, 9))], `${piece.seqNum}-${piece.seqLen}`);
  assert.equal(collector.receive(forged).kind, "progress");
  let collected: Collected;
  do collected = collector.receive(from.next());
  while (collected.kind === "progress");
  assert.ok(collected.kind === "failed" && collected.refusal.rule === "UR-10");
  assert.equal(collector.progress, null);
});

test("The worked example of the format arrives, digest and words as written there", async () => {
  const page = readFileSync(`${REPOSITORY}/docs/formats/transfer.md`, "utf8");
  const frames = [...page.matchAll(/^UR:COMPRESSED\/.*$/gm)].map(([frame]) => frame);
  const [whole, ...parts] = frames;
  const [note, deflated] = [parts.filter((frame) => /\/\d-4\//.test(frame)), parts.at(-1)!];
  assert.equal(note.length, 8);
  for (const shown of [[whole], note.slice(0, 4), note.slice(2), [note[4], note[1], note[2], note[3]], [deflated]]) {
    const collector = new Collector();
    const collected = shown.map((frame) => collector.receive(frame)).find(({ kind }) => kind === "message");
    assert.ok(collected?.kind === "message", shown.join("\n"));
    const { data, name, type } = await unpack(collected.message);
    const digest = createHash("sha256").update(data).digest();
    assert.deepEqual([name, type], [shown[0] === deflated ? "words.txt" : "note.txt", "text/plain"]);
    assert.ok(page.includes(digest.toString("hex")));
    if (shown[0] !== deflated) assert.ok(page.includes(pgpWords(digest).join(" ")));
  }
});
