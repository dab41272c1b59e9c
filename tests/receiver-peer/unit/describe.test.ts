import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { describe as describeArtefact } from "../../../src/Receiver/source/artefact/describe.ts";
import type { Described } from "../../../src/Receiver/source/artefact/described.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "receiver-unit-"));
  writeFileSync(join(folder, "ca.cnf"), "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha384\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n");
  writeFileSync(join(folder, "number"), "0ABC\n");
  writeFileSync(join(folder, "index.txt"), ["01", "02A0", "7F"].map((serial) => `R\t361122120000Z\t261101120000Z,keyCompromise\t${serial}\tunknown\t/CN=x\n`).join(""));
  writeFileSync(join(folder, "req.cnf"), "[req]\ndistinguished_name=d\nx509_extensions=e\n[d]\n[e]\nbasicConstraints=critical,CA:TRUE,pathlen:1\n");
  openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes", "-keyout", "root.key", "-out", "root.pem", "-days", "9000", "-set_serial", "0x0a00ff", "-subj", "/C=DE/O=Example, Devices/CN=Example Root R1", "-config", "req.cnf");
  openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "leaf.key", "-out", "leaf.csr", "-outform", "DER", "-subj", "/CN=device.example");
});
after(() => rmSync(folder, { recursive: true }));

function openssl(...options: string[]): Buffer {
  return execFileSync("openssl", options, { cwd: folder, stdio: "pipe" });
}

const said = (data: Uint8Array, type = "application/octet-stream"): Described => describeArtefact({ data: Uint8Array.from(data), name: "x", type });
const lines = (described: Described, label: string): readonly string[] => described.facts.find((fact) => fact.label === label)?.lines ?? [];

test("A root certificate, as Node reads it too", () => {
  const pem = readFileSync(join(folder, "root.pem"));
  const node = new X509Certificate(pem);
  for (const described of [said(pem), said(node.raw)]) {
    assert.equal(described.title, "Root certificate");
    assert.equal(described.about, "Example Root R1");
    assert.deepEqual(lines(described, "Subject"), ["C=DE", "O=Example\\, Devices", "CN=Example Root R1"]);
    assert.deepEqual(lines(described, "Issuer"), ["the subject itself"]);
    assert.deepEqual(lines(described, "Serial number"), ["0a00 ff"]);
    assert.equal(lines(described, "Serial number")[0].replaceAll(" ", "").toUpperCase(), node.serialNumber);
    assert.deepEqual(lines(described, "Valid"), [`from ${iso(node.validFrom)}`, `to ${iso(node.validTo)}`]);
    assert.deepEqual(lines(described, "Authority"), ["yes, path length 1"]);
    assert.deepEqual(lines(described, "Key"), ["EC P-384"]);
  }
});

test("An end certificate of that root", () => {
  const der = openssl("x509", "-req", "-in", "leaf.csr", "-inform", "DER", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "5", "-days", "9", "-outform", "DER");
  const described = said(der);
  assert.equal(described.title, "Certificate");
  assert.deepEqual(lines(described, "Issuer"), ["C=DE", "O=Example\\, Devices", "CN=Example Root R1"]);
  assert.deepEqual(lines(described, "Authority"), ["no, it may not issue certificates"]);
  assert.deepEqual(lines(described, "Key"), ["RSA 2048"]);
});

test("A revocation list with three entries", () => {
  const pem = openssl("ca", "-config", "ca.cnf", "-gencrl", "-cert", "root.pem", "-keyfile", "root.key", "-crl_lastupdate", "20261122000000Z", "-crl_nextupdate", "20500101000000Z");
  const described = said(pem);
  assert.equal(described.title, "Revocation list");
  assert.equal(described.about, "Example Root R1");
  assert.deepEqual(lines(described, "CRL number"), [String(0x0abc)]);
  assert.deepEqual(lines(described, "Revoked certificates"), ["3"]);
  assert.deepEqual(lines(described, "This update"), ["2026-11-22 00:00:00 UTC"]);
  assert.deepEqual(lines(described, "Next update"), ["2050-01-01 00:00:00 UTC"]);
  assert.deepEqual(lines(described, "Signature"), ["ECDSA with SHA-384 (not checked here)"]);
});

test("A request", () => {
  const described = said(readFileSync(join(folder, "leaf.csr")));
  assert.deepEqual([described.title, described.about], ["Certificate request", "device.example"]);
  assert.deepEqual(lines(described, "Key"), ["RSA 2048"]);
});

test("A detached signature", () => {
  writeFileSync(join(folder, "content"), "x");
  const cms = openssl("cms", "-sign", "-binary", "-in", "content", "-signer", "root.pem", "-inkey", "root.key", "-outform", "DER");
  assert.equal(said(cms).title, "Signature (CMS)");
});

test("A signed statement and what it is about", () => {
  const statement = { _type: "https://in-toto.io/Statement/v1", subject: [{ name: "devices.csv", digest: { sha256: "ab12" } }], predicateType: "urn:keyceremony:device-batch:v1", predicate: {} };
  const envelope = { payload: Buffer.from(JSON.stringify(statement)).toString("base64"), payloadType: "application/vnd.in-toto+json", signatures: [{ keyid: "k\u202E1", sig: "AA==" }] };
  const described = said(Buffer.from(JSON.stringify(envelope)));
  assert.deepEqual([described.title, described.about], ["Signed statement", "urn:keyceremony:device-batch:v1"]);
  assert.deepEqual(lines(described, "About"), ["devices.csv", "sha256 ab12"]);
  assert.deepEqual(lines(described, "Signed by"), ["k\\u202E1", "(not checked here)"]);
});

test("A statement without a signature", () => {
  const described = said(Buffer.from('{"type":"keyceremony-checkpoint-v1","seq":145}'));
  assert.deepEqual([described.title, described.about], ["Statement", "keyceremony-checkpoint-v1"]);
  assert.deepEqual(lines(described, "seq"), ["145"]);
});

test("Anything else is a file", () => {
  for (const bytes of [[], [0x30], [0x30, 0x80, 0, 0], [1, 2, 3], [...Buffer.from("[1]")], [...Buffer.from("null")], [...Buffer.from("-----BEGIN X-----\n!!-----END X-----")]])
    assert.equal(said(Uint8Array.from(bytes)).title, "File");
});

test("A damaged certificate never breaks the page, and never counts as another kind", () => {
  const { raw } = new X509Certificate(readFileSync(join(folder, "root.pem")));
  const titles = new Set<string>();
  for (let i = 0; i < raw.length; i++) {
    for (const flip of [1, 0x80, 0xff]) {
      const damaged = Buffer.from(raw);
      damaged[i] ^= flip;
      titles.add(said(damaged).title);
    }
    assert.equal(said(raw.subarray(0, i)).title, "File");
  }
  assert.equal(said(Buffer.concat([raw, Buffer.from([0])])).title, "File");
  assert.deepEqual([...titles].sort(), ["CA certificate", "Certificate", "File", "Root certificate"]);
});

/** `Nov 22 16:56:08 2026 GMT`, as Node writes it. */
function iso(text: string): string {
  return `${new Date(text).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
