/** Everything that comes in has a limit. Those of a transfer stand in docs/formats/transfer.md, with their reasons. */
export const limits = {
  /** Characters of one QR code. */
  codeCharacters: 4296,
  /** Pieces of one transfer. */
  pieces: 4096,
  /** Bytes of one transfer, packed. */
  messageBytes: 1024 * 1024,
  /** Bytes of the container after unpacking. */
  containerBytes: 16 * 1024 * 1024,
  /** Pixels of a picture that was chosen as a file: the largest a phone takes. */
  picturePixels: 64_000_000,
  /** Pixels along the longer side of what the QR decoder looks at: eight for each module of the largest code and its margin. */
  lookedAtSide: 2048,
  /** Bytes of a picture or video that was chosen: half an hour of a phone's video. */
  mediaBytes: 4 * 1024 * 1024 * 1024,
  /** Pictures and videos chosen at once: three pictures for each piece of the longest transfer. */
  mediaFiles: 12_288,
  /** Bytes of a name inside a certificate or list: what the ceremony itself accepts. */
  nameBytes: 1024,
  /** Bytes of JSON that is looked into for words. */
  jsonBytes: 1024 * 1024,
  /** Attributes that are shown of a name, and subjects that are shown of a statement. */
  shownItems: 16,
  /** Characters that are shown of one foreign text. */
  shownCharacters: 256,
} as const;
