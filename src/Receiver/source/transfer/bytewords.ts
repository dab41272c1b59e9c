import { Refused } from "../refusal.ts";
import { crc32 } from "./crc32.ts";
import { rules } from "./rules.ts";

/**
 * Bytewords in their minimal style, in lower case, BCR-2020-012: the first and last letter of a word for each byte, then the
 * CRC-32 of the bytes. Refused with UR-04 and UR-05.
 */
export function fromBytewords(letters: string): Uint8Array {
  if (letters.length % 2 !== 0 || letters.length <= 2 * checksumBytes) throw new Refused(rules.badLetters());
  const bytes = new Uint8Array(letters.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const byte = byPair.get(letters.slice(2 * i, 2 * i + 2));
    if (byte === undefined) throw new Refused(rules.badLetters());
    bytes[i] = byte;
  }
  const body = bytes.subarray(0, -checksumBytes);
  if (crc32(body) !== new DataView(bytes.buffer, body.length).getUint32(0)) throw new Refused(rules.badLettersChecksum());
  return body;
}

const checksumBytes = 4;

const words = `
  able acid also apex aqua arch atom aunt away axis back bald barn belt beta bias
  blue body brag brew bulb buzz calm cash cats chef city claw code cola cook cost
  crux curl cusp cyan dark data days deli dice diet door down draw drop drum dull
  duty each easy echo edge epic even exam exit eyes fact fair fern figs film fish
  fizz flap flew flux foxy free frog fuel fund gala game gear gems gift girl glow
  good gray grim guru gush gyro half hang hard hawk heat help high hill holy hope
  horn huts iced idea idle inch inky into iris iron item jade jazz join jolt jowl
  judo jugs jump junk jury keep keno kept keys kick kiln king kite kiwi knob lamb
  lava lazy leaf legs liar limp lion list logo loud love luau luck lung main many
  math maze memo menu meow mild mint miss monk nail navy need news next noon note
  numb obey oboe omit onyx open oval owls paid part peck play plus poem pool pose
  puff puma purr quad quiz race ramp real redo rich road rock roof ruby ruin runs
  rust safe saga scar sets silk skew slot soap solo song stub surf swan taco task
  taxi tent tied time tiny toil tomb toys trip tuna twin ugly undo unit urge user
  vast very veto vial vibe view visa void vows wall wand warm wasp wave waxy webs
  what when whiz wolf work yank yawn yell yoga yurt zaps zero zest zinc zone zoom
`;

const byPair = new Map(words.trim().split(/\s+/).map((word, byte) => [word[0] + word[3], byte]));
