/** A line with somebody else's text in it: what would steer the terminal is shown instead. */
export function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
