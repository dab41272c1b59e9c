"use strict";
// Answers questions with npm slip39. One JSON question on stdin, one JSON answer on stdout:
//   {"do":"split","secret":HEX,"passphrase":TEXT,"threshold":N,"groups":[[t,n],…],"exponent":E,"extendable":0|1} → {"groups":[[WORDS,…],…]}
//   {"do":"combine","shares":[WORDS,…],"passphrase":TEXT}                                                        → {"secret":HEX} | {"error":TEXT}
//   {"do":"bench","secret":HEX,"threshold":T,"count":N,"iterations":I}                                           → {"split":NS,"combine":NS,"peakMemoryMB":MB}
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

// Nanoseconds an operation, after a tenth as many to warm up.
function bench({ secret, threshold, count, iterations }) {
  const question = { secret, passphrase: "", threshold: 1, groups: [[threshold, count]], exponent: 0, extendable: 1 };
  const shares = split(question).groups[0].slice(0, threshold);
  return {
    split: time(iterations, () => split(question)),
    combine: time(iterations, () => combine({ shares, passphrase: "" })),
    peakMemoryMB: process.resourceUsage().maxRSS / 1024,
  };
}

function time(iterations, operation) {
  for (let i = 0; i < iterations / 10; i++) operation();
  const start = process.hrtime.bigint();
  for (let i = 0; i < iterations; i++) operation();
  return Number(process.hrtime.bigint() - start) / iterations;
}

const question = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify({ split, combine, bench }[question.do](question)));
