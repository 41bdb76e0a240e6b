import type { JSX } from "preact";
import { listAll } from "../../listing.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { Json, Unfolding } from "../../parts/json.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Id } from "../../parts/page.tsx";
import { type Loaded, useLoaded } from "../../query.ts";
import { href } from "../../route.ts";
import { call } from "../../server.ts";
import type { EventConfiguration } from "./case-audit.tsx";
import type { Domain, Layout } from "./domain.ts";
import type { Template } from "./template.ts";

/** How a domain is set up. It is changed by the API; here one reads what holds, with the documents themselves. */

interface OfDomain {
  readonly domain: Domain;
}

/** So many documents of a kind are shown: a domain has fewer by its quotas. */
const SHOWN_MAX = 100;

export function Templates({ domain }: OfDomain): JSX.Element {
  const { domainId, templates } = domain;
  const { value, error } = useLoaded(`${domainId} ${templates.length}`, (signal) =>
    Promise.all(
      templates
        .slice(0, SHOWN_MAX)
        .map(({ templateId }) => call<Template>("connectcases", "GetTemplate", { domainId, templateId }, signal)),
    ),
  );
  return (
    <>
      <Failure error={error} />
      {templates.length === 0 && <Empty>No template yet. CreateTemplate makes one; every case is of one.</Empty>}
      <Cards
        items={(value ?? []).map((template) => ({
          key: template.templateId,
          title: template.name,
          note: `${template.status === "Active" ? "" : "inactive. "}${template.description ?? ""}`,
          facts: [
            [
              "needs",
              namesOf(
                domain,
                template.requiredFields?.map(({ fieldId }) => fieldId),
              ),
            ],
            ["layout", template.layoutConfiguration?.defaultLayout ?? "none"],
            ["case rules", String(template.rules?.length ?? 0)],
          ],
          document: template,
          more: template.status === "Active" && (
            <a href={href(["cases", domainId, "new"], { template: template.templateId })}>New case of it</a>
          ),
        }))}
      />
    </>
  );
}

export function Fields({ domain }: OfDomain): JSX.Element {
  return (
    <>
      <DataTable
        label="Fields"
        rows={[...domain.fields.values()]}
        keyOf={({ fieldId }) => fieldId}
        columns={[
          { name: "Field", cell: ({ name }) => name },
          { name: "Id", cell: ({ fieldId }) => <Id id={fieldId} /> },
          { name: "Type", cell: ({ type }) => type },
          { name: "Whose", cell: ({ namespace }) => (namespace === "System" ? "the system's" : "the domain's") },
          {
            name: "Options",
            cell: ({ fieldId }) =>
              (domain.options.get(fieldId) ?? [])
                .map(({ name, active }) => (active ? name : `${name} (inactive)`))
                .join(", "),
          },
        ]}
      />
      <Unfolding
        summary="JSON"
        document={[...domain.fields.values()].map((field) => ({
          ...field,
          options: domain.options.get(field.fieldId),
        }))}
      />
    </>
  );
}

export function Layouts({ domain }: OfDomain): JSX.Element {
  const { domainId } = domain;
  const { value, error } = useListed<Layout>(domainId, "ListLayouts", "layouts", async (listed, signal) =>
    Promise.all(
      listed.map(({ layoutId }) => call<Layout>("connectcases", "GetLayout", { domainId, layoutId }, signal)),
    ),
  );
  return (
    <>
      <Failure error={error} />
      {value?.length === 0 && <Empty>No layout yet: cases show all of their fields. CreateLayout makes one.</Empty>}
      <Cards
        items={(value ?? []).map((layout) => ({
          key: layout.layoutId,
          title: layout.name,
          note: "",
          facts: [
            ...(["topPanel", "moreInfo"] as const).map((panel): [string, string] => [
              panel === "topPanel" ? "top panel" : "more information",
              (layout.content?.basic?.[panel]?.sections ?? [])
                .map(({ fieldGroup }) =>
                  namesOf(
                    domain,
                    fieldGroup?.fields.map(({ id }) => id),
                  ),
                )
                .join("; ") || "nothing",
            ]),
          ],
          document: layout,
        }))}
      />
    </>
  );
}

interface Operand {
  readonly fieldId?: string;
  readonly stringValue?: string;
  readonly booleanValue?: boolean;
  readonly doubleValue?: number;
  readonly emptyValue?: object;
}

interface Comparison {
  readonly operandOne: Operand;
  readonly operandTwo: Operand;
  readonly result: boolean;
}

interface Condition {
  readonly equalTo?: Comparison;
  readonly notEqualTo?: Comparison;
  readonly andAll?: { readonly conditions: readonly Condition[] };
  readonly orAll?: { readonly conditions: readonly Condition[] };
}

interface Decision {
  readonly defaultValue: boolean;
  readonly conditions: readonly Condition[];
}

interface CaseRule {
  readonly caseRuleId: string;
  readonly name: string;
  readonly description?: string;
  readonly rule: {
    readonly required?: Decision;
    readonly hidden?: Decision;
    readonly fieldOptions?: {
      readonly parentFieldId?: string;
      readonly childFieldId?: string;
      readonly parentChildFieldOptionsMappings: readonly {
        readonly parentFieldOptionValue: string;
        readonly childFieldOptionValues: readonly string[];
      }[];
    };
  };
}

/** BatchGetCaseRule takes so many. */
const RULES_AT_ONCE = 50;

export function CaseRules({ domain }: OfDomain): JSX.Element {
  const { domainId } = domain;
  const { value, error } = useListed<CaseRule>(domainId, "ListCaseRules", "caseRules", async (listed, signal) => {
    const parts: Promise<{ readonly caseRules: readonly CaseRule[] }>[] = [];
    for (let from = 0; from < listed.length; from += RULES_AT_ONCE) {
      const caseRules = listed.slice(from, from + RULES_AT_ONCE).map(({ caseRuleId }) => ({ id: caseRuleId }));
      parts.push(call("connectcases", "BatchGetCaseRule", { domainId, caseRules }, signal));
    }
    return (await Promise.all(parts)).flatMap(({ caseRules }) => caseRules);
  });
  return (
    <>
      <Failure error={error} />
      {value?.length === 0 && (
        <Empty>No case rule yet. CreateCaseRule makes one, and a template applies it to a field.</Empty>
      )}
      <Cards
        items={(value ?? []).map((caseRule) => ({
          key: caseRule.caseRuleId,
          title: caseRule.name,
          note: caseRule.description ?? "",
          facts: factsOf(domain, caseRule),
          document: caseRule,
        }))}
      />
    </>
  );
}

function factsOf(domain: Domain, { rule }: CaseRule): readonly (readonly [string, string])[] {
  const { required, hidden, fieldOptions } = rule;
  if (fieldOptions) {
    const [parent, child] = [fieldOptions.parentFieldId, fieldOptions.childFieldId].map((id) =>
      namesOf(domain, id ? [id] : []),
    );
    return fieldOptions.parentChildFieldOptionsMappings.map(({ parentFieldOptionValue, childFieldOptionValues }) => [
      `${parent} is ${parentFieldOptionValue}`,
      `${child} may be ${childFieldOptionValues.join(", ") || "nothing"}`,
    ]);
  }
  const decision = required ?? hidden;
  const [yes, no] = required ? ["required", "not required"] : ["hidden", "shown"];
  if (!decision) return [];
  return [
    ...decision.conditions.map((condition): [string, string] => [
      inWords(domain, condition),
      resultOf(condition) ? yes : no,
    ]),
    ["else", decision.defaultValue ? yes : no],
  ];
}

function resultOf({ equalTo, notEqualTo, andAll, orAll }: Condition): boolean {
  const comparison = equalTo ?? notEqualTo;
  if (comparison) return comparison.result;
  const [first] = (andAll ?? orAll)?.conditions ?? [];
  return first ? resultOf(first) : false;
}

function inWords(domain: Domain, { equalTo, notEqualTo, andAll, orAll }: Condition): string {
  const comparison = equalTo ?? notEqualTo;
  if (comparison) {
    const { operandOne, operandTwo } = comparison;
    const name = namesOf(domain, operandOne.fieldId ? [operandOne.fieldId] : []);
    if (operandTwo.emptyValue) return `${name} ${equalTo ? "has no value" : "has a value"}`;
    const value = operandTwo.stringValue ?? operandTwo.doubleValue ?? operandTwo.booleanValue;
    return `${name} ${equalTo ? "is" : "is not"} ${value}`;
  }
  const conditions = (andAll ?? orAll)?.conditions ?? [];
  return conditions.map((condition) => `(${inWords(domain, condition)})`).join(andAll ? " and " : " or ");
}

export function EventSettings({ domain }: OfDomain): JSX.Element {
  const { domainId } = domain;
  const { value, error } = useLoaded(
    domainId,
    (signal) => call<EventConfiguration>("connectcases", "GetCaseEventConfiguration", { domainId }, signal),
    { everyMs: 5000 },
  );
  if (!value) return <Failure error={error} />;
  const { enabled, includedData } = value.eventBridge;
  const { caseData, relatedItemData } = includedData ?? {};
  return (
    <section class="card">
      <p>
        {enabled ? (
          <>
            Changes of cases are told on the <a href={href(["buses", "default"])}>default event bus</a>.
          </>
        ) : (
          "Changes of cases are not told on the default event bus: PutCaseEventConfiguration switches them on."
        )}
      </p>
      <dl class="change">
        <dt>values of</dt>
        <dd>
          {caseData?.autoIncludeFields && `all fields of the kind ${caseData.autoIncludeFields}, and `}
          {namesOf(
            domain,
            caseData?.fields.map(({ id }) => id),
          )}
        </dd>
        <dt>content of related items</dt>
        <dd>{relatedItemData?.includeContent ? "included" : "left out"}</dd>
      </dl>
      <Json value={value} open={4} name="case-event-configuration" />
    </section>
  );
}

/** The documents behind a list, which tells names alone. */
function useListed<T>(
  domainId: string,
  operation: string,
  member: string,
  load: (listed: readonly T[], signal: AbortSignal) => Promise<readonly T[]>,
): Loaded<readonly T[]> {
  return useLoaded(domainId, async (signal) => {
    const input = { domainId, maxResults: 100 };
    const listed = await listAll<T>({ model: "connectcases", operation, input, member, token: "nextToken" }, signal);
    return load(listed.slice(0, SHOWN_MAX), signal);
  });
}

function namesOf(domain: Domain, ids: readonly string[] = []): string {
  return ids.map((id) => domain.fields.get(id)?.name ?? id).join(", ") || "nothing";
}

interface Card {
  readonly key: string;
  readonly title: string;
  readonly note: string;
  readonly facts: readonly (readonly [name: string, text: string])[];
  readonly document: unknown;
  readonly more?: JSX.Element | false;
}

function Cards({ items }: { readonly items: readonly Card[] }): JSX.Element {
  return (
    <>
      {items.map(({ key, title, note, facts, document, more }) => (
        <section key={key} class="card">
          <h2>{title}</h2>
          {note !== "" && <p class="faint">{note}</p>}
          <dl class="change">
            {facts.map(([name, text], place) => (
              <div key={place}>
                <dt>{name}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
          {more}
          <Unfolding summary="JSON" document={document} />
        </section>
      ))}
    </>
  );
}
