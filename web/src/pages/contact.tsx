import type { JSX } from "preact";
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
import { read } from "../server.ts";
import { ContactActs } from "./contact-acts.tsx";
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
            { name: "rules", title: "Rules", count: rules.length, view: () => <Rules rules={rules} data={value} /> },
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
function Rules({ rules, data }: { readonly rules: readonly Entry[]; readonly data: TimelineData }): JSX.Element {
  if (rules.length === 0) {
    return (
      <Empty>
        No rule has looked at it, or not within the last 7 days. Rules that listen to calls and chats look at those
        whose flow switches analytics on.
      </Empty>
    );
  }
  return (
    <>
      {rules.map((rule) => (
        <section key={rule.id} class="card rule-verdict" aria-label={`Rule ${rule.title}`}>
          <h2>
            <Tone entry={rule} /> {rule.title}
            {rule.links?.map(({ title, to }) => (
              <a key={title} href={href(to)}>
                {title}
              </a>
            ))}
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
    </>
  );
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
