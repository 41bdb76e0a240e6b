import type { Timer } from "../../flow/index.ts";
import type { Collection, Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { auditEntries, auditKey } from "./audit.ts";
import { caseKey, cases } from "./case.ts";
import { caseRuleKey, caseRules } from "./case-rule.ts";
import { clientTokenKey, clientTokens } from "./client-token.ts";
import { type DomainRef, inDomain } from "./domain.ts";
import { fieldKey, fieldOptionKey, fieldOptions, fields } from "./field.ts";
import { layoutKey, layouts } from "./layout.ts";
import { relatedItemKey, relatedItems } from "./related-item.ts";
import { ruleUseKey, ruleUses } from "./rule-use.ts";
import { cancelBreach, isSla } from "./slas.ts";
import { templateKey, templates } from "./template.ts";

/** A timer of this kind deletes what lay in a deleted domain, a step at a time. */
const DOMAIN_SWEEP = "cases.domain-sweep";

/** Documents deleted in one unit: few enough that nobody waits for it. */
const SWEPT_PER_STEP = 100;

type Swept = Pick<DomainRef, "domainId">;

/** Deletes some of what lies in a domain; answers whether there was any. */
type Sweep = (unit: Unit, domain: Swept, platform: Pick<Platform, "flow">) => Promise<boolean>;

/** Every collection whose documents lie in domains. */
const SWEEPS: readonly Sweep[] = [
  sweepOf(templates, templateKey),
  sweepOf(ruleUses, ruleUseKey),
  sweepOf(caseRules, caseRuleKey),
  sweepOf(layouts, layoutKey),
  // Nothing waits for the end of a service level any more: that may be in two years.
  sweepOf(relatedItems, relatedItemKey, (unit, platform, item) => isSla(item) && cancelBreach(unit, platform, item)),
  sweepOf(cases, caseKey),
  sweepOf(auditEntries, auditKey),
  sweepOf(clientTokens, clientTokenKey),
  sweepOf(fieldOptions, fieldOptionKey),
  sweepOf(fields, fieldKey),
];

export function sweepDomainTimer({ domainId }: Swept, nowMs: number): Timer {
  return { id: `${DOMAIN_SWEEP} ${domainId}`, kind: DOMAIN_SWEEP, dueMs: nowMs, payload: { domainId } };
}

export function sweepDomains({ flow, clock }: Platform): void {
  flow.onTimer(DOMAIN_SWEEP, async (unit, { payload }) => {
    const domain = payload as Swept;
    for (const sweep of SWEEPS) {
      if (!(await sweep(unit, domain, { flow }))) continue;
      flow.schedule(unit, sweepDomainTimer(domain, clock.now()));
      return;
    }
  });
}

/** `keyOf`: the key of a document, which begins with its domain's id. `end`: what else goes with it. */
function sweepOf<T>(
  from: Collection<T>,
  keyOf: (document: T) => string,
  end: (unit: Unit, platform: Pick<Platform, "flow">, document: T) => void = () => {},
): Sweep {
  return async (unit, domain, platform) => {
    const { documents } = await unit.list(from, { prefix: inDomain(domain, ""), limit: SWEPT_PER_STEP });
    for (const document of documents) {
      unit.delete(from, keyOf(document));
      end(unit, platform, document);
    }
    return documents.length > 0;
  };
}
