import type { Artefact } from "../transfer/unpack.ts";

/** Offers the bytes as a download. Whatever they are, the browser only stores them. */
export function saveFile({ data, name }: Artefact): void {
  const address = URL.createObjectURL(new Blob([data], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Some browsers begin to read only after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
