/** Which permissions an operation asks for, found by asking the authorizer's own tables about an input that is made of its members' names. */
import type { ServiceModel } from "../../src/models/model.ts";
import { structureNamed } from "../../src/models/shapes.ts";
import { type ActionTable, compileNeeds, type Input } from "../../src/services/authorization/action-table.ts";
import type { Reader } from "../../src/store/store.ts";

/** What stands for the account and the Region of whoever calls. */
const ASKING = { account: "{account}", region: "{region}" };
const DEPTH_MAX = 3;

/** One line for each permission, `kinesis:PutRecord on arn:…:stream/{StreamName}`, or why there is none. */
export async function permissionsOf(model: ServiceModel, name: string, table: ActionTable): Promise<string> {
  const needs = compileNeeds(table, model.name, name);
  if (needs === undefined) return "none: the request is its own proof, or the operation decides by itself";
  const inputs = [sample(model, name, "names"), sample(model, name, "all")];
  for (const input of inputs) {
    try {
      const found = await needs(input, ASKING, NO_STORE);
      const isLast = input === inputs.at(-1);
      if (isLast || found.some(({ resourceArn }) => resourceArn !== "*")) return found.map(shown).join("<br>");
    } catch {
      // It looks into the store, or at a value that a name does not stand for: what it asks then depends on both.
    }
  }
  return `\`${table.prefix}:${table.operations?.[name]?.action || name}\`, on what its input leads to`;
}

function shown({ action, resourceArn }: { action: string; resourceArn: string }): string {
  return resourceArn === "*" ? `\`${action}\`` : `\`${action}\` on \`${resourceArn.replace(/^arn:(?=\{)/, "")}\``;
}

const NO_STORE = new Proxy({} as Reader, {
  get() {
    throw new Error("No store is open while the site is built");
  },
});

/** An input in which each text is its member's name in braces; with `names`, without ARNs that need not be there. */
function sample(model: ServiceModel, operation: string, which: "names" | "all"): Input {
  const shape = model.operations[operation]?.input;
  return shape === undefined ? {} : (sampled(model, shape, "", which, 0) as Input);
}

function sampled(model: ServiceModel, shapeName: string, member: string, which: string, depth: number): unknown {
  const shape = model.shapes[shapeName];
  if (shape === undefined || depth > DEPTH_MAX) return undefined;
  if (shape.type === "list") return [sampled(model, shape.member.shape, member, which, depth)];
  if (shape.type === "string") return /arn/i.test(member) ? `arn:{${member}}` : `{${member}}`;
  if (shape.type !== "structure") return undefined;
  const { members, required = [] } = structureNamed(model, shapeName);
  // Of several ways to name a thing the ARN says least; a version is seldom named.
  const taken = Object.entries(members).filter(
    ([name]) => which === "all" || required.includes(name) || !(/arn$/i.test(name) || name === "VersionId"),
  );
  return Object.fromEntries(taken.map(([name, { shape: of }]) => [name, sampled(model, of, name, which, depth + 1)]));
}
