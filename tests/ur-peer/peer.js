"use strict";
// Answers questions with npm @ngraveio/bc-ur. One JSON list of questions on stdin, the list of their answers on stdout:
//   {"do":"encode","message":HEX,"longest":BYTES,"after":SEQ,"count":N} → {"fragments":LEN,"frames":[TEXT,…]}
//   {"do":"decode","frames":[TEXT,…]} → {"used":N,"message":HEX} | {"used":N}      (not complete: no message)
//   {"do":"open","message":HEX}       → {"name":TEXT,"type":TEXT,"data":HEX}       (ur:compressed and the map in it)
//   {"do":"bench","encode":QUESTION,"frames":[TEXT,…],"batches":B} → {"encode":NS,"decode":NS}       (of all the frames)
const zlib = require("zlib");
const cbor = require("cbor-sync");
const { crc32 } = require("crc");
const { UR, UREncoder, URDecoder } = require("@ngraveio/bc-ur");

const encoder = ({ message, longest, after }) => new UREncoder(new UR(Buffer.from(message, "hex"), "compressed"), longest, after);

function encode(question) {
  const source = encoder(question);
  return { fragments: source.fragmentsLength, frames: Array.from({ length: question.count }, () => source.nextPart()) };
}

function decode({ frames }) {
  const decoder = new URDecoder();
  let used = 0;
  while (used < frames.length && !decoder.isComplete()) decoder.receivePart(frames[used++]);
  return decoder.isSuccess() ? { used, message: decoder.resultUR().cbor.toString("hex") } : { used };
}

function open({ message }) {
  const [checksum, size, payload] = cbor.decode(Buffer.from(message, "hex"));
  const content = payload.length === size ? payload : zlib.inflateRawSync(payload);
  if (content.length !== size || crc32(content) !== checksum) throw new Error("size or checksum");
  const { name, type, data } = cbor.decode(content);
  return { name, type, data: data.toString("hex") };
}

function bench(question) {
  return {
    encode: fastest(question.batches, () => encode(question.encode)),
    decode: fastest(question.batches, () => decode(question)),
  };
}

// Nanoseconds of the fastest batch, after one batch to warm up.
function fastest(batches, operation) {
  let best = Infinity;
  for (let batch = -1; batch < batches; batch++) {
    const start = process.hrtime.bigint();
    operation();
    if (batch >= 0) best = Math.min(best, Number(process.hrtime.bigint() - start));
  }
  return best;
}

const questions = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(questions.map((question) => ({ encode, decode, open, bench })[question.do](question))));
