import { limits } from "../limits.ts";
import { fact, type Described, type Fact } from "./described.ts";
import { plain } from "./plain.ts";

/** A signed statement (DSSE) or another JSON object, by its own words. Null when the bytes are no JSON object. */
export function describeJson(bytes: Uint8Array): Described | null {
  const value = parse(bytes);
  if (!value) return null;
  const { payloadType, payload, signatures } = value;
  if (typeof payloadType === "string" && typeof payload === "string" && Array.isArray(signatures)) return describeEnvelope(payloadType, payload, signatures);
  return { title: "Statement", about: text(value.type ?? value._type) ?? "", facts: describeStatement(value) };
}

type JsonObject = { readonly [name: string]: unknown };

/** DSSE 1.0: what was signed is inside as base64. */
function describeEnvelope(payloadType: string, payload: string, signatures: readonly unknown[]): Described {
  const statement = parse(fromBase64(payload));
  const keys = signatures.slice(0, limits.shownItems).map((signature) => text((signature as JsonObject | null)?.keyid) ?? "without a key's name");
  return {
    title: "Signed statement",
    about: (statement && text(statement.predicateType)) ?? "",
    facts: [
      fact("Kind", plain(payloadType)),
      ...(statement ? describeStatement(statement) : [fact("Content", "it cannot be read here")]),
      fact("Signed by", ...(keys.length > 0 ? keys : ["nobody"]), "(not checked here)"),
    ],
  };
}

/** The first level of an object, and the subjects of an in-toto statement with their digests. */
function describeStatement(statement: JsonObject): Fact[] {
  const facts = Object.entries(statement)
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value))
    .slice(0, limits.shownItems)
    .map(([name, value]) => fact(plain(name), plain(String(value))));
  const subjects = Array.isArray(statement.subject) ? statement.subject : [];
  for (const subject of subjects.slice(0, limits.shownItems)) {
    const { name, digest } = Object(subject) as JsonObject;
    facts.push(fact("About", text(name) ?? "(nameless)", ...Object.entries(Object(digest) as JsonObject).map(([kind, value]) => plain(`${kind} ${String(value)}`))));
  }
  if (subjects.length > limits.shownItems) facts.push(fact("About", `${subjects.length - limits.shownItems} more`));
  return facts;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? plain(value) : null;
}

function parse(bytes: Uint8Array | null): JsonObject | null {
  if (!bytes || bytes.length > limits.jsonBytes) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}

function fromBase64(base64: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}
