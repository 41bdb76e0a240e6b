/**
 * Which permission an operation needs, and on what: `kinesis:PutRecord` on the stream that the input names. A service has one table; what
 * it does not say follows from the API model: the action is the operation's name, the resource is `*`.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
import { loadModel } from "../../models/catalog.ts";
import { structureNamed } from "../../models/shapes.ts";
import type { Reader } from "../../store/store.ts";
import type { Caller } from "../service.ts";

/** A validated input, whichever operation's. */
export type Input = Readonly<Record<string, unknown>>;

export type Asking = Pick<Caller, "account" | "region"> & Partial<Pick<Caller, "principalArn">>;

/** One permission that a request needs. */
export interface Need {
  /** `s3:GetObject`. */
  readonly action: string;
  readonly resourceArn: string;
}

/**
 * What an ARN looks like, by the member of the input that names the resource: `stream/{}`. In it `{}` is the member's value, `{Other}` that of
 * another one, `*` where it is absent. A value that is an ARN already is taken as it is; each of a list is a resource. A member in a member is
 * named by its path: `fields.id`.
 */
type Templates = Readonly<Record<string, string>>;

export interface ActionTable {
  /** In front of actions: `profile`. */
  readonly prefix: string;
  /** In front of what templates say: `arn:aws:kinesis:{region}:{account}:`. */
  readonly arn: string;
  /** The first of these members that is there names the resource. */
  readonly oneOf?: Templates;
  /** Each of these that is there names a resource. */
  readonly eachOf?: Templates;
  /** Where none of the others is there. */
  readonly otherwise?: Templates;
  /** What is not as all of the above has it. */
  readonly operations?: Readonly<Record<string, Exception>>;
  /** Roles that an operation hands on to a service, which needs `iam:PassRole`. */
  readonly passes?: PassedRoles;
  /** Condition keys of the service's own. */
  readonly conditions?: (
    input: Input,
    operation: string,
    asking: Asking,
  ) => Readonly<Record<string, readonly string[]>>;
}

export interface PassedRoles {
  /** `lambda.amazonaws.com`. */
  readonly service: string;
  /** The members, at whatever depth, that hold a role's ARN. */
  readonly members: readonly string[];
  readonly operations: readonly string[];
}

export interface Exception {
  /** Instead of the operation's name. `false`: it is nobody's to allow, or it decides by itself. */
  readonly action?: string | false;
  /** Templates instead of the table's, for each of the members that is there; `*` for no resource in particular. */
  readonly resources?: Templates | "*";
  /** All that it needs, where templates cannot say it. */
  readonly needs?: (input: Input, asking: Asking, reader: Reader) => readonly Need[] | Promise<readonly Need[]>;
}

export type FindNeeds = (input: Input, asking: Asking, reader: Reader) => readonly Need[] | Promise<readonly Need[]>;

/** What finds the needs of an operation's inputs; `undefined` for one that needs nothing. */
export function compileNeeds(table: ActionTable, modelName: string, operation: string): FindNeeds | undefined {
  const exception = table.operations?.[operation] ?? {};
  if (exception.action === false) return undefined;
  if (exception.needs) return exception.needs;
  const action = exception.action ?? operation;
  const full = action.includes(":") ? action : `${table.prefix}:${action}`;
  const resources = compileResources(table, exception.resources, membersOf(modelName, operation));
  return (input, asking) => resources(input, asking).map((resourceArn) => ({ action: full, resourceArn }));
}

function membersOf(modelName: string, operation: string): ReadonlySet<string> {
  const model = loadModel(modelName);
  const input = model.operations[operation]?.input;
  return new Set(input === undefined ? [] : Object.keys(structureNamed(model, input).members));
}

type Resources = (input: Input, asking: Asking) => readonly string[];

function compileResources(table: ActionTable, own: Exception["resources"], members: ReadonlySet<string>): Resources {
  if (own === "*") return () => ["*"];
  const { arn } = table;
  const oneOf = own === undefined ? templatesFor(table.oneOf, members) : [];
  const eachOf = Object.fromEntries(templatesFor(own ?? table.eachOf, members));
  const otherwise = own === undefined ? templatesFor(table.otherwise, members) : [];
  const first = (templates: typeof oneOf, input: Input, asking: Asking): readonly string[] => {
    for (const [path, template] of templates) {
      const found = listResources(arn, { [path]: template }, input, asking);
      if (found.length > 0) return found;
    }
    return [];
  };
  return (input, asking) => {
    const named = [...first(oneOf, input, asking), ...listResources(arn, eachOf, input, asking)];
    const found = named.length > 0 ? named : first(otherwise, input, asking);
    return found.length === 0 ? ["*"] : [...new Set(found)];
  };
}

/** The ARNs of all that an input names by these templates, with `arn` in front. */
export function listResources(arn: string, templates: Templates, input: Input, asking: Asking): readonly string[] {
  return Object.entries(templates).flatMap(([path, template]) =>
    valuesAt(input, path.split(".")).flatMap((value) =>
      typeof value === "string" ? [arnOf(value, arn + template, input, asking)] : [],
    ),
  );
}

function templatesFor(templates: Templates = {}, members: ReadonlySet<string>): (readonly [string, string])[] {
  return Object.entries(templates).filter(([path]) => members.has(path.split(".", 1)[0] ?? ""));
}

/** What stands at a path, in each element of lists on its way. */
function valuesAt(value: unknown, [member, ...rest]: readonly string[]): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((one) => valuesAt(one, member === undefined ? [] : [member, ...rest]));
  if (value === undefined || value === null || value === "") return [];
  return member === undefined ? [value] : valuesAt((value as Input)[member], rest);
}

function arnOf(value: string, template: string, input: Input, asking: Asking): string {
  return value.startsWith("arn:") ? value : fillTemplate(template, value, input, asking);
}

/** A template with its values in it. */
export function fillTemplate(template: string, value: string, input: Input, { account, region }: Asking): string {
  return template.replaceAll(/\{(\w*)\}/g, (_whole, name: string) => {
    if (name === "") return value;
    if (name === "account") return account;
    if (name === "region") return region;
    const other = input[name];
    return typeof other === "string" && other !== "" ? other.slice(other.lastIndexOf("/") + 1) : "*";
  });
}

/** The ARNs of roles in an input, at whatever depth. Inputs are bounded, and so is how deep they are looked into. */
export function rolesIn(value: unknown, members: readonly string[], depth = 0): readonly string[] {
  if (typeof value !== "object" || value === null || depth > ROLE_DEPTH_MAX || value instanceof Uint8Array) return [];
  if (Array.isArray(value)) return value.flatMap((item) => rolesIn(item, members, depth + 1));
  return Object.entries(value).flatMap(([name, item]) =>
    members.includes(name) && typeof item === "string" && ROLE_ARN.test(item)
      ? [item]
      : rolesIn(item, members, depth + 1),
  );
}

const ROLE_DEPTH_MAX = 8;
const ROLE_ARN = /^arn:aws[\w-]*:iam::\d{12}:role\//;
