import type { JSX } from "preact";
import { DataTable } from "../parts/data-table.tsx";
import { Json } from "../parts/json.tsx";
import { Empty, Failure } from "../parts/notes.tsx";
import { PageHead } from "../parts/page.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Timeline, Tone } from "../parts/timeline.tsx";
import { type Entry, type TimelineData, useTimeline } from "../parts/timeline-data.ts";
import { Transcript } from "../parts/transcript.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { useLoaded } from "../query.ts";
import { href, route } from "../route.ts";
import { call, read } from "../server.ts";
import { ContactActs } from "./contact-acts.tsx";
import { type PublishStatus, Status, sourceTitle } from "./rules/rule-data.tsx";
import { TimelineHead } from "./timelines.tsx";

/** One contact: on one axis, as a conversation, as rules have seen it, and as it is now. */
export function ContactPage(): JSX.Element {
  const [, instance = "", contact = ""] = route.value.path;
  const { value, error } = useTimeline(["contacts", instance, contact]);
  const rules = value?.entries.filter(({ kind }) => kind === "rule") ?? [];
  return (
    <>
      <PageHead title={`Contact ${contact}`} crumbs={[{ title: "Contacts", to: href(["contacts"]) }]} />
      <Failure error={error} />
      {value && <TimelineHead data={value} />}
      {!value && !error && <Empty>One moment …</Empty>}
      {value && (
        <Tabs
          label="Parts of the contact"
          tabs={[
            { name: "timeline", title: "Timeline", view: () => <Timeline data={value} /> },
            {
              name: "conversation",
              title: "Conversation",
              count: saidIn(value),
              view: () => <Transcript data={value} />,
            },
            {
              name: "rules",
              title: "Rules",
              count: rules.length,
              view: () => <Rules instance={instance} contact={contact} rules={rules} data={value} />,
            },
            {
              name: "act",
              title: "Take part",
              view: () => <ContactActs instance={instance} contact={contact} data={value} />,
            },
            { name: "json", title: "JSON", view: () => <Document instance={instance} contact={contact} /> },
          ]}
        />
      )}
    </>
  );
}

function saidIn({ entries }: TimelineData): number {
  return entries.filter(({ kind }) => kind === "transcript").length;
}

/** Each rule that looked at the contact, with every condition green or red. */
function Rules({
  instance,
  contact,
  rules,
  data,
}: {
  readonly instance: string;
  readonly contact: string;
  readonly rules: readonly Entry[];
  readonly data: TimelineData;
}): JSX.Element {
  return (
    <>
      {rules.length === 0 && (
        <Empty>
          No rule has looked at it, or not within the last 7 days. Rules that listen to calls and chats look at those
          whose flow switches analytics on.
        </Empty>
      )}
      {rules.map((rule) => (
        <section key={rule.id} class="card rule-verdict" aria-label={`Rule ${rule.title}`}>
          <h2>
            <Tone entry={rule} /> {rule.title}
            {rule.links?.map(({ title, to }) => (
              <a key={title} href={href(to)}>
                {title}
              </a>
            ))}
            {rule.links?.[0] && (
              <a href={href(rule.links[0].to, { tab: "try", on: "recorded", subject: contact })}>
                Change it and try it on this contact
              </a>
            )}
          </h2>
          <p class="faint">{rule.detail}</p>
          {rule.explanation && <Verdict verdict={rule.explanation.condition} />}
          <ul>
            {data.entries
              .filter(({ kind, id }) => kind === "action" && id.startsWith(`${rule.id}:action:`))
              .map((action) => (
                <li key={action.id}>
                  <Tone entry={action} /> {action.title} <span class="faint">{action.detail}</span>
                </li>
              ))}
          </ul>
        </section>
      ))}
      <OtherRules instance={instance} contact={contact} looked={new Set(rules.map(ruleIdOf))} />
    </>
  );
}

function ruleIdOf({ links }: Entry): string | undefined {
  return links?.[0]?.to.at(-1);
}

/** Why the instance's other rules have said nothing of it: whoever misses one looks for it here. */
function OtherRules({
  instance,
  contact,
  looked,
}: {
  readonly instance: string;
  readonly contact: string;
  readonly looked: ReadonlySet<string | undefined>;
}): JSX.Element | null {
  const { value, error } = useLoaded(`${instance} rules`, async (signal) => {
    const { RuleSummaryList } = await call<{ RuleSummaryList: readonly RuleSummary[] }>(
      "connect",
      "ListRules",
      { InstanceId: instance, MaxResults: OTHERS_MAX },
      signal,
    );
    return RuleSummaryList;
  });
  const others = value?.filter(({ RuleId }) => !looked.has(RuleId)) ?? [];
  if (error) return <Failure error={error} />;
  if (others.length === 0) return null;
  return (
    <section aria-label="Rules that have not looked at it">
      <h2>Rules that have not looked at it</h2>
      <DataTable
        label="Other rules"
        rows={others}
        keyOf={({ RuleId }) => RuleId}
        columns={[
          { name: "Rule", cell: ({ Name, RuleId }) => <a href={href(["rules", instance, RuleId])}>{Name}</a> },
          { name: "Status", cell: ({ PublishStatus }) => <Status status={PublishStatus} /> },
          {
            name: "Why",
            cell: ({ PublishStatus, EventSourceName }) =>
              PublishStatus === "DRAFT"
                ? "It is a draft: only published rules look."
                : `It looks at: ${sourceTitle(EventSourceName).toLowerCase()}.`,
          },
          {
            name: "Try",
            cell: ({ RuleId }) => (
              <a href={href(["rules", instance, RuleId], { tab: "try", on: "recorded", subject: contact })}>
                on this contact
              </a>
            ),
          },
        ]}
      />
    </section>
  );
}

const OTHERS_MAX = 100;

/** As ListRules has it. */
interface RuleSummary {
  readonly Name: string;
  readonly RuleId: string;
  readonly EventSourceName: string;
  readonly PublishStatus: PublishStatus;
}

function Document({ instance, contact }: { readonly instance: string; readonly contact: string }): JSX.Element {
  const { value, error } = useLoaded(
    `${instance}/${contact}`,
    (signal) => read<object>(`contacts/${encodeURIComponent(instance)}/${encodeURIComponent(contact)}`, signal),
    { everyMs: 2000 },
  );
  return (
    <>
      <Failure error={error} />
      {value && <Json value={value} open={3} name={`contact-${contact}`} />}
    </>
  );
}
