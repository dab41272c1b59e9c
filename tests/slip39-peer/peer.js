"use strict";
// Answers questions with npm slip39. One JSON question on stdin, one JSON answer on stdout:
//   {"do":"split","secret":HEX,"passphrase":TEXT,"threshold":N,"groups":[[t,n],…],"exponent":E,"extendable":0|1} → {"groups":[[WORDS,…],…]}
//   {"do":"combine","shares":[WORDS,…],"passphrase":TEXT}                                                        → {"secret":HEX} | {"error":TEXT}
//   {"do":"bench","secret":HEX,"threshold":T,"count":N,"batches":B,"batchSize":S}                               → {"split":NS,"combine":NS}
const Slip39 = require("slip39");

const bytes = (hex) => Array.from(Buffer.from(hex, "hex"));

function split({ secret, passphrase, threshold, groups, exponent, extendable }) {
  const set = Slip39.fromArray(bytes(secret), {
    passphrase,
    threshold,
    groups: groups.map(([t, n], i) => [t, n, `group ${i + 1}`]),
    iterationExponent: exponent,
    extendableBackupFlag: extendable,
  });
  return { groups: groups.map((_, i) => set.fromPath(`r/${i}`).mnemonics) };
}

function combine({ shares, passphrase }) {
  try {
    return { secret: Buffer.from(Slip39.recoverSecret(shares, passphrase)).toString("hex") };
  } catch (error) {
    return { error: error.message };
  }
}

function bench({ secret, threshold, count, batches, batchSize }) {
  const question = { secret, passphrase: "", threshold: 1, groups: [[threshold, count]], exponent: 0, extendable: 1 };
  const shares = split(question).groups[0].slice(0, threshold);
  return {
    split: time(batches, batchSize, () => split(question)),
    combine: time(batches, batchSize, () => combine({ shares, passphrase: "" })),
  };
}

// Nanoseconds an operation in the fastest batch, after one batch to warm up.
function time(batches, batchSize, operation) {
  let fastest = Infinity;
  for (let batch = -1; batch < batches; batch++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < batchSize; i++) operation();
    if (batch >= 0) fastest = Math.min(fastest, Number(process.hrtime.bigint() - start) / batchSize);
  }
  return fastest;
}

const question = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify({ split, combine, bench }[question.do](question)));
