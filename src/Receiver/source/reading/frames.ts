import type { Pixels } from "./pixels.ts";

/**
 * Hands over the frames that a video shows, one after the other, until the signal: while one is looked at, others pass by. The
 * fountain code makes up for them.
 */
export async function eachFrame(video: HTMLVideoElement, pixels: Pixels, signal: AbortSignal, look: (frame: ImageData) => Promise<void>): Promise<void> {
  while (await nextFrame(video, signal)) {
    if (video.videoWidth > 0) await look(pixels.of(video, video.videoWidth, video.videoHeight));
  }
}

/** False after the signal. */
function nextFrame(video: HTMLVideoElement, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const stop = (): void => resolve(false);
    signal.addEventListener("abort", stop, { once: true });
    const shown = (): void => {
      signal.removeEventListener("abort", stop);
      resolve(!signal.aborted);
    };
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(shown);
    else requestAnimationFrame(shown);
  });
}
