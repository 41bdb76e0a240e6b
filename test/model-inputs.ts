/**
 * Inputs made from the API models: valid ones, and ones with a single thing wrong, with the raw HTTP request that carries them. For
 * property tests of the wire, and over HTTP of every operation that is built.
 */
import fc from "fast-check";
import type {
  ListShape,
  MapShape,
  Member,
  NumberShape,
  ServiceModel,
  Shape,
  StringShape,
  StructureShape,
} from "../src/models/model.ts";
import { operationNamed, shapeNamed, structureNamed } from "../src/models/shapes.ts";
import type { RawRequest } from "../src/wire/raw-message.ts";
import { patternOf } from "../src/wire/validate-pattern.ts";

/** A structure's members by name, as handlers and the SDKs have them. */
export type Input = Record<string, unknown>;

/** An input that its operation's model forbids, and in which way. */
export interface InvalidInput {
  readonly input: Input;
  /** `rules.3.Name: too long`. */
  readonly wrong: string;
}

/** Values of a structure that hold to the model. Required members are there, others sometimes. */
export function validInput(model: ServiceModel, shapeName: string): fc.Arbitrary<Input> {
  return fc.gen().map((gen) => new Maker(model, gen).structure(structureNamed(model, shapeName), 0));
}

/** Inputs with one thing wrong; `undefined` where nothing that this operation takes can be wrong. */
export function invalidInput(model: ServiceModel, operation: string): fc.Arbitrary<InvalidInput> | undefined {
  const { input } = operationNamed(model, operation);
  if (input === undefined || faultsOf(model, input).length === 0) return undefined;
  return fc.gen().map((gen) => new Maker(model, gen).broken(input));
}

type Gen = fc.GeneratorValue;

/** How deep generated values go; what is required further down is made still. */
const LEVELS_MAX = 4;

/** Longest list, map or blob that is made in order to be too long. */
const OVERLONG_MAX = 20_000;

/** Something that can be wrong with an input, and where. */
interface Fault {
  readonly steps: readonly Step[];
  readonly wrong: string;
  /** Makes the wrong value (`undefined`: leaves it out). */
  make(maker: Maker): unknown;
}

type Step = { readonly member: string } | "element" | "entry";

class Maker {
  readonly #model: ServiceModel;
  readonly #gen: Gen;

  constructor(model: ServiceModel, gen: Gen) {
    this.#model = model;
    this.#gen = gen;
  }

  structure(shape: StructureShape, level: number): Input {
    const names = Object.keys(shape.members);
    if (shape.union) {
      const name = this.pick(names.filter((member) => !isEventStream(this.#model, shape, member)));
      return { [name]: this.member(shape, name, level) };
    }
    const value: Input = {};
    for (const name of names) {
      const wanted = shape.required?.includes(name) || (level < LEVELS_MAX && this.integer(0, 3) === 0);
      if (wanted && !isEventStream(this.#model, shape, name)) value[name] = this.member(shape, name, level);
    }
    return value;
  }

  member(shape: StructureShape, name: string, level: number): unknown {
    const member = shape.members[name] as Member;
    return this.value(member, level + 1, member.location !== undefined || shape.payload === name);
  }

  /** `inHead`: the value travels beside the body or is all of it, where not every text survives, and nothing is absence. */
  value(member: Member, level: number, inHead = false): unknown {
    const shape = shapeNamed(this.#model, member.shape);
    switch (shape.type) {
      case "structure":
        return this.structure(shape, level);
      case "list":
        return this.repeated(shape, level, emptyIsAbsent(shape, member, inHead), () =>
          this.value(shape.member, level + 1, inHead),
        );
      case "map":
        return this.map(shape, level, emptyIsAbsent(shape, member, inHead), inHead);
      case "string":
        return this.text(shape, inHead);
      case "boolean":
        return this.#gen(fc.boolean);
      case "integer":
      case "long":
        return this.integer(Math.ceil(shape.min ?? 0), Math.floor(Math.min(shape.max ?? 1_000_000, 2 ** 31 - 1)));
      case "float":
      case "double":
        // Quarters survive every spelling.
        return this.integer(Math.ceil((shape.min ?? -100) * 4), Math.floor((shape.max ?? 1000) * 4)) / 4;
      case "timestamp":
        return new Date(this.integer(0, 4_000_000_000) * 1000);
      case "blob":
        return Uint8Array.from({ length: this.size(Math.max(shape.min ?? 0, inHead ? 1 : 0), shape.max, 0) }, () =>
          this.integer(0, 255),
        );
    }
  }

  map(shape: MapShape, level: number, atLeastOne: boolean, inHead: boolean): Input {
    const keyShape = shapeNamed(this.#model, shape.key.shape) as StringShape;
    const entries = this.repeated(shape, level, atLeastOne, () => [
      this.text(keyShape, inHead),
      this.value(shape.value, level + 1, inHead),
    ]);
    return Object.fromEntries(entries);
  }

  repeated<T>(shape: ListShape | MapShape, level: number, atLeastOne: boolean, make: () => T): T[] {
    return Array.from({ length: Math.max(this.size(shape.min, shape.max, level), atLeastOne ? 1 : 0) }, make);
  }

  size(min = 0, max = Number.POSITIVE_INFINITY, level: number): number {
    return level >= LEVELS_MAX ? min : this.integer(min, Math.min(max, min + 2));
  }

  text(shape: StringShape, inHead: boolean): string {
    if (shape.enum) return this.pick(shape.enum);
    if (shape.pattern) return this.pick(matchingTexts(shape));
    const length = this.integer(
      Math.max(shape.min ?? 0, inHead ? 1 : 0),
      Math.min(shape.max ?? 8, (shape.min ?? 0) + 8),
    );
    const letters = inHead ? "abcxyz019" : "aZ09 -_é☎";
    return Array.from({ length }, () => this.pick([...letters])).join("");
  }

  integer(min: number, max: number): number {
    return this.#gen(fc.integer, { min, max: Math.max(min, max) });
  }

  pick<T>(from: readonly T[]): T {
    return from[this.integer(0, from.length - 1)] as T;
  }

  broken(shapeName: string): InvalidInput {
    const fault = this.pick(faultsOf(this.#model, shapeName));
    const value = this.withFault({ shape: shapeName }, fault, 0, 0);
    const place = fault.steps.map((step) => (typeof step === "string" ? step : step.member)).join(".");
    return { input: value as Input, wrong: `${place}: ${fault.wrong}` };
  }

  /** A valid value but for the fault, which is as many steps further down as are left. */
  withFault(member: Member, fault: Fault, step: number, level: number): unknown {
    const next = fault.steps[step];
    if (next === undefined) return fault.make(this);
    const shape = shapeNamed(this.#model, member.shape);
    if (shape.type === "structure" && typeof next !== "string") {
      const value = shape.union ? {} : this.structure(shape, LEVELS_MAX);
      const broken = this.withFault(shape.members[next.member] as Member, fault, step + 1, level + 1);
      delete value[next.member];
      return broken === undefined ? value : { ...value, [next.member]: broken };
    }
    if (shape.type === "list") return [this.withFault(shape.member, fault, step + 1, level + 1)];
    if (shape.type === "map") {
      const key = this.text(shapeNamed(this.#model, shape.key.shape) as StringShape, false);
      return { [key]: this.withFault(shape.value, fault, step + 1, level + 1) };
    }
    throw new Error(`${member.shape} holds nothing`);
  }
}

/** An empty list in a query or header, and an empty flattened one in XML, leaves no trace. */
function emptyIsAbsent(shape: ListShape | MapShape, member: Member, inHead: boolean): boolean {
  return inHead || shape.flattened === true || member.flattened === true;
}

function isEventStream(model: ServiceModel, shape: StructureShape, name: string): boolean {
  const target = shapeNamed(model, (shape.members[name] as Member).shape);
  return target.type === "structure" && target.eventstream === true;
}

const faultsByModel = new WeakMap<ServiceModel, Map<string, Fault[]>>();

/** Everything that can be wrong with a structure, down to a few levels. */
function faultsOf(model: ServiceModel, shapeName: string): Fault[] {
  const known = faultsByModel.get(model) ?? new Map<string, Fault[]>();
  faultsByModel.set(model, known);
  const faults = known.get(shapeName) ?? structureFaults(model, structureNamed(model, shapeName), []);
  known.set(shapeName, faults);
  return faults;
}

function structureFaults(model: ServiceModel, shape: StructureShape, steps: readonly Step[]): Fault[] {
  const faults: Fault[] = [];
  if (shape.union) faults.push({ steps, wrong: "no member of a union", make: () => ({}) });
  for (const [name, member] of Object.entries(shape.members)) {
    if (isEventStream(model, shape, name)) continue;
    const place: Step[] = [...steps, { member: name }];
    // Without its label a request is another one, and without a body its bytes are none.
    const absentIsOther = member.location === "uri" || isPayload(model, place, shapeNamed(model, member.shape));
    const needed = shape.required?.includes(name) && !absentIsOther && !member.idempotencyToken;
    if (needed) faults.push({ steps: place, wrong: "missing", make: () => undefined });
    faults.push(...valueFaults(model, member, place, placeOf(model, member, steps)));
  }
  return faults;
}

/** How a value travels: as text, or in a JSON body, where types can be wrong. */
type Travel = "json" | "text" | "label";

function placeOf(model: ServiceModel, member: Member, steps: readonly Step[]): Travel {
  if (steps.length === 0 && member.location === "uri") return "label";
  if (steps.length === 0 && member.location !== undefined) return "text";
  return model.protocol === "json" || model.protocol === "rest-json" ? "json" : "text";
}

function valueFaults(model: ServiceModel, member: Member, steps: readonly Step[], travel: Travel): Fault[] {
  const shape = shapeNamed(model, member.shape);
  const faults: Fault[] = [];
  const add = (wrong: string, make: (maker: Maker) => unknown): void => void faults.push({ steps, wrong, make });
  if (travel === "json" && !isPayload(model, steps, shape)) add("wrong type", () => wrongTyped(shape));
  switch (shape.type) {
    case "structure":
      if (steps.length < LEVELS_MAX) faults.push(...structureFaults(model, shape, steps));
      break;
    case "list":
      sizeFaults(shape, add, travel, (maker, length) =>
        Array.from({ length }, () => maker.value(shape.member, LEVELS_MAX)),
      );
      if (travel === "json" && !shape.sparse) add("null in a list", () => [null]);
      if (steps.length < LEVELS_MAX) faults.push(...valueFaults(model, shape.member, [...steps, "element"], travel));
      break;
    case "map":
      // Duplicate keys would make a map too small, so it is made too big with keys of its own.
      if (steps.length < LEVELS_MAX && travel === "json")
        faults.push(...valueFaults(model, shape.value, [...steps, "entry"], travel));
      break;
    case "string":
      stringFaults(shape, add, travel);
      break;
    case "boolean":
      if (travel !== "json") add("no boolean", () => "maybe");
      break;
    case "integer":
    case "long":
    case "float":
    case "double":
      numberFaults(shape, add);
      break;
    case "timestamp":
      add("no timestamp", () => "the day after tomorrow");
      add("no such day", () => "2026-02-30T00:00:00Z");
      break;
    case "blob":
      if (travel === "json" && !isPayload(model, steps, shape)) add("no base64", () => "####");
      if (shape.max !== undefined && shape.max < OVERLONG_MAX)
        add("too long", () => new Uint8Array(Number(shape.max) + 1));
      break;
  }
  return faults;
}

/** A payload of bytes is whatever the body is. */
function isPayload(model: ServiceModel, steps: readonly Step[], shape: Shape): boolean {
  return model.protocol.startsWith("rest") && steps.length === 1 && (shape.type === "blob" || shape.type === "string");
}

type Add = (wrong: string, make: (maker: Maker) => unknown) => void;

function wrongTyped(shape: Shape): unknown {
  switch (shape.type) {
    case "string":
    case "blob":
      return 42;
    case "boolean":
    case "integer":
    case "long":
    case "float":
    case "double":
      return "x";
    case "timestamp":
      return true;
    case "list":
    case "map":
    case "structure":
      return "x";
  }
}

function sizeFaults(shape: ListShape, add: Add, travel: Travel, make: (maker: Maker, length: number) => unknown): void {
  const { min, max } = shape;
  if (min !== undefined && (min > 1 || (min === 1 && travel === "json")))
    add("too few", (maker) => make(maker, min - 1));
  if (max !== undefined && max < 1000) add("too many", (maker) => make(maker, max + 1));
}

function stringFaults({ min, max, pattern, enum: values }: StringShape, add: Add, travel: Travel): void {
  if (max !== undefined && max < OVERLONG_MAX) add("too long", () => "x".repeat(max + 1));
  // An empty label is no label, and an empty header no header.
  if (min !== undefined && min > 0 && travel === "json") add("too short", () => "x".repeat(min - 1));
  if (pattern !== undefined) {
    const strange = ["\u0001", "not: [this] ☠", "x y"].filter((text) => !patternOf(pattern).matches(text));
    const sendable = strange.filter((text) => travel === "json" || text === "x y");
    for (const text of sendable.slice(0, 1)) add("not of the pattern", () => text);
  }
  if (values !== undefined) add("not of the enumeration", () => "NO_SUCH_VALUE");
}

function numberFaults({ type, min, max }: NumberShape, add: Add): void {
  if (min !== undefined) add("too small", () => min - 1);
  if (max !== undefined) add("too big", () => max + 1);
  if (type === "integer") add("more than 32 bits", () => 2 ** 31);
  if (type === "integer" || type === "long") add("no integer", () => 1.5);
}

const texts = new Map<StringShape, readonly string[]>();

/** Texts for a pattern that are neither too short nor too long: some from the pattern itself, some that are usual in these APIs. */
export function matchingTexts(shape: StringShape): readonly string[] {
  const known = texts.get(shape);
  if (known !== undefined) return known;
  const { pattern = "", min = 0, max = Number.POSITIVE_INFINITY } = shape;
  const fits = (text: string): boolean => text.length >= min && text.length <= max && patternOf(pattern).matches(text);
  const found = [...usualTexts.filter(fits).slice(0, 3), ...grownTexts(pattern).filter(fits).slice(0, 3)];
  if (found.length === 0) throw new Error(`No text found for the pattern ${pattern} (${min} to ${max})`);
  texts.set(shape, found);
  return found;
}

const grown = new Map<string, readonly string[]>();

function grownTexts(pattern: string): readonly string[] {
  const known = grown.get(pattern) ?? growTexts(pattern);
  grown.set(pattern, known);
  return known;
}

function growTexts(pattern: string): readonly string[] {
  try {
    return fc.sample(fc.stringMatching(new RegExp(`^(?:${pattern})$`)), { numRuns: 30, seed: 1 });
  } catch {
    // Java's syntax, or more than fast-check can grow: the usual texts must do.
    return [];
  }
}

const uuid = "0b7f2e2c-6f0a-4c59-9d7e-2f1c7d1f5a10";
const account = "111122223333";

const usualTexts: readonly string[] = [
  "a",
  "abc",
  "Orders-1",
  "orders",
  "0",
  "42",
  "a".repeat(20),
  "a".repeat(32),
  "a".repeat(36),
  "a".repeat(64),
  "A".repeat(48),
  "A".repeat(84),
  "A".repeat(256),
  uuid,
  account,
  "+14155550100",
  `arn:aws:kms:us-east-1:${account}:key/${uuid}`,
  `arn:aws:vpc-lattice:us-east-1:${account}:servicenetworkresourceassociation/snra-0123456789abcdefg`,
  "jdbc:redshift://a.redshift.amazonaws.com:5439/dev",
];

/** An operation's raw request, with the labels of its path apart, as the router hands them on. */
export interface ModelRequest extends RawRequest {
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The request that carries an input, right or wrong: what has the type that the model wants is written as the protocol has it, and
 * anything else as it is.
 */
export function requestOf(model: ServiceModel, operation: string, input: Input): ModelRequest {
  const { method, uri, input: shapeName } = operationNamed(model, operation);
  const labels: Record<string, string> = {};
  const query = new URLSearchParams(uri.split("?")[1]);
  const headers: Record<string, string> = { ...protocolHeaders(model, operation) };
  const shape = shapeName === undefined ? undefined : structureNamed(model, shapeName);
  for (const [name, member] of Object.entries(shape?.members ?? {})) {
    const value = input[name];
    const key = member.locationName ?? name;
    if (value === undefined) continue;
    if (member.location === "uri") labels[key] = encodeURIComponent(textOf(model, member, value, "iso8601"));
    else if (member.location === "header") headers[key.toLowerCase()] = textOf(model, member, value, "rfc822");
    else if (member.location === "headers") Object.assign(headers, prefixed(key, value as Input));
    else if (member.location === "querystring") appendQuery(query, model, member, key, value);
  }
  const path = (uri.split("?")[0] as string).replace(/\{(\w+)\+?\}/g, (_, label: string) => labels[label] ?? "");
  return { method, path, query: query.toString(), headers, labels, body: bodyOf(model, operation, shape, input) };
}

function protocolHeaders(model: ServiceModel, operation: string): Record<string, string> {
  switch (model.protocol) {
    case "json":
      return {
        "content-type": `application/x-amz-json-${model.jsonVersion}`,
        "x-amz-target": `${model.targetPrefix}.${operation}`,
      };
    case "rest-json":
      return { "content-type": "application/json" };
    case "rest-xml":
      return {};
    case "query":
      return { "content-type": "application/x-www-form-urlencoded" };
  }
}

/** Names that no header can have are left out: no client sends them. */
function prefixed(prefix: string, values: Input): Record<string, string> {
  const sendable = Object.entries(values).filter(([name]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name));
  return Object.fromEntries(sendable.map(([name, value]) => [`${prefix}${name}`.toLowerCase(), String(value)]));
}

function appendQuery(query: URLSearchParams, model: ServiceModel, member: Member, key: string, value: unknown): void {
  const shape = shapeNamed(model, member.shape);
  if (shape.type === "list" && Array.isArray(value)) {
    for (const element of value) query.append(key, textOf(model, shape.member, element, "iso8601"));
  } else if (shape.type === "map" && typeof value === "object" && value !== null) {
    for (const [name, element] of Object.entries(value)) query.append(name, String(element));
  } else query.append(key, textOf(model, member, value, "iso8601"));
}

/** A value as text in a label, query, header, form or XML. */
function textOf(model: ServiceModel, member: Member, value: unknown, timestamps: "iso8601" | "rfc822"): string {
  const shape = shapeNamed(model, member.shape);
  if (shape.type === "list" && Array.isArray(value)) {
    return value.map((element) => textOf(model, shape.member, element, timestamps)).join(",");
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (!(value instanceof Date)) return String(value);
  const declared =
    member.timestampFormat ?? ("timestampFormat" in shape ? shape.timestampFormat : undefined) ?? timestamps;
  return declared === "rfc822" ? value.toUTCString() : value.toISOString();
}

function bodyOf(model: ServiceModel, operation: string, shape: StructureShape | undefined, input: Input): Buffer {
  if (model.protocol === "query") return formOf(model, operation, shape, input);
  if (shape === undefined) return Buffer.alloc(0);
  const payload = shape.payload === undefined ? undefined : (shape.members[shape.payload] as Member);
  if (payload !== undefined) return payloadOf(model, payload, input[shape.payload as string]);
  if (model.protocol === "rest-xml") return xmlBodyOf(model, operation, shape, input);
  const body = Object.fromEntries(
    bodyMembers(shape, input).map(([key, member, value]) => [key, jsonOf(model, member, value)]),
  );
  return Object.keys(body).length === 0 && model.protocol === "rest-json"
    ? Buffer.alloc(0)
    : Buffer.from(JSON.stringify(body));
}

function xmlBodyOf(model: ServiceModel, operation: string, shape: StructureShape, input: Input): Buffer {
  const children = bodyMembers(shape, input).map(([key, member, value]) => xmlOf(model, key, member, value));
  return Buffer.from(children.length === 0 ? "" : `<${operation}Request>${children.join("")}</${operation}Request>`);
}

function payloadOf(model: ServiceModel, member: Member, value: unknown): Buffer {
  if (value === undefined) return Buffer.alloc(0);
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === "string") return Buffer.from(value);
  if (model.protocol === "rest-json") return Buffer.from(JSON.stringify(jsonOf(model, member, value)));
  return Buffer.from(xmlOf(model, member.locationName ?? "Root", member, value));
}

/** Members that are in the body, under the names that they have there. */
function bodyMembers(shape: StructureShape, value: Input): [key: string, member: Member, value: unknown][] {
  return Object.entries(shape.members).flatMap(([name, member]) =>
    member.location !== undefined || value[name] === undefined
      ? []
      : [[member.locationName ?? name, member, value[name]]],
  );
}

function jsonOf(model: ServiceModel, member: Member, value: unknown): unknown {
  const shape = shapeNamed(model, member.shape);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Date) {
    const declared = member.timestampFormat ?? ("timestampFormat" in shape ? shape.timestampFormat : undefined);
    return declared === "iso8601" ? value.toISOString() : value.getTime() / 1000;
  }
  if (typeof value !== "object" || value === null) return value;
  switch (shape.type) {
    case "structure":
      return Object.fromEntries(
        bodyMembers(shape, value as Input).map(([key, child, held]) => [key, jsonOf(model, child, held)]),
      );
    case "list":
      return (value as unknown[]).map((element) => jsonOf(model, shape.member, element));
    case "map":
      return Object.fromEntries(
        Object.entries(value).map(([key, element]) => [key, jsonOf(model, shape.value, element)]),
      );
    default:
      return value;
  }
}

function formOf(model: ServiceModel, operation: string, shape: StructureShape | undefined, input: Input): Buffer {
  const form = new URLSearchParams({ Action: operation, Version: model.apiVersion });
  const members = shape === undefined ? [] : bodyMembers(shape, input);
  for (const [key, member, value] of members) appendForm(form, model, key, member, value);
  return Buffer.from(form.toString());
}

function appendForm(form: URLSearchParams, model: ServiceModel, key: string, member: Member, value: unknown): void {
  const shape = shapeNamed(model, member.shape);
  if (shape.type === "structure") {
    if (Object.keys(value as Input).length === 0) form.append(key, "");
    for (const [name, child, held] of bodyMembers(shape, value as Input))
      appendForm(form, model, `${key}.${name}`, child, held);
  } else if (shape.type === "list") {
    const elements = value as unknown[];
    if (elements.length === 0) form.append(key, "");
    for (const [index, element] of elements.entries())
      appendForm(form, model, `${key}.member.${index + 1}`, shape.member, element);
  } else if (shape.type === "map") {
    if (Object.keys(value as Input).length === 0) form.append(key, "");
    for (const [index, [name, element]] of Object.entries(value as Input).entries()) {
      const entry = `${key}.entry.${index + 1}`;
      form.append(`${entry}.${shape.key.locationName ?? "key"}`, name);
      appendForm(form, model, `${entry}.${shape.value.locationName ?? "value"}`, shape.value, element);
    }
  } else form.append(key, textOf(model, member, value, "iso8601"));
}

function xmlOf(model: ServiceModel, tag: string, member: Member, value: unknown): string {
  const shape = shapeNamed(model, member.shape);
  if (shape.type === "structure") {
    const children = bodyMembers(shape, value as Input);
    const attributes = children.filter(([, child]) => child.xmlAttribute).map(([key, , held]) => ` ${key}="${held}"`);
    const content = children
      .filter(([, child]) => !child.xmlAttribute)
      .map(([key, child, held]) => xmlOf(model, key, child, held));
    return `<${tag}${attributes.join("")}>${content.join("")}</${tag}>`;
  }
  if (shape.type === "list") {
    const flattened = shape.flattened || member.flattened;
    const inner = flattened ? tag : (shape.member.locationName ?? "member");
    const items = (value as unknown[]).map((element) => xmlOf(model, inner, shape.member, element)).join("");
    return flattened ? items : `<${tag}>${items}</${tag}>`;
  }
  const text = textOf(model, member, value, "iso8601").replace(
    /[&<>]/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
  return `<${tag}>${text}</${tag}>`;
}
