import type {
  GetProfileObjectTypeTemplateRequest,
  GetProfileObjectTypeTemplateResponse,
  ListProfileObjectTypeTemplateItem,
  ListProfileObjectTypeTemplatesRequest,
  ListProfileObjectTypeTemplatesResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import { slicePage } from "../../list-page.ts";
import type { Context } from "../../service.ts";
import { invalidNextToken, notFound } from "../errors.ts";
import { writtenMapping } from "./object-mapping.ts";
import { objectTypeTemplates } from "./object-type-template.ts";

const PAGE_SIZE = 100;

export async function getProfileObjectTypeTemplate(
  input: Validated<GetProfileObjectTypeTemplateRequest>,
): Promise<GetProfileObjectTypeTemplateResponse> {
  const template = objectTypeTemplates.get(input.TemplateId);
  if (!template) throw notFound(`Object type template ${input.TemplateId} does not exist`);
  const { id, allowProfileCreation, mapping } = template;
  return { ...summary({ id }), AllowProfileCreation: allowProfileCreation, ...writtenMapping(mapping) };
}

export async function listProfileObjectTypeTemplates(
  input: Validated<ListProfileObjectTypeTemplatesRequest>,
  context: Context,
): Promise<ListProfileObjectTypeTemplatesResponse> {
  const page = slicePage([...objectTypeTemplates.values()], ({ id }) => id, {
    of: ["ListProfileObjectTypeTemplates", context.account, context.region],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return { Items: page.items.map(summary), NextToken: page.nextToken };
}

/** An id is the source's name, a dash, and what of the source it is; contact records are of one kind. */
function summary({ id }: { readonly id: string }): ListProfileObjectTypeTemplateItem {
  const [name = id] = id.split("-", 1);
  return { TemplateId: id, SourceName: name, SourceObject: id.slice(name.length + 1) || name };
}
