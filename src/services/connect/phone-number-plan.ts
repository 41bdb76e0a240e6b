/**
 * Telephone numbers as far as countries and types go. There is no carrier here: numbers that can be claimed are made up, the same ones
 * for the same question.
 */
import type { PhoneNumberCountryCode, PhoneNumberType } from "@aws-sdk/client-connect";

/** Whose number it is, and of what type. */
export interface NumberPlan {
  readonly country: PhoneNumberCountryCode;
  readonly type: PhoneNumberType;
}

/**
 * What numbers of a country begin with (ITU-T E.164 assignments). Numbers are made up behind the first of several prefixes.
 * Countries that share a calling code have a region of it. Those without one of their own in use have that of who serves them.
 */
const PREFIXES: ReadonlyMap<PhoneNumberCountryCode, readonly string[]> = new Map(
  `AD376 AE971 AF93 AG1268 AI1264 AL355 AM374 AN599 AO244 AQ6721 AR54 AS1684 AT43 AU61 AW297 AZ994 BA387 BB1246 BD880 BE32
  BF226 BG359 BH973 BI257 BJ229 BL590590 BM1441 BN673 BO591 BR55 BS1242 BT975 BW267 BY375 BZ501
  CA1416,1204,1226,1236,1249,1250,1263,1289,1306,1343,1354,1365,1367,1368,1382,1403,1418,1428,1431,1437,1438,1450,1468,1474,1506,1514,1519,1548,1579,1581,1584,1587,1604,1613,1639,1647,1672,1683,1705,1709,1742,1753,1778,1780,1782,1807,1819,1825,1867,1873,1879,1902,1905
  CC6189162 CD243 CF236 CG242 CH41 CI225 CK682 CL56 CM237 CN86 CO57 CR506 CU53 CV238 CW5999 CX6189164 CY357 CZ420
  DE49 DJ253 DK45 DM1767 DO1809,1829,1849 DZ213 EC593 EE372 EG20 EH2125288 ER291 ES34 ET251 FI358 FJ679 FK500 FM691 FO298 FR33
  GA241 GB44 GD1473 GE995 GG441481 GH233 GI350 GL299 GM220 GN224 GQ240 GR30 GT502 GU1671 GW245 GY592 HK852 HN504 HR385 HT509 HU36
  ID62 IE353 IL972 IM441624 IN91 IO246 IQ964 IR98 IS354 IT39 JE441534 JM1876,1658 JO962 JP81
  KE254 KG996 KH855 KI686 KM269 KN1869 KP850 KR82 KW965 KY1345 KZ77,76 LA856 LB961 LC1758 LI423 LK94 LR231 LS266 LT370 LU352 LV371
  LY218 MA212 MC377 MD373 ME382 MF590690 MG261 MH692 MK389 ML223 MM95 MN976 MO853 MP1670 MR222 MS1664 MT356 MU230 MV960 MW265 MX52
  MY60 MZ258 NA264 NC687 NE227 NG234 NI505 NL31 NO47 NP977 NR674 NU683 NZ64 OM968 PA507 PE51 PF689 PG675 PH63 PK92 PL48 PM508
  PN6498 PR1787,1939 PT351 PW680 PY595 QA974 RE262 RO40 RS381 RU7 RW250 SA966 SB677 SC248 SD249 SE46 SG65 SH290 SI386 SJ4779 SK421
  SL232 SM378 SN221 SO252 SR597 ST239 SV503 SX1721 SY963 SZ268 TC1649 TD235 TG228 TH66 TJ992 TK690 TL670 TM993 TN216 TO676 TR90
  TT1868 TV688 TW886 TZ255 UA380 UG256 US1 UY598 UZ998 VA3906698 VC1784 VE58 VG1284 VI1340 VN84 VU678 WF681 WS685 YE967 YT262269
  ZA27 ZM260 ZW263`
    .split(/\s+/)
    .map((entry) => [entry.slice(0, 2) as PhoneNumberCountryCode, entry.slice(2).split(",")]),
);

const COUNTRIES: ReadonlyMap<string, PhoneNumberCountryCode> = new Map(
  [...PREFIXES].flatMap(([country, prefixes]) => prefixes.map((prefix) => [prefix, country])),
);

const PREFIX_DIGITS_MAX = 8;

/** What stands before a country's national numbers. `undefined`: there is no such country. */
export function callingCodeOf(country: string): string | undefined {
  const [prefix, ...others] = PREFIXES.get(country as PhoneNumberCountryCode) ?? [];
  // A country with several has regions of the North American plan, whose numbers have theirs in them.
  return others.length > 0 ? prefix?.slice(0, 1) : prefix;
}

/** What follows the prefix of a toll-free number. North America has several more codes, all of them counted as the United States'. */
const TOLL_FREE = "800";
const NORTH_AMERICAN_TOLL_FREE = /^1(?:800|833|844|855|866|877|888)/;

/**
 * Whose number this is. `undefined`: no country's.
 *
 * A number in E.164 is either toll-free or a direct inward dialling one; the other types come with carriers (our choice).
 */
export function planOf(number: string): NumberPlan | undefined {
  const digits = number.slice(1);
  if (NORTH_AMERICAN_TOLL_FREE.test(digits)) return { country: "US", type: "TOLL_FREE" };
  for (let length = PREFIX_DIGITS_MAX; length > 0; length--) {
    const country = COUNTRIES.get(digits.slice(0, length));
    if (country) return { country, type: digits.startsWith(TOLL_FREE, length) ? "TOLL_FREE" : "DID" };
  }
  return undefined;
}

/** Digits of a number that is made up, where the country leaves room for four of its own. */
const DIGITS = 11;

/** Numbers that begin alike, each with its place from 0. */
export interface NumberRange {
  readonly count: number;
  at(place: number): string;
}

/**
 * The numbers that can be made up for a plan, among them some of other plans where the caller's prefix is short. `undefined`: none
 * fits that prefix, or numbers of this type are not made up.
 */
export function numbersOf({ country, type }: NumberPlan, prefix = ""): NumberRange | undefined {
  const stem = stemOf(country, type);
  if (stem === undefined) return undefined;

  const wanted = prefix.replace("+", "");
  const isOwn = PREFIXES.get(country)?.some((own) => wanted.startsWith(own));
  const begin = stem.startsWith(wanted) ? stem : isOwn ? wanted : undefined;
  if (begin === undefined) return undefined;

  const free = Math.max(DIGITS, stem.length + 4) - begin.length;
  const count = 10 ** free;
  return { count, at: (place) => `+${begin}${free === 0 ? "" : String(scattered(place, count)).padStart(free, "0")}` };
}

/** What numbers begin with where the caller has no wish. In North America it is the exchange that is set aside for fiction. */
function stemOf(country: PhoneNumberCountryCode, type: PhoneNumberType): string | undefined {
  const [prefix] = PREFIXES.get(country) ?? [];
  if (prefix === undefined) return undefined;
  if (type === "TOLL_FREE") return prefix + TOLL_FREE;
  if (type !== "DID") return undefined;
  if (country === "US") return "1206555";
  return prefix.length === 4 && prefix.startsWith("1") ? `${prefix}555` : `${prefix}20`;
}

/** Neighbours lie apart, as numbers on offer do. One place for each: 7,919 and a power of ten have no common factor. */
function scattered(place: number, count: number): number {
  return (place * 7_919 + 137) % count;
}
