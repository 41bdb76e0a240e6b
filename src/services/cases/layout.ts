import type { LayoutContent } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { type Domain, type DomainRef, domainArn, inDomain } from "./domain.ts";
import { invalid, notFound } from "./errors.ts";

/** Where agents see which fields of a case. */
export interface Layout {
  readonly domainId: string;
  readonly id: string;
  readonly name: string;
  readonly content: Validated<LayoutContent>;
  /** No template can have it any more. */
  readonly isDeleted?: true | undefined;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const layouts: Collection<Layout> = collection("cases_layouts", {
  name: {
    type: "text",
    unique: true,
    value: ({ domainId, name, isDeleted }) => (isDeleted ? undefined : compositeKey(domainId, name)),
  },
  deleted: { type: "text", value: ({ domainId, id, isDeleted }) => isDeleted && compositeKey(domainId, id) },
});

export function layoutKey({ domainId, id }: Pick<Layout, "domainId" | "id">): string {
  return inDomain({ domainId }, id);
}

export function layoutArn(domain: DomainRef, id: string): string {
  return `${domainArn(domain)}/layout/${id}`;
}

/** Also a deleted one. */
export async function findLayout(
  reader: Reader,
  { domainId }: Pick<Domain, "domainId">,
  id: string,
): Promise<Layout | undefined> {
  return reader.get(layouts, layoutKey({ domainId, id }));
}

/** Also a deleted one; or `ResourceNotFoundException`. */
export async function getLayout(reader: Reader, domain: Pick<Domain, "domainId">, id: string): Promise<Layout> {
  const layout = await findLayout(reader, domain, id);
  if (!layout) throw notFound("Layout", id);
  return layout;
}

/** One that can be used. `ResourceNotFoundException` for one that is not there, `ValidationException` for a deleted one. */
export async function getLiveLayout(reader: Reader, domain: Pick<Domain, "domainId">, id: string): Promise<Layout> {
  const layout = await getLayout(reader, domain, id);
  if (layout.isDeleted) throw invalid(`Layout ${id} is deleted`);
  return layout;
}
