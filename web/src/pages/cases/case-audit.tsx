import type { JSX } from "preact";
import { Unfolding } from "../../parts/json.tsx";
import { Failure } from "../../parts/notes.tsx";
import { Person } from "../../parts/person.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded, usePaged } from "../../query.ts";
import { href } from "../../route.ts";
import { call } from "../../server.ts";
import { type Domain, shownText, type Value } from "./domain.ts";

interface AuditEvent {
  readonly eventId: string;
  readonly type: string;
  readonly relatedItemType?: string;
  readonly performedTime: string;
  readonly fields: readonly { readonly eventFieldId: string; readonly oldValue?: Value; readonly newValue: Value }[];
  readonly performedBy?: {
    readonly user?: { readonly userArn?: string; readonly customEntity?: string };
    readonly iamPrincipalArn: string;
  };
}

/** As GetCaseEventConfiguration answers it. */
export interface EventConfiguration {
  readonly eventBridge: {
    readonly enabled: boolean;
    readonly includedData?: {
      readonly caseData?: { readonly fields: readonly { readonly id: string }[]; readonly autoIncludeFields?: string };
      readonly relatedItemData?: { readonly includeContent: boolean };
    };
  };
}

const PAGE = 25;

const WORDS: Readonly<Record<string, string>> = {
  "Case.Created": "Created the case",
  "Case.Updated": "Changed the case",
  "Case.Merged": "Merged the case",
  "RelatedItem.Created": "Added",
  "RelatedItem.Updated": "Changed",
  "RelatedItem.Deleted": "Removed",
};

/** What was done to a case, the newest first: when, by whom, and each value before and after it. */
export function CaseAudit({ domain, caseId }: { readonly domain: Domain; readonly caseId: string }): JSX.Element {
  const { domainId } = domain;
  const { rows, error, more } = usePaged(
    `${domainId}/${caseId}`,
    async (nextToken, signal) => {
      const input = { domainId, caseId, maxResults: PAGE, ...(nextToken && { nextToken }) };
      type Answer = { readonly auditEvents: readonly AuditEvent[]; readonly nextToken?: string };
      const answer = await call<Answer>("connectcases", "GetCaseAuditEvents", input, signal);
      return { rows: answer.auditEvents, next: answer.nextToken };
    },
    { keyOf: ({ eventId }) => eventId, everyMs: 3000 },
  );
  return (
    <>
      <ToldOnBus domain={domain} />
      <section class="card">
        <Failure error={error} />
        <ol class="audit" aria-label="Audit history">
          {rows.map((event) => (
            <li key={event.eventId}>
              <p>
                <strong>
                  {WORDS[event.type] ?? event.type}
                  {event.relatedItemType && ` (${event.relatedItemType})`}
                </strong>{" "}
                <Time at={event.performedTime} /> <By event={event} />
              </p>
              <Changes domain={domain} event={event} />
              <Unfolding summary="JSON" document={event} />
            </li>
          ))}
        </ol>
        {more && (
          <button type="button" onClick={more}>
            Earlier
          </button>
        )}
      </section>
    </>
  );
}

function By({ event: { performedBy } }: { readonly event: AuditEvent }): JSX.Element | null {
  if (!performedBy) return null;
  const { user, iamPrincipalArn } = performedBy;
  return (
    <span class="faint">
      {"by "}
      {user?.userArn && <Person arn={user.userArn} />}
      {user?.customEntity}
      {user && " as "}
      <Person arn={iamPrincipalArn} />
    </span>
  );
}

function Changes({ domain, event }: { readonly domain: Domain; readonly event: AuditEvent }): JSX.Element | null {
  if (event.fields.length === 0) return null;
  return (
    <dl class="change">
      {event.fields.map(({ eventFieldId, oldValue, newValue }) => {
        const field = domain.fields.get(eventFieldId);
        const before = shownText(domain, field, oldValue);
        const after = shownText(domain, field, newValue);
        return (
          <div key={eventFieldId}>
            <dt>{field?.name ?? eventFieldId}</dt>
            <dd>
              {before !== "" && (
                <>
                  <del>{before}</del> →{" "}
                </>
              )}
              {after === "" ? <em class="faint">no value</em> : <ins>{after}</ins>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** Whether changes of the domain's cases are told on the bus, in a line. */
function ToldOnBus({ domain: { domainId } }: { readonly domain: Domain }): JSX.Element | null {
  const { value, error } = useLoaded(domainId, (signal) =>
    call<EventConfiguration>("connectcases", "GetCaseEventConfiguration", { domainId }, signal),
  );
  if (!value) return <Failure error={error} />;
  return (
    <p class="faint">
      {value.eventBridge.enabled ? (
        <>
          Each change is also told on the <a href={href(["buses", "default"])}>default event bus</a>:{" "}
        </>
      ) : (
        "No change is told on the default event bus: "
      )}
      <a href={href(["cases", domainId], { tab: "events" })}>event configuration</a>
    </p>
  );
}
