/**
 * Comparison without regard to case as EventBridge's engine does it (aws/event-ruler): character by character, a character of the
 * pattern is met by its lower-case or by its upper-case form. So `é` meets `É`, and `ß` meets `ß` and `SS` but not `ss`.
 */

export function equalsIgnoringCase(value: string, pattern: string): boolean {
  return value === pattern || endOfPrefix(value, pattern) === value.length;
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
  // Character by character, as the comparison goes: a whole text's lower case would let a final sigma depend on what stands before it.
  return isAscii(text) ? text.toLowerCase() : Array.from(text.toUpperCase(), (each) => each.toLowerCase()).join("");
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

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
