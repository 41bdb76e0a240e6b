/**
 * What gives itself away by its form or its check digits, wherever it stands. Each takes the text as written (`spoken-digits.ts`) and
 * answers with the spans that hold.
 */
import { passesIban, passesLuhn } from "./checksums.ts";
import type { TextEntityType } from "./entity-types.ts";
import { NUMBER_IN_WORDS } from "./spoken-digits.ts";

export interface Pattern {
  readonly type: TextEntityType;
  /** With the flags `g` and `d`; a group named `value`, where there is one, is the entity. */
  readonly form: RegExp;
  /** The match without blanks, points and hyphens. */
  readonly holds?: (compact: string) => boolean;
}

const MONTHS =
  "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro";
const WEEKDAYS = "(?:mon|tues|wednes|thurs|fri|satur|sun)day";
const ORDINALS =
  "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|twenty[- ](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|thirtieth|thirty[- ]first";
const HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\\d{1,2}";
const DAY = "\\d{1,2}(?:st|nd|rd|th|\\.|º)?";

/** A year in digits, or as it is said: nineteen eighty four, twenty ten, two thousand and five. */
const YEAR = `(?:\\d{4}|(?:nineteen|twenty) ${NUMBER_IN_WORDS}|nineteen hundred|two thousand(?: (?:and )?${NUMBER_IN_WORDS})?)`;

const STREET_KINDS =
  "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Place|Pl|Square|Sq|Terrace|Close|Crescent|Gardens|Highway|Hwy|Parkway|Pkwy|Hill|Park|Row|Grove|Mews|Walk|Alley|Circle|Quay";
const UK_POSTCODE = "[A-Z]{1,2}\\d[A-Z\\d]? ?\\d[A-Z]{2}";
/** What goes with a street whatever the case, in speech without capitals; "way", "place" and the like mean too much else. */
const SPOKEN_STREET_KINDS = "street|road|avenue|lane|drive|court|boulevard|terrace|crescent|gardens|close";
/** United States, United Kingdom, Canada, Ireland, Netherlands, Brazil, Portugal; four to six digits elsewhere. */
const POSTAL_CODE = `(?:\\d{5}-\\d{3,4}|\\d{4}-\\d{3}|${UK_POSTCODE}|[A-Z]\\d[A-Z] ?\\d[A-Z]\\d|[A-Z]\\d[\\dW] ?[A-Z\\d]{4}|\\d{4} ?[A-Z]{2}|\\d{4,6})`;
const TOWN_WORD = "(?:St\\.|\\p{Lu}[\\p{L}'-]*(?![\\p{L}\\d]))";
const TOWN = `${TOWN_WORD}(?: ${TOWN_WORD}){0,3}(?: \\d{1,2}(?!\\w))?`;
/** Quarters of a town, flats, towns, states and codes behind a street. */
const PLACE = `(?: (?:North|South|East|West|[NSEW]|[NS][EW])\\b)?(?:,? (?:Apt|Apartment|Flat|Unit|Suite|Ste|Floor)\\.? ?\\w{1,5})?(?:,? (?:${POSTAL_CODE}\\b ?)?${TOWN}){0,1}(?:, ${TOWN}){0,2}(?:,? ${POSTAL_CODE}\\b)?`;

/** By length of their account numbers ("IBAN Registry", SWIFT). */
const IBAN_COUNTRIES: readonly { readonly length: number; readonly countries: string }[] = [
  { length: 15, countries: "NO" },
  { length: 16, countries: "BE" },
  { length: 18, countries: "DK|FI|FO|GL|NL" },
  { length: 19, countries: "MK|SI" },
  { length: 20, countries: "AT|BA|EE|KZ|LT|LU|XK" },
  { length: 21, countries: "CH|HR|LI|LV" },
  { length: 22, countries: "BG|BH|DE|GB|GE|IE|ME|RS" },
  { length: 23, countries: "AE|GI|IL|IQ|TL" },
  { length: 24, countries: "AD|CZ|ES|MD|PK|RO|SA|SE|SK|TN|VG" },
  { length: 25, countries: "LY|PT|ST" },
  { length: 26, countries: "IS|TR" },
  { length: 27, countries: "FR|GR|IT|MC|MR|SM" },
  { length: 28, countries: "AL|AZ|BY|CY|DO|GT|HU|LB|PL|SV" },
  { length: 29, countries: "BR|EG|PS|QA|UA" },
  { length: 30, countries: "JO|KW|MU" },
  { length: 31, countries: "MT|SC" },
  { length: 32, countries: "LC" },
];

export const PATTERNS: readonly Pattern[] = [
  { type: "EMAIL", form: /(?<![\w.+-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/dg },
  { type: "URL", form: /\bhttps?:\/\/[^\s<>"]*[^\s<>".,;:!?)]/dgi },
  {
    type: "URL",
    form: /(?<![@\w.-])(?:www\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|org|net|io|co|uk|de|fr|es|it|pt|eu|info|biz|gov|edu|example|app|dev|shop)(?:\/[^\s<>"]*[^\s<>".,;:!?)])?\b(?!@)/dgi,
  },
  { type: "MAC_ADDRESS", form: /\b[\da-f]{2}(?:[:-][\da-f]{2}){5}\b|\b[\da-f]{4}\.[\da-f]{4}\.[\da-f]{4}\b/dgi },
  {
    type: "IP_ADDRESS",
    form: /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d]|\.\d)/dg,
  },
  {
    type: "IP_ADDRESS",
    form: /(?<![\w:])(?=[\da-f:]*::|(?:[\da-f]{1,4}:){7}[\da-f])(?:[\da-f]{0,4}:){2,7}[\da-f]{1,4}(?![\w:])/dgi,
  },
  { type: "AWS_ACCESS_KEY", form: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/dg },
  {
    type: "AWS_SECRET_KEY",
    form: /(?<![\w/+])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*[a-z])(?=[A-Za-z0-9/+]*\d)[A-Za-z0-9/+]{38,40}(?![\w/+])/dg,
  },
  ...IBAN_COUNTRIES.map(({ length, countries }) => ({
    type: "INTERNATIONAL_BANK_ACCOUNT_NUMBER" as const,
    form: new RegExp(`\\b(?:${countries})\\d{2}(?: ?[A-Z0-9]){${length - 4}}\\b`, "dgi"),
    holds: passesIban,
  })),
  {
    type: "CREDIT_DEBIT_NUMBER",
    form: /(?<![\d-])(?:\d[ -]?){12,18}\d(?![\d-])/dg,
    holds: (compact) => /^[2-6]/.test(compact) && passesLuhn(compact),
  },
  {
    type: "VEHICLE_IDENTIFICATION_NUMBER",
    // European makers have no check digit; the last four are digits everywhere.
    form: /\b(?=[A-HJ-NPR-Z0-9]*[A-Z])[A-HJ-NPR-Z0-9]{13}\d{4}\b/dg,
  },
  { type: "SSN", form: /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/dg },
  {
    type: "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
    form: /(?<![\d-])9\d{2}-(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])-\d{4}(?![\d-])/dg,
  },
  {
    type: "UK_NATIONAL_INSURANCE_NUMBER",
    form: /\b(?!BG|GB|NK|KN|TN|NT|ZZ)(?:[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]|QQ) ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b/dg,
  },
  { type: "IN_PERMANENT_ACCOUNT_NUMBER", form: /\b[A-Z]{3}[ABCFGHJLPTEKMQ][A-Z]\d{4}[A-Z]\b/dg },
  { type: "IN_NREGA", form: /\b[A-Z]{2}-\d{2}-\d{3}-\d{3}-\d{3}\/\d{1,5}\b/dg },
  { type: "PHONE", form: /(?<![\w+])\+\d{1,3}[ ().-]{0,2}\d(?:[ ().-]{0,2}\d){6,12}\b/dg },
  { type: "PHONE", form: /(?<![\w.-])(?:\(\d{3}\) ?|\d{3}[ .-])?\d{3}[.-]\d{4}(?![\w-]|\.\d)/dg },
  { type: "PHONE", form: /(?<![\d-])0\d{2,4}[ -]?\d{3,4}[ -]?\d{3,4}(?![\d-])/dg },
  // National forms with a trunk 0 in other groups (France in pairs, Germany and Italy with any length), and Spain's nine digits.
  { type: "PHONE", form: /(?<![\d-])0[1-9](?:[ .-]?\d{2}){4}(?![\d-])/dg },
  { type: "PHONE", form: /(?<![\d-])0\d{1,4}[ /-]\d{3,8}(?:[ -]\d{2,4}){0,2}(?![\d-])/dg },
  { type: "PHONE", form: /(?<![\d-])[6789]\d{2} \d{3} \d{3}(?![\d-]| \d)/dg },
  // With its unit, as the vendor's engine has it.
  {
    type: "AGE",
    form: new RegExp(`\\b(?:\\d{1,3}|${NUMBER_IN_WORDS})[ -](?:years?|months?|weeks?|days?)[ -]old\\b`, "dgi"),
  },
  {
    type: "AGE",
    form: /\b(?:he|she|i)(?:'s|'m| is| am) (?<value>\d{1,3})(?=[.,;!?]|$| (?:and|but|now|already|next|this|in)\b)(?![.,]\d)/dgi,
  },
  // UK since 2001, France since 2009, Germany.
  { type: "LICENSE_PLATE", form: /\b[A-HJ-PR-Y]{2}\d{2} ?[A-HJ-PR-Z]{3}\b/dg },
  { type: "LICENSE_PLATE", form: /(?<![\w-])[A-HJ-NP-TV-Z]{2}-\d{3}-[A-HJ-NP-TV-Z]{2}(?![\w-])/dg },
  { type: "LICENSE_PLATE", form: /(?<![\w-])[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4}[EH]?(?![\w-])/dg },
  { type: "ADDRESS", form: new RegExp(`\\b(?:P\\.?O\\.? ?|Post Office )Box \\d+${PLACE}`, "dgu") },
  { type: "ADDRESS", form: /\bp\.?o\.? ?box \d+/dgi },
  {
    type: "ADDRESS",
    form: new RegExp(
      `\\b(?:(?:flat|apartment|apt|unit|suite) )?(?:\\d{1,5}[a-z]?|${NUMBER_IN_WORDS})(?:,? \\d{1,5}[a-z]?)?(?:,? (?!(?:the|an?|of|on|in|at|to|from|for|my|your|our|this|that|down|up|and|or|is|was|by|minutes?|hours?|days?|years?|times?|people|percent)\\b)[\\p{L}'-]{2,20}){1,3} (?:${SPOKEN_STREET_KINDS})\\b`,
      "dgiu",
    ),
  },
  {
    // Houses with a name instead of a number.
    type: "ADDRESS",
    form: new RegExp(
      `(?:\\p{Lu}[\\p{L}'-]{0,30} ){1,3}(?:House|Cottage|Mill|Farm|Lodge|Manor|Hall|Barn|Villa|Rectory), (?:\\p{Lu}[\\p{L}'.-]{0,30} ){1,3}(?:${STREET_KINDS})\\b${PLACE}`,
      "dgu",
    ),
  },
  {
    type: "ADDRESS",
    form: new RegExp(
      `(?:(?:Apt|Apartment|Flat|Unit|Suite) ?\\w{1,4},? )?\\b\\d{1,5}[A-Za-z]?,? (?:\\p{Lu}[\\p{L}'.-]{0,30} ){1,4}(?:${STREET_KINDS})\\b\\.?${PLACE}`,
      "dgu",
    ),
  },
  {
    type: "ADDRESS",
    form: new RegExp(
      `(?<![\\p{L}'.-])(?:\\p{Lu}[\\p{L}'.-]{0,30} ){1,3}(?:${STREET_KINDS}) \\d{1,5}[a-z]?\\b(?:,? \\d{4,5} \\p{Lu}[\\p{L}.-]+)?${PLACE}`,
      "dgu",
    ),
  },
  {
    type: "ADDRESS",
    form: /(?<![\p{L}-])\p{Lu}[\p{L}-]{0,40}(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer)(?: |, )\d{1,4}(?: ?[a-z])?\b(?:,? \d{5} \p{Lu}[\p{L}-]+)?/dgu,
  },
  {
    type: "ADDRESS",
    form: /\b\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|place|chemin|impasse|allée|quai|cours) (?:(?:de|du|des|la|le|les|d'|l') ?){0,3}\p{L}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]+)*(?:,? \d{5} \p{Lu}[\p{L}-]+)?/dgiu,
  },
  {
    type: "ADDRESS",
    form: /\b(?:calle|avenida|avda\.?|plaza|paseo|via|viale|piazza|corso|rua|travessa|praça|largo) (?:(?:de|del|della|di|do|da|dos|las|los|la|el) ){0,3}\p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]+)*,? (?:n\.? ?)?\d{1,4}(?:,? \d{4,5}(?:-\d{3})? \p{Lu}[\p{L}-]+)?/dgiu,
  },
  { type: "ADDRESS", form: new RegExp(`\\b${UK_POSTCODE}\\b`, "dg") },
  { type: "DATE_TIME", form: /(?<![\d/.-])\d{4}-\d{1,2}-\d{1,2}(?:T[\d:.]+Z?)?(?![\d-])/dg },
  { type: "DATE_TIME", form: /(?<![\d/.-])\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})(?![\d/.-])/dg },
  {
    type: "DATE_TIME",
    form: new RegExp(
      `\\b(?:(?:${DAY}|${ORDINALS}) (?:of |de |di )?)(?:${MONTHS})\\b(?:,? (?:de |of )?${YEAR}\\b)?|(?:\\bthe (?:${DAY}|${ORDINALS}) of (?:${MONTHS})\\b(?:,? ${YEAR}\\b)?)`,
      "dgiu",
    ),
  },
  {
    type: "DATE_TIME",
    form: new RegExp(
      `\\b(?:${MONTHS.replace("may|", "")}|may(?= \\d))(?: (?:${DAY}|the (?:${ORDINALS})|${ORDINALS}))?(?:,? ${YEAR})?(?![\\p{L}\\d])`,
      "dgiu",
    ),
  },
  {
    type: "DATE_TIME",
    form: new RegExp(`\\b(?:(?:next|last|this) )?${WEEKDAYS}\\b(?: (?:morning|afternoon|evening|night))?`, "dgi"),
  },
  { type: "DATE_TIME", form: /\b(?:yesterday|tomorrow|tonight|today)\b/dgi },
  {
    type: "DATE_TIME",
    form: new RegExp(`\\b(?:${HOURS})(?::[0-5]\\d)? ?(?:a\\.?m\\.?|p\\.?m\\.?|o'clock|Uhr)(?![a-z])`, "dgi"),
  },
  { type: "DATE_TIME", form: /(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\d:])/dg },
  { type: "DATE_TIME", form: new RegExp(`\\b(?:half|quarter|ten|twenty|five) (?:past|to) (?:${HOURS})\\b`, "dgi") },
];
