/**
 * What can only be told from what is said before it: "my PIN is 4271", or the other side's question, "and the PIN, please?". A cue is
 * looked for in the text and in the question; the value that follows it within some characters is the entity.
 */
import { passesLuhn, passesRouting } from "./checksums.ts";
import type { TextEntityType } from "./entity-types.ts";
import { NUMBER_IN_WORDS } from "./spoken-digits.ts";

export interface Cue {
  readonly type: TextEntityType;
  readonly cue: RegExp;
  /** With the flags `g` and `d`. */
  readonly value: RegExp;
  readonly holds?: (compact: string) => boolean;
}

/** Characters between a cue and its value. */
export const CUE_REACH = 45;

const digits = (min: number, max: number): RegExp =>
  new RegExp(`(?<![\\w-])(?:\\d[ -]?){${min - 1},${max - 1}}\\d(?![\\w]|-\\w)`, "dg");
/** Letters and digits with at least one digit, in groups. */
const code = (min: number, max: number): RegExp =>
  new RegExp(`(?<![\\w-])(?=[A-Za-z -]*\\d)[A-Z0-9](?:[ -]?[A-Z0-9]){${min - 1},${max - 1}}(?![\\w])`, "dg");

const AGE_WORDS = new RegExp(`\\b(?:\\d{1,3}|${NUMBER_IN_WORDS})\\b(?!\\d|[:/-]|\\.\\d)`, "dgi");
/** A month and a year, also without a sign between ("oh six thirty") or the year in words. */
const DATES = new RegExp(
  `\\b\\d{1,2} ?[/-] ?(?:20)?\\d{2}\\b|\\b(?:0[1-9]|1[0-2]) ?(?:20)?\\d{2}\\b|\\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*,? (?:of )?(?:(?:20)?\\d{2}|(?:twenty )?${NUMBER_IN_WORDS})\\b`,
  "dgi",
);

export const CUES: readonly Cue[] = [
  { type: "PIN", cue: /\bpin\b(?: (?:code|number))?/gi, value: digits(4, 6) },
  {
    type: "CREDIT_DEBIT_CVV",
    cue: /\b(?:cv[vcn]|cid|cav)2?\b|security (?:code|number)|verification (?:code|number)|(?:digits|number|code) on the back|\bcard\b.{0,30}\bcode\b/gi,
    value: digits(3, 4),
  },
  {
    type: "CREDIT_DEBIT_EXPIRY",
    cue: /expir(?:es|y|ation)|\bexp\b|valid (?:until|thru|through)|good (?:until|thru|through)|card expire/gi,
    value: DATES,
  },
  { type: "BANK_ROUTING", cue: /routing|transit number|\bABA\b/gi, value: digits(9, 9), holds: passesRouting },
  { type: "BANK_ROUTING", cue: /routing (?:transit )?(?:number|code)/gi, value: digits(9, 9) },
  { type: "BANK_ROUTING", cue: /sort ?code/gi, value: digits(6, 6) },
  { type: "BANK_ROUTING", cue: /\bBSB\b|\bbranch (?:code|number)/gi, value: digits(6, 6) },
  { type: "BANK_ROUTING", cue: /transit|institution/gi, value: digits(8, 9) },
  { type: "BANK_ROUTING", cue: /bankleitzahl|\bBLZ\b/gi, value: digits(8, 8) },
  { type: "BANK_ROUTING", cue: /\bIFSC\b/gi, value: /\b[A-Z]{4}0[A-Z0-9]{6}\b/dgi },
  {
    type: "BANK_ACCOUNT_NUMBER",
    cue: /account (?:number|no\.?|is|ends)|(?:to|bank|checking|savings|current|the|from|into) account\b|\baccount(?= \d)|kontonummer|num[ée]ro de compte|número de cuenta|numero di conto|número da conta/gi,
    value: digits(6, 17),
  },
  {
    type: "SWIFT_CODE",
    cue: /\bswift\b(?: code)?|\bBIC\b|bank identifier code/gi,
    value: /\b[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b/dg,
  },
  {
    type: "CA_HEALTH_NUMBER",
    cue: /\bOHIP\b|health (?:card|number|insurance number)/gi,
    value: /(?<![\w-])\d{4}[ -]?\d{3}[ -]?\d{3}(?:[ -]?[A-Z]{2})?(?!\w)/dg,
  },
  { type: "UK_NATIONAL_HEALTH_SERVICE_NUMBER", cue: /\bnhs\b/gi, value: digits(10, 10) },
  {
    type: "CA_SOCIAL_INSURANCE_NUMBER",
    cue: /social insurance|\bSIN\b|\bsin (?:number|is)\b/gi,
    value: digits(9, 9),
    holds: passesLuhn,
  },
  {
    type: "SSN",
    cue: /social security|\bssn\b|\bsocial(?! (?:insurance|media|network|worker|care|club|services?))\b/gi,
    value: digits(9, 9),
  },
  { type: "SSN", cue: /last (?:four|4)\b.{0,20}\b(?:social|ssn)\b/gi, value: digits(4, 4) },
  {
    type: "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
    cue: /\bitin\b|individual taxpayer|taxpayer identification/gi,
    value: digits(9, 9),
  },
  {
    type: "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER",
    cue: /\butr\b|unique taxpayer|tax(?:payer)? reference|self[- ]assessment/gi,
    value: digits(10, 10),
  },
  { type: "IN_AADHAAR", cue: /aadh?aar/gi, value: digits(12, 12) },
  { type: "IN_VOTER_NUMBER", cue: /voter|\bEPIC\b|election(?: photo)? (?:card|id)/gi, value: /\b[A-Z]{3}\d{7}\b/dg },
  { type: "PASSPORT_NUMBER", cue: /passport|reisepass|passeport|pasaporte|passaporto|passaporte/gi, value: code(6, 9) },
  {
    type: "DRIVER_ID",
    cue: /driver'?s? licen[cs]e|driving licen[cs]e|\b(?:my|your|his|her|the) licen[cs]e\b(?! plate)|\blicen[cs]e (?:number|no)\b|führerschein|permis de conduire/gi,
    value: code(6, 18),
  },
  {
    type: "LICENSE_PLATE",
    cue: /\bplates?\b|\breg(?:istration)?\b(?! (?:code|form|fee|desk|e-?mail))|\btag number\b|\b(?:car|licen[cs]e|vehicle) tag\b|kennzeichen|plaque|matrícula|targa/gi,
    value: code(4, 9),
  },
  {
    type: "VEHICLE_IDENTIFICATION_NUMBER",
    cue: /\bvin\b|vehicle identification|chassis/gi,
    value: /\b(?=[A-Z0-9]*\d)[A-HJ-NPR-Z0-9]{17}\b/dg,
  },
  {
    type: "PASSWORD",
    cue: /\bpass(?:word|code|phrase)\b(?: (?:to|is|was|did you use))?[:?]?|passwort|mot de passe|contraseña|\bsenha\b/gi,
    value: /(?<!\S)(?=\S*[\d!@#$%^&*+=-])[^\s"]{5,}[^\s".,;:?]/dg,
  },
  {
    type: "PASSWORD",
    cue: /^\b(?=.*\bpassword\b)/gi,
    value: /(?<!\S)(?=[^\s]*[A-Za-z])(?=[^\s]*\d)[^\s",;]{6,}[^\s".,;:?!]/dg,
  },
  {
    type: "USERNAME",
    cue: /user ?name|\blog(?:ged)? ?in\b(?: (?:is|as))?|user ?id|\b(?:login|account) name\b|benutzername/gi,
    value: /(?<!\S)(?:(?=[\w.-]*[\d_.])[\w.-]{3,}\w|[a-z]{5,})(?=[.,!?]?(?:\s|$))/dg,
  },
  {
    type: "PHONE",
    cue: /\bphone\b|\bmobile\b|\bcell(?:phone)?\b|\btelephone\b|\blandline\b|\bwhats ?app\b|\b(?:my|contact|work|home|office|new|daytime) number|the number is|reach you|reach me|\b(?:call|ring|text|dial|phone)(?: (?:me|us|him|her|back))*(?: (?:on|at))?(?= \+?[(\d])|call me|call(?:er)? id|telefon|téléphone|teléfono|telefono|telefone/gi,
    value: digits(7, 13),
  },
  { type: "PHONE", cue: /\bext(?:ension|\.)?(?: number)?(?: is)?(?= \d)/gi, value: /(?<![\w-])\d{2,5}(?![\w]|-\w)/dg },
  {
    type: "AGE",
    cue: /\baged?\b(?: of)?|how old|your age|\bturned\b|years of age|\b(?:my|the|our|his|her) (?:son|daughter|wife|husband|mother|father|mum|mom|dad|partner|patient|passenger|child|kid|baby|grandson|granddaughter|brother|sister|boy|girl)(?: is|'s)\b|âge|años|anni/gi,
    value: AGE_WORDS,
  },
  {
    type: "ADDRESS",
    cue: /post(?:al)? ?code|\bzip(?: code)?\b|postleitzahl|code postal/gi,
    value:
      /\b(?:\d{5}(?:-\d{4}|-\d{3})?|\d{3} ?\d{2,3}|\d{4}(?: ?[A-Z]{2})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]\d[\dW] ?[A-Z\d]{4})\b/dg,
  },
];
