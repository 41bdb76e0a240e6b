import type { JSX } from "preact";
import { ConfirmButton } from "../../parts/form.tsx";
import { Unfolding } from "../../parts/json.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href, route } from "../../route.ts";
import { call, read, region, session } from "../../server.ts";
import { DomainChoice } from "./domain-choice.tsx";
import { type FlowStatus, toneOf } from "./flow.ts";
import { listInDomains } from "./profile-domains.ts";

interface Integration {
  readonly DomainName: string;
  readonly Uri: string;
  readonly ObjectTypeName?: string;
  readonly ObjectTypeNames?: Readonly<Record<string, string>>;
  readonly WorkflowId?: string;
  readonly EventTriggerNames?: readonly string[];
  readonly CreatedAt: string;
  readonly LastUpdatedAt: string;
}

/** What is tied to the domains of Customer Profiles, with the health of what brings records. */
export function DomainIntegrations(): JSX.Element {
  const chosen = route.value.query.get("domain") ?? "";
  const { value, error, reload } = useLoaded(
    `${session.value?.accessKeyId} ${region.value} ${chosen}`,
    async (signal) => {
      const [{ domains, items }, { flows }] = await Promise.all([
        listInDomains<Integration>("ListIntegrations", { chosen, IncludeHidden: true }, signal),
        read<{ flows: readonly FlowStatus[] }>("flows", signal),
      ]);
      return { domains, items, flows };
    },
    { everyMs: 3000 },
  );
  if (!value) return <Failure error={error} />;
  const { domains, items, flows } = value;
  return (
    <>
      <Failure error={error} />
      <DomainChoice domains={domains} />
      {items.length === 0 && (
        <Empty>
          {domains.length === 0
            ? "There is no domain of Customer Profiles yet: CreateDomain makes one."
            : "No integration yet. PutIntegration ties a domain to an instance, a flow, a bucket, an application or a campaign."}
        </Empty>
      )}
      <ul class="items card" aria-label="Integrations">
        {items.map((item) => (
          <li key={`${item.DomainName} ${item.Uri}`}>
            <OneIntegration item={item} flow={flows.find(({ name }) => name === flowIn(item.Uri))} onGone={reload} />
          </li>
        ))}
      </ul>
    </>
  );
}

function OneIntegration({
  item,
  flow,
  onGone,
}: {
  readonly item: Integration;
  readonly flow: FlowStatus | undefined;
  onGone(): void;
}): JSX.Element {
  const { DomainName, Uri, ObjectTypeName, ObjectTypeNames = {}, WorkflowId, EventTriggerNames = [] } = item;
  const kinds = Object.entries(ObjectTypeNames).map(([event, type]) => `${event} as ${type}`);
  return (
    <>
      <div class="what">
        <p class="comment">
          <strong>{kindOf(Uri)}</strong> <What uri={Uri} flow={flow} /> →{" "}
          <a href={href(["profiles", DomainName])}>{DomainName}</a>
          {ObjectTypeName && ` as ${ObjectTypeName}`}
          {kinds.length > 0 && `: ${kinds.join(", ")}`}
          {EventTriggerNames.length > 0 && `, told by ${EventTriggerNames.join(", ")}`}
        </p>
        {flow && (
          <p class="comment">
            <span class={`badge ${toneOf(flow.status)}`}>{flow.health.toLowerCase()}</span> {flow.status}
            {flow.lastRun && `, last run ${flow.lastRun.status}, ${flow.lastRun.ingested} ingested`}
            {flow.message && <span class="bad"> {flow.message}</span>}
          </p>
        )}
        <span class="faint">
          made <Time at={item.CreatedAt} />
          {item.LastUpdatedAt !== item.CreatedAt && (
            <>
              , changed <Time at={item.LastUpdatedAt} />
            </>
          )}
          {WorkflowId && (
            <>
              {" by "}
              <a href={href(["integrations"], { tab: "workflows", workflow: WorkflowId })}>a workflow</a>
            </>
          )}
        </span>
        <Unfolding summary="JSON" document={item} />
      </div>
      <ConfirmButton
        confirm="Delete"
        question={`End the integration of ${DomainName} with ${Uri}? What it brought stays; a flow that was made for it goes.`}
        act={async () => {
          await call("customer-profiles", "DeleteIntegration", { DomainName, Uri });
          onGone();
        }}
      >
        Delete
      </ConfirmButton>
    </>
  );
}

function What({ uri, flow }: { readonly uri: string; readonly flow: FlowStatus | undefined }): JSX.Element {
  const name = flowIn(uri);
  if (name !== undefined) {
    return (
      <>
        <a href={href(["integrations", name])}>{name}</a>
        {flow && ` (${flow.connector} ${flow.object ?? ""})`}
      </>
    );
  }
  const [, stream] = /:kinesis:[^:]*:[^:]*:stream\/(.+)$/.exec(uri) ?? [];
  if (stream) return <a href={href(["streams", stream])}>{stream}</a>;
  return <span title={uri}>{uri.split(":").slice(5).join(":") || uri}</span>;
}

function flowIn(uri: string): string | undefined {
  return /:appflow:[^:]*:[^:]*:flow\/(.+)$/.exec(uri)?.[1];
}

const KINDS: Readonly<Record<string, string>> = {
  appflow: "Flow",
  s3: "Bucket",
  connect: "Contact records of instance",
  "app-integrations": "Application",
  "connect-campaigns": "Campaigns",
  kinesis: "Stream",
  sqs: "Queue",
  events: "Event bus",
};

function kindOf(uri: string): string {
  return KINDS[uri.split(":")[2] ?? ""] ?? "";
}
