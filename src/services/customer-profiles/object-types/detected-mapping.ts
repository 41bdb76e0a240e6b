import type { FieldContentType, ObjectTypeField, ObjectTypeKey } from "@aws-sdk/client-customer-profiles";
import type { JsonObject } from "../../../matching/machine.ts";
import { isGroup, textOf } from "./json-value.ts";
import { type ObjectMapping, objectMapping } from "./object-mapping.ts";

/**
 * Proposes how objects like some samples may be mapped, by the names and the forms of what stands in them (our choice of rules):
 *
 * - what identifies an object: an attribute called `id`, `uuid` or `key`, else one whose name ends so, that all samples have and no two alike;
 * - what identifies a person: an address for mail, else a phone number, else what is called like a customer's id, else the object's own id;
 * - what a profile has a field for, by the usual names of such fields.
 *
 * `undefined`: nothing identifies the objects.
 */
export function detectedMapping(samples: readonly JsonObject[]): ObjectMapping | undefined {
  const attributes = named(leavesOf(samples));
  const unique = uniqueOf(attributes, samples.length);
  if (!unique) return undefined;
  const targeted = withTargets(attributes);
  const fields = Object.fromEntries(targeted.map(({ name, field }) => [name, field]));
  return objectMapping({ fields, keys: keysOf(targeted, unique) });
}

interface Leaf {
  readonly steps: readonly string[];
  /** One for each sample that has it. */
  readonly texts: readonly string[];
}

interface Attribute extends Leaf {
  /** Of its field. */
  readonly name: string;
  /** The last step, without case and separators. */
  readonly word: string;
  readonly contentType: FieldContentType;
}

interface Targeted extends Attribute {
  readonly field: ObjectTypeField;
}

/** What stands in objects within objects; lists are left to whoever knows what they mean. */
function leavesOf(samples: readonly JsonObject[]): readonly Leaf[] {
  const leaves = new Map<string, { steps: readonly string[]; texts: string[] }>();
  const walk = (steps: readonly string[], value: unknown): void => {
    if (isGroup(value)) {
      for (const [step, member] of Object.entries(value)) if (STEP.test(step)) walk([...steps, step], member);
      return;
    }
    const text = Array.isArray(value) ? undefined : textOf(value);
    const key = steps.join(".");
    if (text === undefined || key.length > PATH_LENGTH_MAX) return;
    const leaf = leaves.get(key) ?? { steps, texts: [] };
    leaf.texts.push(text);
    leaves.set(key, leaf);
  };
  for (const sample of samples) walk([], sample);
  return [...leaves.values()];
}

/** What an accessor can name. */
const STEP = /^[^.[\]{}]+$/;
const PATH_LENGTH_MAX = 900;

/** Gives each a name that a field and a key can have. */
function named(leaves: readonly Leaf[]): readonly Attribute[] {
  const names = new Set(["tags", "Tags"]);
  return leaves.map(({ steps, texts }) => {
    const written = steps.join("_").replace(/[^a-zA-Z0-9_-]/g, "_");
    const begun = (/^[a-zA-Z]/.test(written) ? written : `x${written}`).slice(0, NAME_LENGTH_MAX);
    let name = begun;
    for (let count = 2; names.has(name); count += 1) name = `${begun}_${count}`;
    names.add(name);
    const word = wordOf(steps.at(-1) ?? "");
    return { steps, texts, name, word, contentType: contentTypeOf(word, texts) };
  });
}

/** Leaves room for a number behind it, and for what key names are made of it. */
const NAME_LENGTH_MAX = 50;

function wordOf(step: string): string {
  return step.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Without a bound a long text would take time that grows with the square of its length. */
const EMAIL = /^(?=.{3,320}$)[^\s@]+@[^\s@]+\.[^\s@]+$/;
const PHONE = /^\+?[\d\s().-]{7,20}$/;
const PHONE_WORD = /phone|mobile|^tel$|^cell/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;
const ID_WORD = /^(?:id|uuid|guid|key)$|id$|uuid$|number$|no$/;

function contentTypeOf(word: string, texts: readonly string[]): FieldContentType {
  const filled = texts.filter((text) => text !== "");
  if (filled.length === 0) return "STRING";
  if (filled.every((text) => EMAIL.test(text))) return "EMAIL_ADDRESS";
  if (PHONE_WORD.test(word) && filled.every((text) => PHONE.test(text))) return "PHONE_NUMBER";
  if (NAME_TARGETS.has(TARGETS.get(word) ?? "")) return "NAME";
  return !ID_WORD.test(word) && !isPostal(word) && filled.every((text) => NUMBER.test(text)) ? "NUMBER" : "STRING";
}

function isPostal(word: string): boolean {
  return TARGETS.get(word) === "Address.PostalCode";
}

/** Usual names of what a profile has a field for. */
const TARGETS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    FirstName: "firstname givenname forename",
    MiddleName: "middlename",
    LastName: "lastname surname familyname",
    BirthDate: "birthdate birthday dateofbirth dob",
    GenderString: "gender sex",
    BusinessName: "company companyname businessname organization organisation",
    AccountNumber: "accountnumber accountno",
    EmailAddress: "email emailaddress mail",
    PersonalEmailAddress: "personalemail personalemailaddress",
    BusinessEmailAddress: "businessemail workemail businessemailaddress",
    PhoneNumber: "phone phonenumber telephone tel",
    MobilePhoneNumber: "mobile mobilephone mobilephonenumber mobilenumber cell cellphone",
    HomePhoneNumber: "homephone homephonenumber",
    BusinessPhoneNumber: "businessphone workphone businessphonenumber",
    "Address.Address1": "street address1 addressline1 streetaddress",
    "Address.Address2": "address2 addressline2",
    "Address.City": "city town",
    "Address.State": "state",
    "Address.Province": "province",
    "Address.County": "county",
    "Address.Country": "country",
    "Address.PostalCode": "zip zipcode postalcode postcode",
  }).flatMap(([target, words]) => words.split(" ").map((word) => [word, target] as const)),
);

const NAME_TARGETS: ReadonlySet<string> = new Set(["FirstName", "MiddleName", "LastName"]);

/** The first that is called so gets a target. */
function withTargets(attributes: readonly Attribute[]): readonly Targeted[] {
  const taken = new Set<string>();
  return attributes.map((attribute) => {
    const { steps, word, contentType } = attribute;
    const target = TARGETS.get(word);
    const isFree = target !== undefined && !taken.has(target) && fits(target, contentType);
    if (isFree) taken.add(target);
    const field: ObjectTypeField = {
      Source: ["_source", ...steps].join("."),
      ...(isFree && { Target: `_profile.${target}` }),
      ContentType: contentType,
    };
    return { ...attribute, field };
  });
}

/** What is called a phone number and does not look like one is none. */
function fits(target: string, contentType: FieldContentType): boolean {
  if (target.includes("Email")) return contentType === "EMAIL_ADDRESS";
  return !target.includes("Phone") || contentType === "PHONE_NUMBER";
}

function uniqueOf(attributes: readonly Attribute[], samples: number): Attribute | undefined {
  const candidates = attributes.filter(
    ({ texts, contentType }) =>
      contentType === "STRING" &&
      texts.length === samples &&
      !texts.includes("") &&
      new Set(texts).size === texts.length,
  );
  const nearest = candidates.toSorted((one, other) => one.steps.length - other.steps.length);
  const ids = nearest.filter(({ word }) => /^(?:id|uuid|guid|key)$/.test(word));
  const named = nearest.filter(({ word }) => /(?:id|uuid|guid)$/.test(word) && !CUSTOMER_WORD.test(word));
  const numbered = nearest.filter(({ word }) => /(?:id|number|no)$/.test(word));
  return ids[0] ?? named[0] ?? numbered[0];
}

const CUSTOMER_WORD =
  /^(?:customer|client|user|member|person|contact|shopper|guest|patient|account)(?:id|no|number|key)$/;

function keysOf(attributes: readonly Targeted[], unique: Attribute): ObjectMapping["keys"] {
  const of = (contentType: FieldContentType): Attribute | undefined =>
    attributes.find((attribute) => attribute.contentType === contentType);
  const [email, phone] = [of("EMAIL_ADDRESS"), of("PHONE_NUMBER")];
  const customer = attributes.find(({ name, word }) => name !== unique.name && CUSTOMER_WORD.test(word));
  const person = email ?? phone ?? customer;
  const entry = (attribute: Attribute, ...identifiers: NonNullable<ObjectTypeKey["StandardIdentifiers"]>) => [
    { ...(identifiers.length > 0 && { StandardIdentifiers: identifiers }), FieldNames: [attribute.name] },
  ];
  return {
    [`${unique.name}Key`]: person ? entry(unique, "UNIQUE") : entry(unique, "UNIQUE", "PROFILE"),
    ...(email && { _email: entry(email, "PROFILE") }),
    ...(phone && { _phone: phone === person ? entry(phone, "PROFILE") : entry(phone) }),
    ...(customer && { [`${customer.name}Key`]: customer === person ? entry(customer, "PROFILE") : entry(customer) }),
  };
}
