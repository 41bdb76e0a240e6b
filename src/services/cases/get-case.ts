import type { FieldValue, GetCaseRequest, GetCaseResponse } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getCase } from "./case.ts";
import { getDomain } from "./domain.ts";
import { invalid, invalidNextToken } from "./errors.ts";
import { valueUnion } from "./field-value.ts";
import { findUsedField } from "./given-values.ts";

/** The values that a case has of the fields that are asked for, all on one page (our choice): no token is ever handed out. */
export async function getCaseOperation(input: Validated<GetCaseRequest>, context: Context): Promise<GetCaseResponse> {
  const { store } = context;
  const domain = await getDomain(store, context, input.domainId);
  const found = await getCase(store, domain, input.caseId);
  if (input.nextToken !== undefined) throw invalidNextToken();
  const fields: FieldValue[] = [];
  for (const id of new Set(input.fields.map((field) => field.id))) {
    const field = await findUsedField(store, domain, id);
    if (!field) throw invalid(`fields: ${id} does not exist in domain ${domain.domainId}`);
    const value = found.values[id];
    if (value !== undefined) fields.push({ id, value: valueUnion(field, value) });
  }
  return { fields, templateId: found.templateId, tags: { ...found.tags } };
}
