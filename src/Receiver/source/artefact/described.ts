/** What an artefact says about itself, in words. Nothing here is verified: what is compared is the digest. */
export interface Described {
  /** `CA certificate`, `Revocation list`, … */
  readonly title: string;
  /** What it is about, in a few words: a subject's common name, an issuer's. May be empty. */
  readonly about: string;
  readonly facts: readonly Fact[];
}

/** One line, or several of equal weight. */
export interface Fact {
  readonly label: string;
  readonly lines: readonly string[];
}

export function fact(label: string, ...lines: readonly string[]): Fact {
  return { label, lines };
}

/** `0a1b 2c3d 4e` */
export function hexGroups(bytes: Uint8Array): string {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return (digits.match(/.{1,4}/g) ?? []).join(" ");
}

/** Of big-endian bytes. */
export function decimal(bytes: Uint8Array): string {
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n).toString();
}
