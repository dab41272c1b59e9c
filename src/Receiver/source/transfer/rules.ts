import { limits } from "../limits.ts";
import type { Refusal } from "../refusal.ts";

const isThisTheScreen = "Make sure that the screen in front of you is the ceremony's.";
const nextOnesMakeUp = "Nothing is lost, the next codes make up for it. If it stays so, start over.";
const bringAStick = "Ask the room to hand this file over on a USB stick.";
const startOver = "Start over. If it happens again, tell the room: somebody may be showing codes of their own.";
const sameVersion = `${isThisTheScreen} Both sides need the same version of KeyCeremony.`;

/** Refusals of what a code says. The ceremony's program has the same IDs; docs/formats/transfer.md says what each holds. */
export const rules = {
  notOurs: (): Refusal => ({
    rule: "UR-01",
    message: "There is a QR code in the picture that is not part of a transfer.",
    remedy: "Point the camera at the moving code on the ceremony's screen; cover other codes.",
  }),
  otherType: (type: string): Refusal => ({
    rule: "UR-02",
    message: `The code carries data of the type “${type}”. A ceremony sends “compressed”.`,
    remedy: isThisTheScreen,
  }),
  badNumbers: (): Refusal => ({
    rule: "UR-03",
    message: `A code counts its pieces in an impossible way, or there are more than ${limits.pieces}.`,
    remedy: isThisTheScreen,
  }),
  badLetters: (): Refusal => ({
    rule: "UR-04",
    message: "A code holds letters that stand for nothing.",
    remedy: isThisTheScreen,
  }),
  badLettersChecksum: (): Refusal => ({
    rule: "UR-05",
    message: "A code was read with an error.",
    remedy: nextOnesMakeUp,
  }),
  badPart: (what: string): Refusal => ({
    rule: "UR-06",
    message: `A code is not built as a piece of a transfer: ${what}.`,
    remedy: sameVersion,
  }),
  contradiction: (): Refusal => ({
    rule: "UR-07",
    message: "A code contradicts itself.",
    remedy: sameVersion,
  }),
  badMessageLength: (): Refusal => ({
    rule: "UR-08",
    message: `The transfer is empty or larger than the ${limits.messageBytes} bytes that this page takes.`,
    remedy: bringAStick,
  }),
  otherTransfer: (): Refusal => ({
    rule: "UR-09",
    message: "The screen now shows another transfer.",
    remedy: "Ask the room to show the first one again, or give it up and take the new one.",
  }),
  piecesDisagree: (): Refusal => ({
    rule: "UR-10",
    message: "The pieces that arrived do not fit together: one of them is not of this file.",
    remedy: startOver,
  }),
  badMessage: (what: string): Refusal => ({
    rule: "UR-11",
    message: `What arrived is not packed as a ceremony packs it: ${what}.`,
    remedy: sameVersion,
  }),
  containerTooLong: (): Refusal => ({
    rule: "UR-12",
    message: `Unpacked, this would have more than ${limits.containerBytes} bytes.`,
    remedy: bringAStick,
  }),
  badSize: (what: string): Refusal => ({
    rule: "UR-13",
    message: `What arrived cannot be unpacked: ${what}.`,
    remedy: startOver,
  }),
  badContainerChecksum: (): Refusal => ({
    rule: "UR-14",
    message: "What was unpacked does not have its checksum.",
    remedy: startOver,
  }),
  badContainer: (what: string): Refusal => ({
    rule: "UR-15",
    message: `What was unpacked is not a file with its name: ${what}.`,
    remedy: sameVersion,
  }),
  badName: (): Refusal => ({
    rule: "UR-16",
    message: "The file's name is not a plain one.",
    remedy: sameVersion,
  }),
  badType: (): Refusal => ({
    rule: "UR-17",
    message: "The file's type is not a media type.",
    remedy: sameVersion,
  }),
} as const;
