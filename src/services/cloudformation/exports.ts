import type {
  ListExportsInput,
  ListExportsOutput,
  ListImportsInput,
  ListImportsOutput,
} from "@aws-sdk/client-cloudformation";
import type { Validated } from "../../models/validated.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { validationError } from "./errors.ts";
import { EXPORTS, IMPORTS } from "./stack.ts";
import { invalidNextToken } from "./stacks.ts";

const PAGE_SIZE = 100;

export async function listExports(input: Validated<ListExportsInput>, context: Context): Promise<ListExportsOutput> {
  const { account, region } = context;
  const listing = { collection: EXPORTS, under: [account, region], nameOf: ({ name }: { name: string }) => name };
  const page = await listPage(context.store, listing, {
    of: [account, region, "ListExports"],
    token: input.NextToken,
    limit: PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return {
    Exports: page.items.map(({ name, value, stackId }) => ({ ExportingStackId: stackId, Name: name, Value: value })),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}

export async function listImports(input: Validated<ListImportsInput>, context: Context): Promise<ListImportsOutput> {
  const { account, region } = context;
  const listing = {
    collection: IMPORTS,
    under: [account, region, input.ExportName],
    nameOf: ({ stackId }: { stackId: string }) => stackId,
  };
  const page = await listPage(context.store, listing, {
    of: [account, region, "ListImports", input.ExportName],
    token: input.NextToken,
    limit: PAGE_SIZE,
    refuse: invalidNextToken,
  });
  if (page.items.length === 0) throw validationError(`Export '${input.ExportName}' is not imported by any stack.`);
  return {
    Imports: page.items.map(({ stackName }) => stackName),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}
