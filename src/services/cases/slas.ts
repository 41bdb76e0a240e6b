/**
 * Service levels of cases: until some time the status shall be a certain one.
 *
 *     created ─┬─► Active ─┬─ the case comes to its target ─► Met
 *              └─► Met     └─ the time passes ─► Overdue ─ the case comes to its target ─► NotMet
 *
 * One that was met does not open again. What becomes Overdue is a breach: rules are told once.
 */
import type { Timer } from "../../flow/index.ts";
import type { Reader, Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { Actor } from "./actor.ts";
import { type Case, caseKey, cases } from "./case.ts";
import { nextChangeMs } from "./change-case.ts";
import { writeItem } from "./change-item.ts";
import { type Domain, type DomainRef, domainKey, domains, inDomain } from "./domain.ts";
import { timeText } from "./field-value.ts";
import { connectActor } from "./performed-by.ts";
import { type RelatedItem, relatedItemKey, relatedItems, type Sla } from "./related-item.ts";
import { tellRules } from "./tell-rules.ts";

export type SlaItem = RelatedItem & { readonly content: Sla };

/** Of a case at most: so each change of its status can look at all of them. */
const SLAS_READ = 1_000;

/** The service levels of a case, in the order of their association. */
export async function slasOf(
  reader: Reader,
  { domainId, id, itemCounts }: Pick<Case, "domainId" | "id" | "itemCounts">,
): Promise<readonly SlaItem[]> {
  if (!itemCounts?.Sla) return [];
  const range = { index: "sla", prefix: inDomain({ domainId }, id, ""), limit: SLAS_READ };
  return (await reader.list(relatedItems, range)).documents.filter(isSla);
}

export function isSla(item: RelatedItem): item is SlaItem {
  return item.content.type === "Sla";
}

/** Those that a status meets, and those that it leaves as they are. */
export async function slasMetBy(
  reader: Reader,
  of: Case,
  status: string,
): Promise<{ readonly met: readonly SlaItem[]; readonly left: readonly SlaItem[] }> {
  const slas = await slasOf(reader, of);
  const isMet = ({ content }: SlaItem): boolean =>
    (content.status === "Active" || content.status === "Overdue") && content.targetValue === status;
  return { met: slas.filter(isMet), left: slas.filter((sla) => !isMet(sla)) };
}

/** Writes down that a case has come to what service levels ask, each as a change of its own. */
export async function meetSlas(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  stored: Case,
  { slas, actor }: { readonly slas: readonly SlaItem[]; readonly actor: Actor },
): Promise<void> {
  let of = stored;
  for (const before of slas) {
    of = { ...of, changedMs: nextChangeMs(platform, of) };
    const { status } = before.content;
    if (status === "Active") cancelBreach(unit, platform, before);
    const content: Sla = {
      ...before.content,
      status: status === "Active" ? "Met" : "NotMet",
      completedMs: platform.clock.now(),
    };
    await writeItem(unit, platform, domain, { of, before, after: { ...before, content }, actor });
  }
}

/** The case with the time of its next breach, of these service levels. */
export function withNextBreach(of: Case, slas: readonly Pick<SlaItem, "content">[]): Case {
  const { next_sla_breach_datetime: _, ...values } = of.values;
  const active = slas.filter(({ content }) => content.status === "Active").map(({ content }) => content.targetMs);
  if (active.length === 0) return { ...of, values };
  return { ...of, values: { ...values, next_sla_breach_datetime: timeText(Math.min(...active)) } };
}

/** Breaches what is overdue by now, if its timer has not yet, in the order of time. Answers the case as it is then. */
export async function breachOverdue(unit: Unit, platform: Platform, domain: Domain, stored: Case): Promise<Case> {
  const nowMs = platform.clock.now();
  const overdue = (await slasOf(unit, stored))
    .filter(({ content }) => content.status === "Active" && content.targetMs <= nowMs)
    .sort((one, other) => one.content.targetMs - other.content.targetMs);
  let of = stored;
  for (const sla of overdue) {
    cancelBreach(unit, platform, sla);
    of = await breach(unit, platform, domain, of, sla);
  }
  return of;
}

async function breach(unit: Unit, platform: Platform, domain: Domain, stored: Case, before: SlaItem): Promise<Case> {
  const after: SlaItem = { ...before, content: { ...before.content, status: "Overdue" } };
  const slas = (await slasOf(unit, stored)).map((sla) => (sla.id === after.id ? after : sla));
  const of = withNextBreach({ ...stored, changedMs: nextChangeMs(platform, stored) }, slas);
  await writeItem(unit, platform, domain, { of, before, after, actor: connectActor(domain) });
  tellRules(unit, domain, of, { kind: "sla-breached", sla: { relatedItemId: after.id, name: after.content.name } });
  return of;
}

const SLA_BREACH = "cases.sla-breach";

type Awaited = DomainRef & Pick<RelatedItem, "caseId" | "id">;

/** Wakes when the time of a service level is over. */
export function awaitBreach(unit: Unit, { flow }: Platform, sla: SlaItem): void {
  const { account, region, domainId, caseId, id, content } = sla;
  const payload: Awaited = { account, region, domainId, caseId, id };
  flow.schedule(unit, { ...breachTimer(sla), dueMs: content.targetMs, payload });
}

export function cancelBreach(
  unit: Unit,
  { flow }: Pick<Platform, "flow">,
  sla: Pick<RelatedItem, "domainId" | "caseId" | "id">,
): void {
  flow.cancel(unit, breachTimer(sla).id);
}

function breachTimer({
  domainId,
  caseId,
  id,
}: Pick<RelatedItem, "domainId" | "caseId" | "id">): Pick<Timer, "id" | "kind"> {
  return { id: `${SLA_BREACH} ${domainId} ${caseId} ${id}`, kind: SLA_BREACH };
}

export function breachSlas(platform: Platform): void {
  platform.flow.onTimer(SLA_BREACH, async (unit, { payload }) => {
    const { account, region, domainId, caseId, id } = payload as Awaited;
    const domain = await unit.get(domains, domainKey({ account, region }, domainId));
    const of = await unit.get(cases, caseKey({ domainId, id: caseId }));
    const item = await unit.get(relatedItems, relatedItemKey({ domainId, caseId, id }));
    if (domain && of && item && isSla(item) && item.content.status === "Active") {
      await breach(unit, platform, domain, of, item);
    }
  });
}
