import { limits } from "../limits.ts";
import { Refused } from "../refusal.ts";
import { rules } from "../rules.ts";
import { eachFrame } from "./frames.ts";
import type { Pixels } from "./pixels.ts";

/** Where in the chosen files the page is, in words. */
export type Where = (text: string) => void;

/** Looks at pictures and videos, one after the other, until the signal. Refused with RECV-06, RECV-07. */
export async function eachPicture(
  files: readonly File[],
  video: HTMLVideoElement,
  pixels: Pixels,
  signal: AbortSignal,
  where: Where,
  look: (picture: ImageData) => Promise<void>,
): Promise<void> {
  if (files.length > limits.mediaFiles) throw new Refused(rules.mediaTooLarge(files[0].name));
  for (const [i, file] of files.entries()) {
    if (signal.aborted) return;
    if (file.size > limits.mediaBytes) throw new Refused(rules.mediaTooLarge(file.name));
    const place = files.length > 1 ? `File ${i + 1} of ${files.length}` : "Your file";
    where(place);
    if (file.type.startsWith("video/")) await lookAtVideo(file, video, pixels, signal, (time) => where(`${place}, ${time}`), look);
    else await look(await pixelsOf(file, pixels));
  }
}

async function pixelsOf(file: File, pixels: Pixels): Promise<ImageData> {
  const picture = await createImageBitmap(file).catch(() => {
    throw new Refused(rules.notMedia(file.name));
  });
  try {
    if (picture.width * picture.height > limits.picturePixels) throw new Refused(rules.mediaTooLarge(file.name));
    return pixels.of(picture, picture.width, picture.height);
  } finally {
    picture.close();
  }
}

/** A device that cannot keep up sees other frames in a slower pass. */
const speeds = [1, 0.5, 0.25];

async function lookAtVideo(file: File, video: HTMLVideoElement, pixels: Pixels, signal: AbortSignal, where: Where, look: (picture: ImageData) => Promise<void>): Promise<void> {
  const address = URL.createObjectURL(file);
  try {
    video.srcObject = null;
    video.src = address;
    for (const speed of speeds) {
      if (signal.aborted) return;
      video.currentTime = 0;
      video.playbackRate = speed;
      await playToTheEnd(video, file.name, pixels, signal, where, look);
    }
  } finally {
    video.pause();
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(address);
  }
}

async function playToTheEnd(video: HTMLVideoElement, name: string, pixels: Pixels, signal: AbortSignal, where: Where, look: (picture: ImageData) => Promise<void>): Promise<void> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  video.addEventListener("ended", end);
  video.addEventListener("error", end);
  signal.addEventListener("abort", end);
  try {
    await video.play().catch(() => {
      if (!signal.aborted) throw new Refused(rules.notMedia(name));
    });
    await eachFrame(video, pixels, ended.signal, async (frame) => {
      where(`second ${Math.floor(video.currentTime)}`);
      await look(frame);
    });
    if (video.error) throw new Refused(rules.notMedia(name));
  } finally {
    video.removeEventListener("ended", end);
    video.removeEventListener("error", end);
    signal.removeEventListener("abort", end);
  }
}
