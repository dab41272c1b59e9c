import { DerReader, readOid, readUnsigned, tags, type Der } from "./der.ts";

/** SubjectPublicKeyInfo in a word or two: `EC P-384`, `RSA 4096`. RFC 5280 4.1.2.7. */
export function readPublicKey(reader: DerReader): string {
  const info = reader.inside(tags.sequence);
  const algorithm = info.inside(tags.sequence);
  const kind = readOid(algorithm.read(tags.oid));
  const parameter = algorithm.readIf(tags.oid);
  const key = info.read(tags.bitString);
  info.end();
  if (kind === ecPublicKey) return `EC ${parameter ? (curves.get(readOid(parameter)) ?? readOid(parameter)) : "with a curve of its own"}`;
  if (kind === rsaEncryption) return `RSA ${rsaBits(key)}`;
  return keys.get(kind) ?? kind;
}

/** AlgorithmIdentifier of a signature. */
export function readSignatureAlgorithm(reader: DerReader): string {
  const algorithm = readOid(reader.inside(tags.sequence).read(tags.oid));
  return signatures.get(algorithm) ?? algorithm;
}

function rsaBits(key: Der): number {
  const modulus = readUnsigned(new DerReader(key.content.subarray(1)).inside(tags.sequence).read(tags.integer));
  return modulus.length * 8 - (Math.clz32(modulus[0]) - 24);
}

const ecPublicKey = "1.2.840.10045.2.1";
const rsaEncryption = "1.2.840.113549.1.1.1";

const curves = new Map([
  ["1.2.840.10045.3.1.7", "P-256"],
  ["1.3.132.0.34", "P-384"],
  ["1.3.132.0.35", "P-521"],
]);

const keys = new Map([
  ["1.3.101.112", "Ed25519"],
  ["1.3.101.113", "Ed448"],
  ["2.16.840.1.101.3.4.3.17", "ML-DSA-44"],
  ["2.16.840.1.101.3.4.3.18", "ML-DSA-65"],
  ["2.16.840.1.101.3.4.3.19", "ML-DSA-87"],
]);

const signatures = new Map([
  ...keys,
  ["1.2.840.10045.4.3.2", "ECDSA with SHA-256"],
  ["1.2.840.10045.4.3.3", "ECDSA with SHA-384"],
  ["1.2.840.10045.4.3.4", "ECDSA with SHA-512"],
  ["1.2.840.113549.1.1.10", "RSA-PSS"],
  ["1.2.840.113549.1.1.11", "RSA with SHA-256"],
  ["1.2.840.113549.1.1.12", "RSA with SHA-384"],
  ["1.2.840.113549.1.1.13", "RSA with SHA-512"],
]);
