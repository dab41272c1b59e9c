import { readPublicKey, readSignatureAlgorithm } from "./algorithms.ts";
import { context, DerError, DerReader, readTime, readNumber, tags } from "./der.ts";
import { decimal, fact, hexGroups, type Described } from "./described.ts";
import { readExtensions } from "./extensions.ts";
import { readName } from "./name.ts";

/** RFC 5280 4.1. Throws `DerError` for anything else. */
export function describeCertificate(der: Uint8Array): Described {
  const file = new DerReader(der);
  const certificate = file.inside(tags.sequence);
  file.end();
  const tbs = certificate.inside(tags.sequence);
  const signature = readSignatureAlgorithm(certificate);
  certificate.read(tags.bitString);
  certificate.end();

  tbs.readIf(context(0)); // version
  const serial = readNumber(tbs.read(tags.integer));
  tbs.read(tags.sequence); // signature, as outside
  const issuer = readName(tbs);
  const validity = tbs.inside(tags.sequence);
  const [notBefore, notAfter] = [readTime(validity), readTime(validity)];
  validity.end();
  const subject = readName(tbs);
  const key = readPublicKey(tbs);
  const extensions = tbs.isNext(context(3)) ? readExtensions(tbs.inside(context(3))) : new Map<string, Uint8Array>();
  tbs.end();

  const selfIssued = subject.der.length === issuer.der.length && subject.der.every((byte, i) => byte === issuer.der[i]);
  const authority = readAuthority(extensions.get(basicConstraints));
  return {
    title: authority ? (selfIssued ? "Root certificate" : "CA certificate") : "Certificate",
    about: subject.short,
    facts: [
      fact("Subject", ...subject.lines),
      fact("Issuer", ...(selfIssued ? ["the subject itself"] : issuer.lines)),
      fact("Valid", `from ${notBefore}`, `to ${notAfter}`),
      fact("Serial number", hexGroups(serial)),
      fact("Authority", authority ?? "no, it may not issue certificates"),
      fact("Key", key),
      fact("Signature", `${signature} (not checked here)`),
    ],
  };
}

const basicConstraints = "2.5.29.19";

/** What it may issue as an authority, or null when it is none. RFC 5280 4.2.1.9. */
function readAuthority(value: Uint8Array | undefined): string | null {
  if (!value) return null;
  const whole = new DerReader(value);
  const constraints = whole.inside(tags.sequence);
  whole.end();
  const isAuthority = constraints.readIf(tags.boolean);
  const pathLength = constraints.readIf(tags.integer);
  constraints.end();
  if (isAuthority && (isAuthority.content.length !== 1 || isAuthority.content[0] !== 0xff)) throw new DerError("a truth that is neither yes nor no");
  if (!isAuthority) return null;
  if (!pathLength) return "yes, of any depth";
  const depth = decimal(readNumber(pathLength));
  return depth === "0" ? "yes, for end certificates only (path length 0)" : `yes, path length ${depth}`;
}
