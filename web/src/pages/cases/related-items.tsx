import type { JSX } from "preact";
import { useServerNow } from "../../clock.ts";
import { ConfirmButton } from "../../parts/form.tsx";
import { Unfolding } from "../../parts/json.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Person } from "../../parts/person.tsx";
import { shownDuration, Time } from "../../parts/time.tsx";
import { usePaged } from "../../query.ts";
import { href } from "../../route.ts";
import { call } from "../../server.ts";
import { AddItem } from "./add-item.tsx";
import { type Domain, type FieldValue, shownText, type Value } from "./domain.ts";
import { ContactLink } from "./shown-value.tsx";

interface Item {
  readonly relatedItemId: string;
  readonly type: string;
  readonly associationTime: string;
  readonly performedBy?: { readonly userArn?: string; readonly customEntity?: string };
  readonly content: {
    readonly contact?: {
      readonly contactArn: string;
      readonly channel: string;
      readonly connectedToSystemTime: string;
    };
    readonly comment?: { readonly body: string };
    readonly file?: { readonly fileArn: string };
    readonly sla?: { readonly slaConfiguration: ServiceLevel };
    readonly connectCase?: { readonly caseId: string };
    readonly custom?: { readonly fields: readonly FieldValue[] };
  };
}

interface ServiceLevel {
  readonly name: string;
  readonly status: "Active" | "Overdue" | "Met" | "NotMet";
  readonly targetFieldValues?: readonly Value[];
  readonly targetTime: string;
  readonly completionTime?: string;
}

const PAGE = 25;

/** What belongs to a case: contacts, comments, files, service levels with their time left, other cases, values of one's own. */
export function RelatedItems({ domain, caseId }: { readonly domain: Domain; readonly caseId: string }): JSX.Element {
  const { domainId } = domain;
  const { rows, error, loading, more, reload } = usePaged(
    `${domainId}/${caseId}`,
    async (nextToken, signal) => {
      const input = { domainId, caseId, maxResults: PAGE, ...(nextToken && { nextToken }) };
      type Answer = { readonly relatedItems: readonly Item[]; readonly nextToken?: string };
      const answer = await call<Answer>("connectcases", "SearchRelatedItems", input, signal);
      return { rows: answer.relatedItems, next: answer.nextToken };
    },
    { keyOf: ({ relatedItemId }) => relatedItemId, everyMs: 3000 },
  );
  return (
    <>
      <AddItem domain={domain} caseId={caseId} onAdded={reload} />
      <section class="card">
        <Failure error={error} />
        {rows.length === 0 && !loading && !error && (
          <Empty>Nothing belongs to this case yet. Comments, contacts and service levels can be added above.</Empty>
        )}
        <ul class="items" aria-label="Related items">
          {rows.map((item) => (
            <li key={item.relatedItemId}>
              <div class="what">
                <Content domain={domain} item={item} />
                <span class="faint">
                  <Time at={item.associationTime} />
                  {item.performedBy && " by "}
                  {item.performedBy?.userArn && <Person arn={item.performedBy.userArn} />}
                  {item.performedBy?.customEntity}
                </span>
                <Unfolding summary="JSON" document={item} />
              </div>
              {item.type !== "File" && (
                <ConfirmButton
                  confirm="Remove"
                  question={`Remove this item of type ${item.type} from the case? The audit history keeps that it was there.`}
                  act={async () => {
                    const { relatedItemId } = item;
                    await call("connectcases", "DeleteRelatedItem", { domainId, caseId, relatedItemId });
                    reload();
                  }}
                >
                  Remove
                </ConfirmButton>
              )}
            </li>
          ))}
        </ul>
        {more && (
          <button type="button" onClick={more}>
            Older items
          </button>
        )}
      </section>
    </>
  );
}

function Content({ domain, item }: { readonly domain: Domain; readonly item: Item }): JSX.Element {
  const { contact, comment, file, sla, connectCase, custom } = item.content;
  if (comment) return <p class="comment">{comment.body}</p>;
  if (contact) {
    return (
      <p class="comment">
        {contact.channel === "TASK" ? "Task" : `Contact (${contact.channel})`} <ContactLink arn={contact.contactArn} />,
        connected <Time at={contact.connectedToSystemTime} />
      </p>
    );
  }
  if (sla) return <Level domain={domain} level={sla.slaConfiguration} />;
  if (file) return <p class="comment">File {file.fileArn}</p>;
  if (connectCase) {
    return (
      <p class="comment">
        Case <a href={href(["cases", domain.domainId, connectCase.caseId])}>{connectCase.caseId}</a>
      </p>
    );
  }
  return (
    <dl class="change">
      {(custom?.fields ?? []).map(({ id, value }) => {
        const field = domain.fields.get(id);
        return (
          <div key={id}>
            <dt>{field?.name ?? id}</dt>
            <dd>{shownText(domain, field, value)}</dd>
          </div>
        );
      })}
    </dl>
  );
}

const LEVELS = {
  Active: ["active", "warn"],
  Overdue: ["overdue", "bad"],
  Met: ["met", "good"],
  NotMet: ["met too late", "bad"],
} as const;

/** A service level: its state, and the time that is left, by the clock of the centre. */
function Level({ domain, level }: { readonly domain: Domain; readonly level: ServiceLevel }): JSX.Element {
  const nowMs = useServerNow();
  const { name, status, targetTime, targetFieldValues = [], completionTime } = level;
  const [word, tone] = LEVELS[status];
  const wanted = targetFieldValues.map((value) => shownText(domain, domain.fields.get("status"), value)).join(" or ");
  const leftMs = nowMs === undefined ? undefined : Date.parse(targetTime) - nowMs;
  return (
    <p class="comment">
      <span class={`badge ${tone}`}>{word}</span> Service level {name}: status {wanted} until <Time at={targetTime} />
      {status === "Active" && leftMs !== undefined && leftMs > 0 && `, ${shownDuration(leftMs)} left`}
      {status === "Overdue" && leftMs !== undefined && leftMs < 0 && `, overdue for ${shownDuration(-leftMs)}`}
      {completionTime && (
        <>
          , reached <Time at={completionTime} />
        </>
      )}
    </p>
  );
}
