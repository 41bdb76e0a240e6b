/** A path written bare in a text: `Call back about $.ContactLens.PostCall.ContactId`. Dots at its end belong to the sentence. */
const VARIABLE = /\$\.[A-Za-z0-9_-]+(?:\.+[A-Za-z0-9_-]+)*/g;

export function holdsVariable(text: string): boolean {
  return text.search(VARIABLE) !== -1;
}
