import type { FieldContentType } from "@aws-sdk/client-customer-profiles";
import { parseDecimal } from "../../../matching/decimal.ts";

/** Digits of a phone number in North America, without and with the country's code. */
const NATIONAL_DIGITS = 10;
const COUNTRY_CODE = "1";

/** Numbers with more zeros than this at an end are written with a power of ten. */
const ZEROS_MAX = 40;

/**
 * The one form that all spellings of a value share, by the content type of its field: what keys are compared by. Nothing of it is shown.
 *
 * What no content type can read is compared as it is written. (Administrator Guide, "Object type mapping definition details"; the forms
 * themselves are ours.)
 */
export function normalised(contentType: FieldContentType | undefined, text: string): string {
  switch (contentType) {
    case undefined:
    case "STRING":
      return text;
    case "NUMBER":
      return normalisedNumber(text);
    case "PHONE_NUMBER":
      return normalisedPhoneNumber(text);
    case "EMAIL_ADDRESS":
      return text.trim().toLowerCase();
    case "NAME":
      return withoutExtraSpace(text).toLowerCase();
  }
}

/** Trimmed, and with one space where there were several characters of white space. */
export function withoutExtraSpace(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** `007`, `7.0` and `0.7e1` are `7`. */
function normalisedNumber(text: string): string {
  const number = parseDecimal(text.trim());
  if (number === undefined) return text;
  const { negative, digits, exponent } = number;
  if (digits === "") return "0";
  const sign = negative ? "-" : "";
  if (exponent < -ZEROS_MAX || exponent > digits.length + ZEROS_MAX) return `${sign}0.${digits}e${exponent}`;
  if (exponent <= 0) return `${sign}0.${"0".repeat(-exponent)}${digits}`;
  if (exponent >= digits.length) return sign + digits.padEnd(exponent, "0");
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

/** `+1 (415) 555-0199`, `14155550199` and `4155550199` are one number. A text without any digit is no number and stays as it is. */
function normalisedPhoneNumber(text: string): string {
  const digits = text.replace(/\D/g, "");
  if (digits === "") return text.trim();
  const isInternational = text.trimStart().startsWith("+");
  return !isInternational && digits.length === NATIONAL_DIGITS ? COUNTRY_CODE + digits : digits;
}
