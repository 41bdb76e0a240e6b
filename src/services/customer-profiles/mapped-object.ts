import type { StandardIdentifier } from "@aws-sdk/client-customer-profiles";
import type { Scalar } from "../../matching/predicate.ts";
import type { ObjectType } from "./object-type.ts";

export interface MappedObject {
  readonly fields: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  readonly keys: readonly MappedKey[];
  readonly targets: readonly MappedTarget[];
  readonly inferred: { readonly EmailAddress?: string; readonly PhoneNumber?: string };
  readonly sourceMs?: number;
}

export interface MappedKey {
  readonly name: string;
  readonly identifiers: readonly StandardIdentifier[];
  readonly parts: readonly string[];
  readonly isEmpty: boolean;
  readonly object?: string;
}

export interface MappedTarget {
  readonly object: string;
  readonly path: readonly (string | number)[];
  readonly value: string | number;
}

export function mapObject(_type: ObjectType, _object: Readonly<Record<string, unknown>>): MappedObject {
  throw new Error("to come");
}
