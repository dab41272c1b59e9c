"use strict";
// Answers with npm tuf-js, a client of The Update Framework. One JSON question on stdin, one JSON answer on stdout:
//   {"do":"update","trusted":TEXT,"roots":[TEXT,…]}   the trusted root and those that follow   → {"version":N} | {"error":TEXT}
//   {"do":"canonical","root":TEXT}                    what is signed                            → {"signed":HEX}
const path = require("path");
const { canonicalize } = require("@tufjs/canonical-json");
// The part of the client that decides; the rest fetches files.
const { TrustedMetadataStore } = require(path.join(path.dirname(require.resolve("tuf-js")), "store.js"));

function update({ trusted, roots }) {
  try {
    const store = new TrustedMetadataStore(Buffer.from(trusted));
    for (const root of roots) store.updateRoot(Buffer.from(root));
    return { version: store.root.signed.version };
  } catch (error) {
    return { error: error.message };
  }
}

function canonical({ root }) {
  return { signed: Buffer.from(canonicalize(JSON.parse(root).signed)).toString("hex") };
}

const question = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify({ update, canonical }[question.do](question)));
