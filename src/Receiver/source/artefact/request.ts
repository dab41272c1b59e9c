import { readPublicKey, readSignatureAlgorithm } from "./algorithms.ts";
import { DerReader, tags } from "./der.ts";
import { fact, type Described } from "./described.ts";
import { readName } from "./name.ts";

/** PKCS #10, RFC 2986 4. Throws `DerError` for anything else. */
export function describeRequest(der: Uint8Array): Described {
  const file = new DerReader(der);
  const request = file.inside(tags.sequence);
  file.end();
  const info = request.inside(tags.sequence);
  const signature = readSignatureAlgorithm(request);
  request.read(tags.bitString);
  request.end();

  info.read(tags.integer); // version
  const subject = readName(info);
  const key = readPublicKey(info);
  info.read(0xa0); // attributes
  info.end();
  return {
    title: "Certificate request",
    about: subject.short,
    facts: [fact("Subject asked for", ...subject.lines), fact("Key", key), fact("Signature", `${signature} (not checked here)`)],
  };
}
