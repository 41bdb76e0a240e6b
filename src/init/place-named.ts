import type { Place } from "./init-file.ts";

/** A path of the validation's messages: `at 'targets.2.member.id'`. */
const PATH = /\bat '([^']+)'/g;

/** Words that could name a member. */
const WORD = /[A-Za-z][A-Za-z0-9]{3,}/g;

/**
 * Where the member stands that a server's message finds fault with: of a path as far as it leads, or else the longest name of a member
 * that the message has as a word. `undefined` where it names none, or one that is not in the file.
 */
export function placeNamed(places: ReadonlyMap<string, Place>, message: string): Place {
  for (const [, path = ""] of message.matchAll(PATH)) {
    const steps = path
      .toLowerCase()
      .split(".")
      .filter((step) => step !== "member");
    for (let length = steps.length; length > 0; length--) {
      const place = places.get(steps.slice(0, length).join(" "));
      if (place) return place;
    }
  }
  const said = message.replace(/^\w+: \w+: /, "");
  const words = new Set((said.match(WORD) ?? []).map((word) => word.toLowerCase()));
  const named = [...places].filter(([path]) => words.has(lastOf(path)));
  return named.sort(([a], [b]) => lastOf(b).length - lastOf(a).length)[0]?.[1];
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf(" ") + 1);
}
