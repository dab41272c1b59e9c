"use strict";
// Answers questions with npm @transmute/rfc9162 and @sigstore/verify. One JSON question on stdin, one JSON answer on stdout:
//   {"do":"tree","leaves":[HEX,…],"sizes":[N,…]}                                → {"roots":[HEX,…]}
//   {"do":"paths","leaves":[HEX,…],"places":[[INDEX,SIZE],…]}                    → {"paths":[[HEX,…],…]}
//   {"do":"includes","root":HEX,"leaf":HEX,"index":N,"size":N,"path":[HEX,…]}    → {"holds":BOOL}
//   {"do":"pae","payloadType":TEXT,"payload":HEX}                                → {"pae":HEX}
//   {"do":"envelope","envelope":TEXT,"key":PEM}                                  → {"holds":true} | {"error":TEXT}
const { default: rfc9162 } = require("@transmute/rfc9162");
const { dsse, crypto } = require("@sigstore/core");
const { bundleFromJSON } = require("@sigstore/bundle");
const { Verifier, toSignedEntity } = require("@sigstore/verify");

const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (array) => Buffer.from(array).toString("hex");

async function tree({ leaves, sizes }) {
  const entries = leaves.map(bytes);
  const roots = [];
  for (const size of sizes) roots.push(hex(await rfc9162.treeHead(entries.slice(0, size))));
  return { roots };
}

async function paths({ leaves, places }) {
  const entries = leaves.map(bytes);
  const found = [];
  for (const [index, size] of places) {
    const proof = await rfc9162.inclusionProof(entries[index], entries.slice(0, size));
    found.push(proof.inclusion_path.map(hex));
  }
  return { paths: found };
}

async function includes({ root, leaf, index, size, path }) {
  const proof = { log_id: "", tree_size: size, leaf_index: index, inclusion_path: path.map(bytes) };
  return { holds: await rfc9162.verifyInclusionProof(bytes(root), await rfc9162.leaf(bytes(leaf)), proof) };
}

function pae({ payloadType, payload }) {
  return { pae: hex(dsse.preAuthEncoding(payloadType, Buffer.from(payload, "hex"))) };
}

// The envelope goes in as it is; around it only what says that there is no transparency log.
function envelope({ envelope, key }) {
  const bundle = bundleFromJSON({
    mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1",
    verificationMaterial: { publicKey: { hint: "manifest" }, tlogEntries: [] },
    dsseEnvelope: JSON.parse(envelope),
  });
  const trust = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [], publicKey: () => ({ publicKey: crypto.createPublicKey(key), validFor: () => true }) };
  try {
    new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, tsaThreshold: 0 }).verify(toSignedEntity(bundle));
    return { holds: true };
  } catch (error) {
    return { error: error.message };
  }
}

const question = JSON.parse(require("fs").readFileSync(0, "utf8"));
Promise.resolve({ tree, paths, includes, pae, envelope }[question.do](question)).then((answer) => process.stdout.write(JSON.stringify(answer)));
