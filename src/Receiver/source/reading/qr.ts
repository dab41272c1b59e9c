import decodeWithQr from "qr/decode.js";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

/** Finds QR codes in a picture: their texts, none where there is none. */
export interface QrReader {
  readonly name: "zxing-wasm" | "qr";
  read(picture: ImageData): Promise<string[]>;
}

/** zxing where WebAssembly runs; else, for example under a browser's lockdown mode, a decoder in plain JavaScript. */
export async function openQrReader(wasm: () => ArrayBuffer): Promise<QrReader> {
  if (typeof WebAssembly === "undefined") return plainReader;
  try {
    // Without its own bytes it would fetch them from somewhere.
    await prepareZXingModule({ overrides: { wasmBinary: wasm() }, fireImmediately: true });
    return zxingReader;
  } catch (error) {
    console.warn("WebAssembly does not run here; codes are read more slowly.", error);
    return plainReader;
  }
}

const zxingReader: QrReader = {
  name: "zxing-wasm",
  async read(picture) {
    const found = await readBarcodes(picture, { formats: ["QRCode"], tryHarder: true, tryInvert: false, textMode: "Plain" });
    return found.filter(({ isValid }) => isValid).map(({ text }) => text);
  },
};

const plainReader: QrReader = {
  name: "qr",
  async read(picture) {
    try {
      return [decodeWithQr(picture)];
    } catch {
      return []; // it throws when there is no code
    }
  },
};
