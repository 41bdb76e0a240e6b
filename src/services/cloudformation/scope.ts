import { compositeKey, type Reader } from "../../store/store.ts";
import { type Holder, opened, openParameters } from "./secrets.ts";
import { type Description, EXPORTS, listResources, type Stack, type StackResource } from "./stack.ts";
import { parameterValues } from "./template/parameters.ts";
import { conditionHolds, type Scope } from "./template/resolve.ts";
import { parseTemplate, type Template } from "./template/template.ts";

/** A template in a stack: what its names stand for by now. */
export interface StackScope {
  readonly template: Template;
  readonly scope: Scope;
  readonly resources: ReadonlyMap<string, StackResource>;
  /** Logical ids of the resources that the template wants, those whose condition does not hold apart. */
  readonly wanted: readonly string[];
  /** Values of parameters that are not told. */
  readonly secrets: readonly string[];
  /** Names of exports that were asked for. */
  readonly imported: ReadonlySet<string>;
}

export type Place = Pick<Stack, "account" | "region" | "id" | "name" | "notificationArns">;

/** Reads a stack's resources and the exports that there are. */
export async function scopeOf(
  holder: Holder,
  reader: Reader,
  place: Place,
  described: Description,
): Promise<StackScope> {
  const template = parseTemplate(described.templateText);
  const texts = { ...openParameters(holder, place, described), ...described.looked };
  const resources = new Map((await listResources(reader, place.id)).map((one) => [one.logicalId, one]));
  const exports = hasImports(template) ? await exportsOf(reader, place) : new Map<string, string>();
  const imported = new Set<string>();
  const scope: Scope = {
    template,
    parameters: { ...parameterValues(template, texts), ...pseudoParameters(place) },
    findPhysicalId: (id) => resources.get(id)?.made?.physicalId,
    findAttribute: (id, attribute) => {
      const resource = resources.get(id);
      const attributes = resource?.made ? opened(holder, resource, resource.made.attributes) : {};
      return Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
    },
    findExport: (name) => {
      imported.add(name);
      return exports.get(name);
    },
    held: new Map(),
  };
  const wanted = Object.entries(template.resources).flatMap(([id, { condition }]) =>
    condition === undefined || conditionHolds(condition, scope) ? [id] : [],
  );
  const secrets = Object.keys(described.secrets ?? {}).flatMap((name) => texts[name] ?? []);
  return { template, scope, resources, wanted, imported, secrets };
}

function hasImports(template: Template): boolean {
  return JSON.stringify([template.resources, template.outputs, template.conditions]).includes('"Fn::ImportValue"');
}

async function exportsOf(reader: Reader, { account, region }: Place): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let after: string | undefined;
  do {
    const page = await reader.list(EXPORTS, { prefix: compositeKey(account, region, ""), limit: 500, after });
    for (const { name, value } of page.documents) found.set(name, value);
    after = page.next;
  } while (after !== undefined);
  return found;
}

function pseudoParameters({ account, region, id, name, notificationArns }: Place): Readonly<Record<string, unknown>> {
  return {
    "AWS::AccountId": account,
    "AWS::NotificationARNs": notificationArns,
    "AWS::Partition": "aws",
    "AWS::Region": region,
    "AWS::StackId": id,
    "AWS::StackName": name,
    "AWS::URLSuffix": "amazonaws.com",
  };
}
