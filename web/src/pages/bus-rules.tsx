import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { DataTable } from "../parts/data-table.tsx";
import { ActionButton, Field } from "../parts/form.tsx";
import { formatJson, JsonEditor, type Problem, parseJson } from "../parts/json-editor.tsx";
import { Empty, Failure } from "../parts/notes.tsx";
import { Verdict, type VerdictTree } from "../parts/verdict.tsx";
import { useFollowed, usePaged } from "../query.ts";
import { failedFrom, type Rates, trafficBetween, useRates } from "../rates.ts";
import { href } from "../route.ts";
import { call, post, region } from "../server.ts";
import { EVENT_PATTERN } from "./event-pattern.ts";
import "./bus-rules.css";

const PAGE = 100;

/** In the place of a rule's name: no rule can have that one. */
export const NEW_RULE = "~new";

interface Rule {
  readonly Name: string;
  readonly Arn: string;
  readonly State: string;
  readonly EventPattern?: string;
  readonly ScheduleExpression?: string;
  readonly ManagedBy?: string;
  readonly Description?: string;
}

/** The rules of a bus, and one event against all of them. */
export function BusRules({ bus }: { readonly bus: string }): JSX.Element {
  const { rows, error, loading, more } = usePaged<Rule>(
    `${bus} ${region.value}`,
    async (NextToken, signal) => {
      const input = { EventBusName: bus, Limit: PAGE, ...(NextToken !== undefined && { NextToken }) };
      const answer = await call<{ Rules?: readonly Rule[]; NextToken?: string }>("events", "ListRules", input, signal);
      return { rows: answer.Rules ?? [], next: answer.NextToken };
    },
    { keyOf: ({ Name }) => Name, everyMs: 5000 },
  );
  const { value: rates } = useRates();
  return (
    <>
      <section aria-label="Rules of the bus">
        <div class="section-head">
          <h2>Rules</h2>
          <a class="button" href={href(["buses", bus, NEW_RULE])}>
            New rule
          </a>
        </div>
        <Failure error={error} />
        {rows.length === 0 && !loading && !error && (
          <Empty>No rule listens to this bus. What is put there reaches nobody yet: New rule.</Empty>
        )}
        {rows.length > 0 && (
          <DataTable
            label="Rules"
            rows={rows}
            more={more}
            keyOf={({ Name }) => Name}
            columns={[
              { name: "Rule", cell: ({ Name }) => <a href={href(["buses", bus, Name])}>{Name}</a> },
              { name: "State", cell: ({ State }) => <RuleState state={State} /> },
              {
                name: "Pattern or schedule",
                cell: (rule) => (
                  <code class="pattern-cell" title={rule.EventPattern ?? rule.ScheduleExpression}>
                    {[rule.ScheduleExpression, rule.EventPattern].filter(Boolean).join("  ")}
                  </code>
                ),
              },
              {
                name: "Matched",
                isNumber: true,
                cell: ({ Arn, ScheduleExpression }) =>
                  rates && ScheduleExpression === undefined && wentTo(rates, Arn).toLocaleString(),
              },
              {
                name: "Failed",
                isNumber: true,
                cell: ({ Arn }) => rates && <FailedDeliveries arn={Arn} count={failedFrom(rates, Arn)} />,
              },
              ...(rows.some(({ ManagedBy }) => ManagedBy !== undefined)
                ? [{ name: "Managed by", cell: ({ ManagedBy }: Rule) => ManagedBy }]
                : []),
            ]}
          />
        )}
      </section>
      <Sandbox bus={bus} />
    </>
  );
}

/** What a rule has matched since the server started: its bus is told by its ARN. */
export function wentTo(rates: Rates, ruleArn: string): number {
  const [, place = "", path = ""] = /^(.*):rule\/(.*)$/.exec(ruleArn) ?? [];
  const bus = path.includes("/") ? path.slice(0, path.indexOf("/")) : "default";
  return trafficBetween(rates, `${place}:event-bus/${bus}`, ruleArn).went;
}

/** Attempts to deliver what a rule sends that failed: leads to why. */
export function FailedDeliveries({ arn, count }: { readonly arn: string; readonly count: number }): JSX.Element {
  if (count === 0) return <span>0</span>;
  return (
    <a class="bad" href={href(["deliveries"], { tab: "attempts", rule: arn, outcome: "not-delivered" })}>
      ✗ {count.toLocaleString()}
    </a>
  );
}

export function RuleState({ state }: { readonly state: string }): JSX.Element {
  const isOn = state !== "DISABLED";
  return <span class={isOn ? "state good" : "state faint"}>{state.toLowerCase().replaceAll("_", " ")}</span>;
}

const SAMPLE = `{
  "source": "shop.orders",
  "detail-type": "Order Placed",
  "detail": { "amount": 49.5 }
}`;

export interface Explained {
  readonly matched: boolean;
  readonly reason?: string;
  readonly note?: string;
  readonly condition: VerdictTree;
}

/** As `POST /_trunkline/explain` answers of a bus. */
interface BusExplained {
  readonly matched: number;
  readonly asked: number;
  readonly more?: number;
  readonly rules: readonly (Explained & { readonly name: string; readonly state: string })[];
}

const EMPTY_PATTERN = `{
  "source": ["shop.orders"]
}`;

/** Asks every rule of a bus of one event: which of them it would meet, and why not the others; and a pattern that no rule has yet. Nothing is sent. */
function Sandbox({ bus }: { readonly bus: string }): JSX.Element {
  const text = useSignal(SAMPLE);
  const pattern = useSignal(EMPTY_PATTERN);
  const problems = useSignal<readonly Problem[]>([]);
  const answer = useSignal<BusExplained | undefined>(undefined);
  const own = useSignal<Explained | undefined>(undefined);
  return (
    <section class="card" aria-label="Sandbox">
      <h2>Try an event against all rules</h2>
      <div class="form">
        <LastEvents bus={bus} onEvent={(event) => (text.value = event)} />
        <JsonEditor label="Event" text={text.value} rows={7} onText={(next) => (text.value = next)} />
        <ActionButton
          isPrimary
          act={async () => {
            answer.value = undefined;
            answer.value = await post<BusExplained>("explain", { bus, event: parsedEvent(text.value) });
          }}
        >
          Try
        </ActionButton>
        {answer.value && <Answers bus={bus} answer={answer.value} />}
        <details>
          <summary>A pattern that no rule has yet</summary>
          <div class="form">
            <JsonEditor
              label="Pattern"
              text={pattern.value}
              shapes={EVENT_PATTERN}
              problems={problems.value}
              rows={6}
              onText={(next) => {
                problems.value = NONE;
                pattern.value = next;
              }}
            />
            <ActionButton
              act={async () => {
                own.value = undefined;
                own.value = await explainPattern(pattern.value, text.value, problems);
              }}
            >
              Try the pattern
            </ActionButton>
            {own.value && <PatternVerdict explained={own.value} />}
          </div>
        </details>
      </div>
    </section>
  );
}

const NONE: readonly Problem[] = [];

/** Asks a pattern of an event. What is wrong with the pattern is told at its place. */
export async function explainPattern(
  pattern: string,
  event: string,
  problems: { value: readonly Problem[] },
): Promise<Explained> {
  const asked = parsedEvent(event);
  try {
    return await post<Explained>("explain", { pattern, event: asked });
  } catch (error) {
    problems.value = [{ message: (error as Error).message }];
    throw error;
  }
}

function parsedEvent(text: string): unknown {
  const parsed = parseJson(text);
  if ("error" in parsed) throw new Error(`The event is no JSON: ${parsed.error}`);
  return parsed.value;
}

export function PatternVerdict({ explained }: { readonly explained: Explained }): JSX.Element {
  const { matched, reason, note, condition } = explained;
  return (
    <section aria-label="Verdict of the pattern">
      <p>
        <strong class={matched ? "state good" : "state bad"}>{matched ? "matches" : "no match"}</strong> {reason}
      </p>
      {note && <p class="faint">{note}</p>}
      <Verdict verdict={condition} />
    </section>
  );
}

/** Rules that match are open. */
function Answers({ bus, answer }: { readonly bus: string; readonly answer: BusExplained }): JSX.Element {
  const { matched, asked, more, rules } = answer;
  return (
    <section aria-label="Verdicts">
      <p role="status">{asked === 0 ? "No rule of the bus has a pattern." : `${matched} of ${asked} rules match.`}</p>
      <ul class="verdicts">
        {rules.map((rule) => (
          <li key={rule.name}>
            <details open={rule.matched}>
              <summary>
                <span class={rule.matched ? "state good" : "state bad"}>{rule.matched ? "matches" : "no match"}</span>{" "}
                <strong>{rule.name}</strong> {rule.reason && <span class="faint">{rule.reason}</span>}
              </summary>
              {rule.note && <p class="faint">{rule.note}</p>}
              <Verdict verdict={rule.condition} />
              <a href={href(["buses", bus, rule.name])}>Change {rule.name}</a>
            </details>
          </li>
        ))}
      </ul>
      {more !== undefined && <p class="faint">{more} more do not match.</p>}
    </section>
  );
}

const KEPT = 50;

/** Events that have arrived since the page was opened: one of them is tried as it came. */
function LastEvents({ bus, onEvent }: { readonly bus: string; onEvent(text: string): void }): JSX.Element | null {
  const path = `live?name=${encodeURIComponent(`event-bus/${bus}`)}&from=newest`;
  const { value: events = [], isOpen } = useFollowed<Event, readonly Event[]>(path, (before = [], event) =>
    [event, ...before].slice(0, KEPT),
  );
  if (events.length === 0) return isOpen ? <p class="faint">Events that arrive meanwhile can be chosen here.</p> : null;
  return (
    <Field label="An event that has just arrived">
      {(control) => (
        <select
          {...control}
          value=""
          onChange={({ currentTarget: { value } }) => {
            const event = events.find(({ id }) => id === value);
            if (event) onEvent(formatJson(event));
          }}
        >
          <option value="">choose …</option>
          {events.map(({ id, time, source, "detail-type": type }) => (
            <option key={id} value={id} label={`${time} ${source} ${type}`} />
          ))}
        </select>
      )}
    </Field>
  );
}

interface Event {
  readonly id: string;
  readonly time: string;
  readonly source: string;
  readonly "detail-type": string;
}
