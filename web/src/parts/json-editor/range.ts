/** A part of a text. */
export interface Range {
  readonly from: number;
  readonly to: number;
}
