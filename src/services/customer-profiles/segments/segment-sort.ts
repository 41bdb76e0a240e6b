import { type Decimal, parseDecimal } from "../../../matching/decimal.ts";
import { parseInstant } from "../../../matching/instant.ts";
import type { SegmentDocument } from "../../../matching/profile-segment.ts";
import type { Reader } from "../../../store/store.ts";
import { getCalculatedAttribute } from "../calculated-attributes/calculated-attribute.ts";
import type { Domain } from "../domain.ts";
import { badRequest } from "../errors.ts";
import { isLeaf, keptLeaf, leafValue, type ProfileFields } from "../profile-fields.ts";

/** In which order a segment's profiles are written. (The SDK that other types come from does not have it yet.) */
export interface SegmentSort {
  readonly Attributes: readonly SortAttribute[];
}

interface SortAttribute {
  readonly Name: string;
  readonly Order: "ASC" | "DESC";
  readonly DataType?: "STRING" | "NUMBER" | "DATE" | undefined;
  readonly Type?: "PROFILE" | "CALCULATED" | undefined;
}

/** Throws `BadRequestException` for a field that no profile has, and `ResourceNotFoundException` for a calculated attribute. */
export async function checkSort(reader: Reader, domain: Domain, { Attributes }: SegmentSort): Promise<void> {
  for (const [index, { Name: name, Type }] of Attributes.entries()) {
    if (Type === "CALCULATED") await getCalculatedAttribute(reader, domain, name);
    else if (!isLeaf(name)) throw badRequest(`SegmentSort.Attributes[${index}].Name: no profile has a field ${name}`);
  }
}

/** The calculated attributes that an order looks at. */
export function sortedBy({ Attributes }: SegmentSort): readonly { readonly name: string }[] {
  return Attributes.flatMap(({ Name: name, Type }) => (Type === "CALCULATED" ? [{ name }] : []));
}

/**
 * A text by which profiles are in the order that a segment asks for, as texts are ordered by their bytes. What has no value, or none of the
 * attribute's type, comes last either way (our choice).
 */
export function sortKey({ Attributes }: SegmentSort, { _profile, _calculated }: SegmentDocument): string {
  return Attributes.map((attribute) => {
    const { Name: name, Type, Order } = attribute;
    const value = Type === "CALCULATED" ? _calculated[name] : leafValue(_profile as ProfileFields, keptLeaf(name));
    const comparable = value === undefined ? undefined : comparableText(value, attribute);
    return comparable === undefined ? MISSING : `${PRESENT}${bytesText(comparable, Order === "DESC")}`;
  }).join("");
}

const PRESENT = "0";
const MISSING = "1";

/** Texts of one type that are in the order of their values. */
function comparableText(value: string, { DataType }: SortAttribute): string | undefined {
  switch (DataType) {
    case "NUMBER": {
      const decimal = parseDecimal(value);
      return decimal && decimalText(decimal);
    }
    case "DATE": {
      const instant = parseInstant(value);
      return instant === undefined ? undefined : String(instant + INSTANT_OFFSET).padStart(16, "0");
    }
    default:
      return value;
  }
}

/** No date that can be written lies as far before 1970. */
const INSTANT_OFFSET = 1_000_000_000_000_000;

/** Exponents have at most six digits, and a number's own digits shift them by no more than a text is long. */
const EXPONENT_OFFSET = 10_000_000;

/** Sign, exponent, digits; of a negative number both are turned round, and it ends behind all digits. */
function decimalText({ negative, digits, exponent }: Decimal): string {
  if (digits === "") return "1";
  const size = `${String(exponent + EXPONENT_OFFSET).padStart(8, "0")}${digits}`;
  return negative ? `0${size.replace(/\d/g, (digit) => String(9 - Number(digit)))}~` : `2${size}`;
}

/** Hexadecimal, with an end that comes before all that goes on; turned round for the other direction. */
function bytesText(text: string, isDescending: boolean): string {
  const bytes = Buffer.from(text);
  if (!isDescending) return `${bytes.toString("hex")}!`;
  return `${Buffer.from(bytes.map((byte) => 255 - byte)).toString("hex")}~`;
}
