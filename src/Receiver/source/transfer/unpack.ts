import { limits } from "../limits.ts";
import { Refused } from "../refusal.ts";
import { rules as pageRules } from "../rules.ts";
import { CborError, CborReader } from "./cbor.ts";
import { crc32 } from "./crc32.ts";
import { rules } from "./rules.ts";

/** What a transfer carried. The name is a plain file name; the type decides nothing. */
export interface Artefact {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly name: string;
  readonly type: string;
}

/** Takes the artefact out of a message, steps 1 and 2 of docs/formats/transfer.md. Refused with UR-11 to UR-17, RECV-11. */
export async function unpack(message: Uint8Array): Promise<Artefact> {
  const { checksum, size, payload } = readMessage(message);
  if (size > limits.containerBytes) throw new Refused(rules.containerTooLong());
  if (payload.length > size) throw new Refused(rules.badSize("packed it is longer than unpacked"));
  const container = payload.length === size ? payload : await inflate(payload, size);
  if (crc32(container) !== checksum) throw new Refused(rules.badContainerChecksum());
  return readContainer(container);
}

function readMessage(message: Uint8Array): { readonly checksum: number; readonly size: number; readonly payload: Uint8Array } {
  return orRefused(rules.badMessage, () => {
    const reader = new CborReader(message);
    if (reader.array() !== 3) throw new CborError("not three fields");
    const [checksum, size, payload] = [reader.uint32(), reader.uint32(), reader.byteString()];
    reader.end();
    return { checksum, size, payload };
  });
}

function readContainer(container: Uint8Array): Artefact {
  const artefact = orRefused(rules.badContainer, () => {
    const reader = new CborReader(container);
    if (reader.map() !== 3) throw new CborError("not three fields");
    expectKey(reader, "data");
    const data = reader.byteString().slice();
    expectKey(reader, "name");
    const name = reader.text();
    expectKey(reader, "type");
    const type = reader.text();
    reader.end();
    return { data, name, type };
  });
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(artefact.name)) throw new Refused(rules.badName());
  if (!mediaType.test(artefact.type) || artefact.type.length > 100) throw new Refused(rules.badType());
  return artefact;
}

// RFC 6838 4.2, lower case.
const mediaType = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/;

function expectKey(reader: CborReader, key: string): void {
  if (reader.text() !== key) throw new CborError(`the field “${key}” is not where it belongs`);
}

function orRefused<T>(rule: (what: string) => Refused["refusal"], read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof CborError) throw new Refused(rule(error.message));
    throw error;
  }
}

/** Exactly this many bytes, or refused; never more in memory than that and one chunk. */
async function inflate(payload: Uint8Array, size: number): Promise<Uint8Array> {
  if (typeof DecompressionStream === "undefined") throw new Refused(pageRules.oldBrowser());
  const container = new Uint8Array(size);
  let filled = 0;
  const reader = new Blob([payload.slice()]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (chunk.value.length > size - filled) throw new Refused(rules.badSize("it is longer than announced"));
      container.set(chunk.value, filled);
      filled += chunk.value.length;
    }
  } catch (error) {
    // Left as it is, the stream would go on unpacking.
    reader.cancel().catch(() => undefined);
    throw error instanceof Refused ? error : new Refused(rules.badSize("it is damaged"));
  }
  if (filled !== size) throw new Refused(rules.badSize("it is shorter than announced"));
  return container;
}
