import { readSignatureAlgorithm } from "./algorithms.ts";
import { context, DerReader, readTime, readNumber, tags } from "./der.ts";
import { decimal, fact, type Described } from "./described.ts";
import { readExtensions } from "./extensions.ts";
import { readName } from "./name.ts";

/** RFC 5280 5.1. Throws `DerError` for anything else. */
export function describeRevocationList(der: Uint8Array): Described {
  const file = new DerReader(der);
  const list = file.inside(tags.sequence);
  file.end();
  const tbs = list.inside(tags.sequence);
  const signature = readSignatureAlgorithm(list);
  list.read(tags.bitString);
  list.end();

  tbs.readIf(tags.integer); // version
  tbs.read(tags.sequence); // signature, as outside
  const issuer = readName(tbs);
  const thisUpdate = readTime(tbs);
  const nextUpdate = tbs.isNext(tags.utcTime) || tbs.isNext(tags.generalizedTime) ? readTime(tbs) : null;
  const entries = tbs.isNext(tags.sequence) ? countEntries(tbs.inside(tags.sequence)) : 0;
  const extensions = tbs.isNext(context(0)) ? readExtensions(tbs.inside(context(0))) : new Map<string, Uint8Array>();
  tbs.end();

  return {
    title: extensions.has(deltaIndicator) ? "Revocation list (changes only)" : "Revocation list",
    about: issuer.short,
    facts: [
      fact("Issuer", ...issuer.lines),
      fact("CRL number", crlNumberOf(extensions.get(crlNumber))),
      fact("Revoked certificates", entries === 0 ? "none" : entries.toLocaleString("en")),
      fact("This update", thisUpdate),
      fact("Next update", nextUpdate ?? "not said"),
      ...(extensions.has(distributionPoint) ? [fact("Scope", "a part of the issuer's certificates")] : []),
      fact("Signature", `${signature} (not checked here)`),
    ],
  };
}

const crlNumber = "2.5.29.20";
const deltaIndicator = "2.5.29.27";
const distributionPoint = "2.5.29.28";

function countEntries(entries: DerReader): number {
  let count = 0;
  for (; entries.hasMore; count++) {
    const entry = entries.inside(tags.sequence);
    entry.read(tags.integer); // userCertificate
    readTime(entry); // revocationDate
    entry.readIf(tags.sequence); // crlEntryExtensions
    entry.end();
  }
  return count;
}

/** Decimal, as the ceremony shows it. RFC 5280 5.2.3. */
function crlNumberOf(value: Uint8Array | undefined): string {
  if (!value) return "none";
  const whole = new DerReader(value);
  const number = readNumber(whole.read(tags.integer));
  whole.end();
  return decimal(number);
}
