import type { Refusal } from "./refusal.ts";

/** Refusals of this page alone, beside those of a transfer. docs/handbook/receiver.md explains each. */
export const rules = {
  noCameraHere: (): Refusal => ({
    rule: "RECV-01",
    message: "This browser gives the page no camera here.",
    remedy: "Open the page as a file in Chrome, Edge or Firefox, or over https. Or record the ceremony's screen and choose the video.",
  }),
  cameraDenied: (): Refusal => ({
    rule: "RECV-02",
    message: "The camera was not allowed.",
    remedy: "Allow the camera for this page (the sign beside the address), then start it again.",
  }),
  noCamera: (): Refusal => ({
    rule: "RECV-03",
    message: "No camera was found.",
    remedy: "Connect one and start it again. Or record the ceremony's screen with a phone and choose the video.",
  }),
  cameraBusy: (): Refusal => ({
    rule: "RECV-04",
    message: "The camera does not start; perhaps another program uses it.",
    remedy: "Close other programs that use the camera, then start it again.",
  }),
  cameraGone: (): Refusal => ({
    rule: "RECV-05",
    message: "The camera went away.",
    remedy: "Connect it and start it again. The pieces that arrived are kept.",
  }),
  notMedia: (name: string): Refusal => ({
    rule: "RECV-06",
    message: `“${name}” is no picture or video that this browser can open.`,
    remedy: "Choose a PNG or JPEG picture, or a video in the form in which this device records it.",
  }),
  mediaTooLarge: (name: string): Refusal => ({
    rule: "RECV-07",
    message: `“${name}” is larger than this page takes, or there are too many files.`,
    remedy: "Choose a shorter video, or fewer or smaller pictures.",
  }),
  nothingFound: (): Refusal => ({
    rule: "RECV-08",
    message: "No code of a ceremony was found in what you chose.",
    remedy: "The whole code with its white border must be in the picture, sharp and without reflections.",
  }),
  notEnough: (rank: number, pieces: number): Refusal => ({
    rule: "RECV-09",
    message: `What you chose holds ${rank} of ${pieces} pieces.`,
    remedy: "Choose another video or more pictures of the same transfer. The pieces that arrived are kept.",
  }),
  wordsDiffer: (): Refusal => ({
    rule: "RECV-10",
    message: "The words differ: this is not the file that the room sent.",
    remedy: "Do not use it. Tell the room, and find out who came between their screen and your camera.",
  }),
  oldBrowser: (): Refusal => ({
    rule: "RECV-11",
    message: "This browser is too old to unpack what arrived.",
    remedy: "Use one of 2023 or later: Chrome or Edge 103, Firefox 113, Safari 16.4.",
  }),
  alreadyHere: (): Refusal => ({
    rule: "RECV-12",
    message: "You have received what you chose before.",
    remedy: "It stands in the list below; removed there, it can be received again.",
  }),
  broken: (what: string): Refusal => ({
    rule: "RECV-13",
    message: `Something in the page went wrong: ${what}.`,
    remedy: "Save what you have received, then open the page again. If it stays so, take another browser.",
  }),
} as const;
