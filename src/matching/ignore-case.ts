/**
 * Comparison without regard to case as EventBridge's engine does it (aws/event-ruler, `EqualsIgnoreCaseParser`): character by character, a
 * character of the pattern is met by its lower-case or by its upper-case form. So `é` meets `É`, and `ß` meets `ß` and `SS` but not `ss`;
 * and a title-case letter, which is neither (`ǅ`), meets `ǆ` and `Ǆ` but not itself.
 *
 * A character is a code point. The engine takes UTF-16 units, and so turns each half of a character beyond them into a question mark.
 */

export function equalsIgnoringCase(value: string, pattern: string): boolean {
  return endOfPrefix(value, pattern) === value.length;
}

export function hasPrefixIgnoringCase(value: string, pattern: string): boolean {
  return endOfPrefix(value, pattern) !== undefined;
}

export function hasSuffixIgnoringCase(value: string, pattern: string): boolean {
  let end = value.length;
  for (const character of [...pattern].reverse()) {
    const form = formsOf(character).find((each) => value.endsWith(each, end));
    if (form === undefined) return false;
    end -= form.length;
  }
  return true;
}

/** One form for all texts that a pattern can meet: to look a value up by. Texts with the same form need not meet each other. */
export function foldCase(text: string): string {
  // To lower case first, for `ẞ`: it has a lower case, `ß`, but is not the upper case of it, which is `SS`.
  return isAscii(text) ? text.toLowerCase() : lowerEach(lowerEach(text).toUpperCase());
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** Character by character, as the comparison goes: a whole text's lower case would let a final sigma depend on what stands before it. */
function lowerEach(text: string): string {
  return Array.from(text, (character) => character.toLowerCase()).join("");
}

/** The forms of one character never begin or end with each other, so the first that fits is the only one. */
function endOfPrefix(value: string, pattern: string): number | undefined {
  let end = 0;
  for (const character of pattern) {
    const form = formsOf(character).find((each) => value.startsWith(each, end));
    if (form === undefined) return undefined;
    end += form.length;
  }
  return end;
}

function formsOf(character: string): readonly string[] {
  return [character.toLowerCase(), character.toUpperCase()];
}
