/** A filter pattern, ready to be asked. */
export interface FilterPattern {
  matches(message: string): boolean;
  /** Of a message that matches, the values that the pattern names: `$.eventType`, `$bytes`. */
  valuesOf(message: string): ReadonlyMap<string, string>;
}
