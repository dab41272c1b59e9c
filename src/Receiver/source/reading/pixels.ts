import { limits } from "../limits.ts";

/** Turns pictures and frames into pixels, with one canvas for all. */
export class Pixels {
  private readonly context: CanvasRenderingContext2D;

  constructor() {
    this.context = document.createElement("canvas").getContext("2d", { willReadFrequently: true, alpha: false })!;
  }

  /** Scaled down where it is larger than the QR decoder needs. */
  of(source: CanvasImageSource, width: number, height: number): ImageData {
    const scale = Math.min(1, limits.lookedAtSide / Math.max(width, height));
    const canvas = this.context.canvas;
    const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    this.context.drawImage(source, 0, 0, w, h);
    return this.context.getImageData(0, 0, w, h);
  }
}
