/**
 * An SDK input type with what validation by the model has proved: members that the model requires are there.
 *
 * The SDK's types write a required member as `Name: string | undefined`, and an optional one as `Name?: string | undefined`.
 * Validation refuses a missing required member and drops `null`, so what is left of `undefined` is only absence.
 */
export type Validated<T> = T extends (infer E)[]
  ? // A tuple is the SDK's word for a member of a union that it does not know.
    T extends [unknown, unknown]
    ? T
    : Validated<E>[]
  : T extends Uint8Array | Date | AsyncIterable<unknown>
    ? T
    : T extends object
      ? {
          [K in keyof T]: undefined extends T[K]
            ? object extends Pick<T, K>
              ? Validated<T[K]>
              : Validated<Exclude<T[K], undefined>>
            : Validated<T[K]>;
        }
      : T;
