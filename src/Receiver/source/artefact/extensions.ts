import { DerError, DerReader, readOid, tags } from "./der.ts";

/** The value of each extension by its identifier; one that stands twice is refused. RFC 5280 4.1.2.9. */
export function readExtensions(list: DerReader): Map<string, Uint8Array> {
  const extensions = list.inside(tags.sequence);
  list.end();
  const values = new Map<string, Uint8Array>();
  while (extensions.hasMore) {
    const extension = extensions.inside(tags.sequence);
    const id = readOid(extension.read(tags.oid));
    extension.readIf(tags.boolean); // critical
    if (values.has(id)) throw new DerError("an extension that stands twice");
    values.set(id, extension.read(tags.octetString).content);
    extension.end();
  }
  return values;
}
