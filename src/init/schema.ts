/** The JSON schema of init files, made of the table of kinds and the APIs' models. */
import { loadModel } from "../models/catalog.ts";
import type { ServiceModel } from "../models/model.ts";
import { patternText } from "../wire/validate-pattern.ts";
import type { Doc, Kind } from "./kind.ts";
import { kinds, kindsWithin } from "./kinds/index.ts";
import { type EntryMember, membersOf } from "./members.ts";

const REFERENCE = { type: "string", pattern: "\\$\\{" };

/** The schema as a text, a line for each definition. */
export function initSchemaText(): string {
  const { definitions, ...head } = initSchema();
  const lines = Object.entries(definitions as Doc).map(
    ([name, schema]) => `${JSON.stringify(name)}: ${JSON.stringify(schema)}`,
  );
  return `${JSON.stringify(head).slice(0, -1)},"definitions":{\n${lines.join(",\n")}\n}}\n`;
}

/** The list of kinds of docs/init.md: a line each, under what it stands in. */
export function kindsText(within?: string, indent = ""): string {
  const lines = kindsWithin(within).map(({ section, name, create, attributes }) => {
    const line = `${indent}- \`${section}\`: by \`${name}\`, ${create.operation}; attributes ${Object.keys(attributes).join(", ")}\n`;
    return line + kindsText(section, `${indent}  `);
  });
  return lines.join("");
}

/** A draft 7 schema, which editors read best. */
export function initSchema(): Doc {
  const definitions: Record<string, unknown> = {};
  const sections = (kinds: readonly Kind[]): Doc =>
    Object.fromEntries(
      kinds.map((kind) => {
        definitions[kind.section] = entrySchema(kind, sections(kindsWithin(kind.section)), definitions);
        return [kind.section, { type: ["array", "null"], items: { $ref: `#/definitions/${kind.section}` } }];
      }),
    );
  const properties = {
    $schema: { type: "string" },
    Region: { type: "string", description: "the AWS Region of all that the file says" },
    ...sections(kindsWithin(undefined)),
  };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "What a Trunkline server has",
    description: "A file for trunkline start --init and trunkline apply (docs/init.md)",
    type: "object",
    additionalProperties: false,
    patternProperties: { "^x-": { description: "what aliases stand for" } },
    properties,
    definitions: Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function entrySchema(kind: Kind, inside: Doc, definitions: Record<string, unknown>): Doc {
  const { members, required } = membersOf(kind);
  const described = Object.entries(members).map(([name, member]) => {
    const schema = memberSchema(kind, name, member, definitions);
    const section = kind.refs?.[name];
    return [
      name,
      section === undefined || "$ref" in schema ? schema : { ...schema, description: `one of ${section}, by name` },
    ];
  });
  return {
    type: "object",
    description: `What ${kind.create.operation} of ${loadModel(kind.model).serviceId} is told`,
    additionalProperties: false,
    required: required.filter((name) => kind.create.input?.[name] === undefined),
    properties: { ...Object.fromEntries(described), ...inside },
  };
}

function memberSchema(kind: Kind, name: string, member: EntryMember, definitions: Record<string, unknown>): Doc {
  const model = loadModel(kind.model);
  if ("shape" in member) return shapeSchema(model, member.shape, definitions, isName(model, name));
  const { says, enum: allowed, code, bytes, text } = member.extra;
  const type = code || bytes || text ? ["string", "object"] : "string";
  return { type, description: says, ...(allowed && { enum: allowed }) };
}

/** Whether a member takes a name where the model wants an id. */
function isName({ name: model }: ServiceModel, member: string): boolean {
  return kinds.some((kind) => kind.model === model && kind.refs?.[member] !== undefined);
}

/** Structures are definitions of their own, since some hold themselves; all else stands where it is. */
function shapeSchema(model: ServiceModel, name: string, definitions: Record<string, unknown>, isNamed: boolean): Doc {
  const shape = model.shapes[name];
  switch (shape?.type) {
    case "structure": {
      const key = `${model.name}.${name}`;
      if (!Object.hasOwn(definitions, key)) {
        definitions[key] = {};
        const members = Object.entries(shape.members);
        definitions[key] = {
          type: "object",
          additionalProperties: false,
          ...(shape.required && { required: shape.required }),
          properties: Object.fromEntries(
            members.map(([member, { shape: inner }]) => [
              member,
              shapeSchema(model, inner, definitions, isName(model, member)),
            ]),
          ),
        };
      }
      return { $ref: `#/definitions/${key}` };
    }
    case "list": {
      const items = shapeSchema(model, shape.member.shape, definitions, isNamed);
      return { type: "array", items, ...(shape.max !== undefined && { maxItems: shape.max }) };
    }
    case "map":
      return { type: "object", additionalProperties: shapeSchema(model, shape.value.shape, definitions, isNamed) };
    case "boolean":
      return { type: "boolean" };
    case "integer":
    case "long":
    case "float":
    case "double": {
      const type = shape.type === "integer" || shape.type === "long" ? "integer" : "number";
      const { min, max } = shape;
      return { type, ...(min !== undefined && { minimum: min }), ...(max !== undefined && { maximum: max }) };
    }
    case "timestamp":
      return { type: ["string", "number"] };
    case "string":
      if (shape.enum) return { anyOf: [{ enum: shape.enum }, REFERENCE] };
      return {
        type: ["string", "number", "boolean", "object", "array"],
        ...(!isNamed && shape.pattern !== undefined && { pattern: `\\$\\{|${patternText(shape.pattern)}` }),
      };
    default:
      return { type: "string" };
  }
}
