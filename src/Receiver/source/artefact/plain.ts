import { limits } from "../limits.ts";

/**
 * Foreign text as it may be shown: whatever is invisible, changes the writing direction, or cannot be a letter stands as `\uXXXX`,
 * as on the ceremony's own screens. Cut at a limit.
 */
export function plain(text: string): string {
  const shown = text.replace(unseen, (character) => [...utf16(character)].map((unit) => `\\u${unit.toString(16).toUpperCase().padStart(4, "0")}`).join(""));
  return shown.length <= limits.shownCharacters ? shown : `${shown.slice(0, limits.shownCharacters)}… (${shown.length} characters)`;
}

// Controls, format and direction, surrogates, private use, unassigned; line and paragraph separators; every space but the one;
// letters that look like nothing; a third mark above or below the same letter.
const unseen = /[\p{C}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0\u2800\u034F\u17B4\u17B5]|\p{Variation_Selector}|(?! )\p{Zs}|(?<=\p{M}\p{M})\p{M}/gu;

function* utf16(character: string): Iterable<number> {
  for (let i = 0; i < character.length; i++) yield character.charCodeAt(i);
}
