import type { Artefact } from "../transfer/unpack.ts";
import { describeCertificate } from "./certificate.ts";
import { DerError, DerReader, readOid, tags } from "./der.ts";
import { fact, type Described } from "./described.ts";
import { plain } from "./plain.ts";
import { fromPem } from "./pem.ts";
import { describeRequest } from "./request.ts";
import { describeRevocationList } from "./revocation-list.ts";
import { describeJson } from "./statement.ts";

/** An artefact in words: by what its bytes are, not by what its name or type claims. Never throws. */
export function describe({ data, type }: Artefact): Described {
  const der = data[0] === tags.sequence ? data : fromPem(data);
  const described = (der && describeDer(der)) ?? describeJson(data) ?? { title: "File", about: "", facts: [] };
  return { ...described, facts: [...described.facts, fact("Media type", plain(type))] };
}

function describeDer(der: Uint8Array): Described | null {
  for (const read of [describeCertificate, describeRevocationList, describeRequest, describeCms]) {
    try {
      return read(der);
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
    }
  }
  return null;
}

/** RFC 5652 3. */
function describeCms(der: Uint8Array): Described {
  const file = new DerReader(der);
  const content = file.inside(tags.sequence);
  file.end();
  if (readOid(content.read(tags.oid)) !== signedData) throw new DerError("not a signature");
  return { title: "Signature (CMS)", about: "", facts: [fact("Signature", "not checked here")] };
}

const signedData = "1.2.840.113549.1.7.2";
