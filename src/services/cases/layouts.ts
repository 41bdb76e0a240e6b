import type {
  CreateLayoutRequest,
  CreateLayoutResponse,
  DeleteLayoutRequest,
  DeleteLayoutResponse,
  GetLayoutRequest,
  GetLayoutResponse,
  LayoutSections,
  ListLayoutsRequest,
  ListLayoutsResponse,
  UpdateLayoutRequest,
  UpdateLayoutResponse,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type Domain, getDomain, inDomain } from "./domain.ts";
import { conflict, invalidNextToken } from "./errors.ts";
import { liveFieldIds, requireFields } from "./field.ts";
import { getLayout, getLiveLayout, type Layout, layoutArn, layoutKey, layouts } from "./layout.ts";
import { commitNamed } from "./named.ts";
import { beyond, quotaOf, requireRoom } from "./quotas.ts";
import { templates } from "./template.ts";

const PAGE_SIZE = 100;

export async function createLayout(
  input: Validated<CreateLayoutRequest>,
  context: Context,
): Promise<CreateLayoutResponse> {
  const nowMs = context.clock.now();
  const id = context.ids.uuid();
  return commitNamed(context, `Layout ${input.name}`, async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    await requireContent(unit, context, domain, input.content);
    await requireRoom(unit, context, domain, {
      quota: "cases.layouts-per-domain",
      collection: layouts,
      index: "name",
      prefix: inDomain(domain, ""),
    });
    unit.put(layouts, layoutKey({ domainId: domain.domainId, id }), {
      domainId: domain.domainId,
      id,
      name: input.name,
      content: input.content,
      createdMs: nowMs,
      updatedMs: nowMs,
      tags: {},
    });
    return { layoutId: id, layoutArn: layoutArn(domain, id) };
  });
}

/** Deleted ones too. Fields that are deleted by now are left out. */
export async function getLayoutOperation(
  input: Validated<GetLayoutRequest>,
  context: Context,
): Promise<GetLayoutResponse> {
  const domain = await getDomain(context.store, context, input.domainId);
  const layout = await getLayout(context.store, domain, input.layoutId);
  const live = await liveFieldIds(context.store, domain, fieldsOf(layout.content));
  return {
    layoutId: layout.id,
    layoutArn: layoutArn(domain, layout.id),
    name: layout.name,
    content: withOnly(live, layout.content),
    deleted: layout.isDeleted ?? false,
    createdTime: new Date(layout.createdMs),
    lastModifiedTime: new Date(layout.updatedMs),
    tags: { ...layout.tags },
  };
}

/** In the order of their names. */
export async function listLayouts(
  input: Validated<ListLayoutsRequest>,
  context: Context,
): Promise<ListLayoutsResponse> {
  const domain = await getDomain(context.store, context, input.domainId);
  const page = await listPage(
    context.store,
    { collection: layouts, index: "name", under: [domain.domainId], nameOf: ({ name }) => name },
    {
      of: ["cases ListLayouts", domain.domainId],
      token: input.nextToken,
      limit: input.maxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  const items = page.items.map(({ id, name }) => ({ layoutId: id, layoutArn: layoutArn(domain, id), name }));
  return { layouts: items, nextToken: page.nextToken };
}

/** Changes what is given and keeps the rest. */
export async function updateLayout(
  input: Validated<UpdateLayoutRequest>,
  context: Context,
): Promise<UpdateLayoutResponse> {
  await commitNamed(context, `Layout ${input.name}`, async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const old = await getLiveLayout(unit, domain, input.layoutId);
    if (input.content) await requireContent(unit, context, domain, input.content);
    unit.put(layouts, layoutKey(old), {
      ...old,
      name: input.name ?? old.name,
      content: input.content ?? old.content,
      updatedMs: context.clock.now(),
    });
  });
  return {};
}

/** Refuses to delete a layout that a template has. Its name is free from then on. */
export async function deleteLayout(
  input: Validated<DeleteLayoutRequest>,
  context: Context,
): Promise<DeleteLayoutResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const layout = await getLiveLayout(unit, domain, input.layoutId);
    await requireRoom(unit, context, domain, {
      quota: "cases.deleted-layouts-per-domain",
      refuse: conflict,
      collection: layouts,
      index: "deleted",
      prefix: inDomain(domain, ""),
    });
    const range = { index: "layout", prefix: inDomain(domain, layout.id, ""), limit: 1 };
    const [using] = (await unit.list(templates, range)).documents;
    if (using) throw conflict(`Layout ${layout.id} is used by template ${using.id}`);
    unit.put(layouts, layoutKey(layout), { ...layout, isDeleted: true, updatedMs: context.clock.now() });
  });
  return {};
}

type Content = Layout["content"];
type Sections = Validated<LayoutSections>;

async function requireContent(unit: Unit, { limits }: Context, domain: Domain, content: Content): Promise<void> {
  const ids = fieldsOf(content);
  await requireFields(unit, domain, ids, "content");
  if (ids.length > (quotaOf(limits, "cases.fields-per-layout") ?? ids.length)) {
    throw beyond("cases.fields-per-layout", limits);
  }
}

function fieldsOf({ basic }: Content): readonly string[] {
  const sections = [...(basic?.topPanel?.sections ?? []), ...(basic?.moreInfo?.sections ?? [])];
  return sections.flatMap(({ fieldGroup }) => fieldGroup?.fields.map(({ id }) => id) ?? []);
}

function withOnly(ids: ReadonlySet<string>, content: Content): Content {
  const { topPanel, moreInfo } = content.basic ?? {};
  return {
    basic: {
      ...(topPanel && { topPanel: sectionsWithOnly(ids, topPanel) }),
      ...(moreInfo && { moreInfo: sectionsWithOnly(ids, moreInfo) }),
    },
  };
}

function sectionsWithOnly(ids: ReadonlySet<string>, { sections }: Sections): Sections {
  if (!sections) return {};
  return {
    sections: sections.map(({ fieldGroup }) => ({
      fieldGroup: { ...fieldGroup, fields: fieldGroup?.fields.filter(({ id }) => ids.has(id)) ?? [] },
    })),
  };
}
