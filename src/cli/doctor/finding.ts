/** What a check has found. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string;
  /** `fail`: a start would not work, or what is kept is in danger. */
  readonly state: "ok" | "warn" | "fail";
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

export const ok = (check: string, found: string): Finding => ({ check, state: "ok", found });
export const warn = (check: string, found: string, advice: string): Finding => ({
  check,
  state: "warn",
  found,
  advice,
});
export const fail = (check: string, found: string, advice: string): Finding => ({
  check,
  state: "fail",
  found,
  advice,
});
