/** The DER inside a file of exactly one PEM block, RFC 7468 3; else null. */
export function fromPem(file: Uint8Array): Uint8Array | null {
  const found = block.exec(new TextDecoder("latin1").decode(file));
  if (!found) return null;
  try {
    return Uint8Array.from(atob(found[2]), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

const block = /^\s*-----BEGIN ([A-Z0-9 #]{1,64})-----\s*?\n([A-Za-z0-9+/=\s]+)-----END \1-----\s*$/;
