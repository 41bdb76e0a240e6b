import type { JSX } from "preact";
import { listAll } from "../../listing.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { ConfirmButton } from "../../parts/form.tsx";
import { Unfolding } from "../../parts/json.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href, route, setQuery } from "../../route.ts";
import { call, region, session } from "../../server.ts";
import { DomainChoice } from "./domain-choice.tsx";
import { toneOf } from "./flow.ts";
import { listInDomains } from "./profile-domains.ts";

interface WorkflowItem {
  readonly DomainName: string;
  readonly WorkflowId: string;
  readonly Status: string;
  readonly StatusDescription: string;
  readonly CreatedAt: string;
  readonly LastUpdatedAt: string;
}

interface Workflow {
  readonly WorkflowId: string;
  readonly Status: string;
  readonly ErrorDescription?: string;
  readonly Attributes?: { readonly AppflowIntegration?: { readonly SourceConnectorType: string } };
  readonly Metrics?: {
    readonly AppflowIntegration?: {
      readonly RecordsProcessed: number;
      readonly StepsCompleted: number;
      readonly TotalSteps: number;
    };
  };
}

interface Step {
  readonly AppflowIntegration?: {
    readonly FlowName: string;
    readonly Status: string;
    readonly ExecutionMessage: string;
    readonly RecordsProcessed: number;
    readonly BatchRecordsStartTime: string;
    readonly BatchRecordsEndTime: string;
  };
}

/** What first brings all that a source has had until now, batch after batch, and how far it is. */
export function Workflows(): JSX.Element {
  const { query } = route.value;
  const chosen = query.get("domain") ?? "";
  const opened = query.get("workflow") ?? "";
  const { value, error, reload } = useLoaded(
    `${session.value?.accessKeyId} ${region.value} ${chosen}`,
    (signal) => listInDomains<WorkflowItem>("ListWorkflows", { chosen }, signal),
    { everyMs: 3000 },
  );
  if (!value) return <Failure error={error} />;
  const one = value.items.find(({ WorkflowId }) => WorkflowId === opened);
  return (
    <>
      <Failure error={error} />
      <DomainChoice domains={value.domains} />
      {value.items.length === 0 && (
        <Empty>
          No workflow yet. CreateIntegrationWorkflow brings what Salesforce, Marketo or ServiceNow have had until now,
          and goes on as an integration.
        </Empty>
      )}
      {one && <OneWorkflow key={opened} item={one} onGone={reload} />}
      {value.items.length > 0 && (
        <DataTable
          label="Workflows"
          rows={value.items}
          keyOf={({ WorkflowId }) => WorkflowId}
          isChosen={({ WorkflowId }) => WorkflowId === opened}
          columns={[
            {
              name: "Workflow",
              cell: ({ WorkflowId }) => (
                <a href={href(["integrations"], { tab: "workflows", domain: chosen, workflow: WorkflowId })}>
                  {WorkflowId}
                </a>
              ),
            },
            { name: "Domain", cell: ({ DomainName }) => <a href={href(["profiles", DomainName])}>{DomainName}</a> },
            { name: "State", cell: ({ Status }) => <span class={toneOf(Status)}>{Status}</span> },
            { name: "Made", cell: ({ CreatedAt }) => <Time at={CreatedAt} /> },
            { name: "Changed", cell: ({ LastUpdatedAt }) => <Time at={LastUpdatedAt} /> },
            { name: "Says", cell: ({ StatusDescription }) => StatusDescription },
          ]}
        />
      )}
    </>
  );
}

function OneWorkflow({ item, onGone }: { readonly item: WorkflowItem; onGone(): void }): JSX.Element {
  const { DomainName, WorkflowId } = item;
  const { value, error } = useLoaded(
    `${DomainName} ${WorkflowId}`,
    async (signal) => {
      const input = { DomainName, WorkflowId };
      const listing = { model: "customer-profiles", member: "Items", token: "NextToken" } as const;
      const [workflow, steps] = await Promise.all([
        call<Workflow>("customer-profiles", "GetWorkflow", input, signal),
        listAll<Step>({ ...listing, operation: "GetWorkflowSteps", input: { ...input, MaxResults: 100 } }, signal),
      ]);
      return { workflow, steps };
    },
    { everyMs: 2000 },
  );
  if (!value) return <Failure error={error} />;
  const { RecordsProcessed = 0, StepsCompleted = 0, TotalSteps = 0 } = value.workflow.Metrics?.AppflowIntegration ?? {};
  return (
    <section class="card" aria-label="Workflow">
      <h2>
        {value.workflow.Attributes?.AppflowIntegration?.SourceConnectorType} into {DomainName}{" "}
        <span class={toneOf(value.workflow.Status)}>{value.workflow.Status}</span>
      </h2>
      <p>
        <progress max={Math.max(1, TotalSteps)} value={StepsCompleted} aria-label="Steps that are complete" />{" "}
        {StepsCompleted} of {TotalSteps} steps, {RecordsProcessed} records
      </p>
      {value.workflow.ErrorDescription && <p class="failure">{value.workflow.ErrorDescription}</p>}
      <DataTable
        label="Steps"
        rows={value.steps.flatMap(({ AppflowIntegration }) => (AppflowIntegration ? [AppflowIntegration] : []))}
        keyOf={({ FlowName, BatchRecordsStartTime }) => `${FlowName} ${BatchRecordsStartTime}`}
        columns={[
          { name: "Flow", cell: ({ FlowName }) => <a href={href(["integrations", FlowName])}>{FlowName}</a> },
          { name: "State", cell: ({ Status }) => <span class={toneOf(Status)}>{Status}</span> },
          { name: "From", cell: ({ BatchRecordsStartTime }) => BatchRecordsStartTime },
          { name: "To", cell: ({ BatchRecordsEndTime }) => BatchRecordsEndTime },
          { name: "Records", isNumber: true, cell: (step) => step.RecordsProcessed },
          { name: "Says", cell: ({ ExecutionMessage }) => ExecutionMessage },
        ]}
      />
      <Unfolding summary="JSON" document={value} />
      <div class="buttons">
        {value.workflow.Status !== "CANCELLED" && (
          <ConfirmButton
            confirm="Delete"
            question="Delete the workflow with the flows that it has made, the one that goes on too? What it brought stays, and the workflow is listed as cancelled."
            act={async () => {
              await call("customer-profiles", "DeleteWorkflow", { DomainName, WorkflowId });
              setQuery({ workflow: undefined });
              onGone();
            }}
          >
            Delete
          </ConfirmButton>
        )}
        <button type="button" onClick={() => setQuery({ workflow: undefined })}>
          Close
        </button>
      </div>
    </section>
  );
}
