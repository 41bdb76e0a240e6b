import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { listAll } from "../../listing.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { ActionButton, ChoiceField } from "../../parts/form.tsx";
import { Unfolding } from "../../parts/json.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { useLoaded } from "../../query.ts";
import { href } from "../../route.ts";
import { call } from "../../server.ts";
import { listRoutingProfiles } from "./instance-lists.ts";

/** As DescribeUser answers it. */
export interface User {
  readonly Id: string;
  readonly Username: string;
  readonly RoutingProfileId: string;
  readonly IdentityInfo?: { readonly FirstName?: string; readonly LastName?: string; readonly Email?: string };
}

interface ProfileQueue {
  readonly QueueId: string;
  readonly QueueName: string;
  readonly Channel: string;
  readonly Priority: number;
  readonly Delay: number;
}

/** Who a user is, and which contacts they get: their routing profile, which can be changed, with its queues. */
export function AgentSettings({
  instanceId,
  user,
  onSet,
}: {
  readonly instanceId: string;
  readonly user: User;
  onSet(): void;
}): JSX.Element {
  const profiles = useLoaded(instanceId, (signal) => listRoutingProfiles(instanceId, signal));
  const chosen = useSignal<string | undefined>(undefined);
  const profileId = chosen.value ?? user.RoutingProfileId;
  const queues = useLoaded(`${instanceId}/${profileId}`, (signal) =>
    listAll<ProfileQueue>(
      {
        model: "connect",
        operation: "ListRoutingProfileQueues",
        input: { InstanceId: instanceId, RoutingProfileId: profileId },
        member: "RoutingProfileQueueConfigSummaryList",
        token: "NextToken",
      },
      signal,
    ),
  );
  const { FirstName = "", LastName = "", Email = "" } = user.IdentityInfo ?? {};
  const name = profiles.value?.find(({ Id }) => Id === profileId)?.Name ?? profileId;
  const change = async (): Promise<string> => {
    const input = { InstanceId: instanceId, UserId: user.Id, RoutingProfileId: profileId };
    await call("connect", "UpdateUserRoutingProfile", input);
    onSet();
    return `Has the routing profile ${name} now`;
  };
  return (
    <>
      <dl class="pairs">
        <dt>Name</dt>
        <dd>{`${FirstName} ${LastName}`.trim() || "–"}</dd>
        <dt>E-mail</dt>
        <dd>{Email || "–"}</dd>
      </dl>
      <section class="card">
        <div class="inline">
          <ChoiceField
            label="Routing profile"
            value={profileId}
            choices={(profiles.value ?? []).map(({ Id, Name }) => [Id, Name] as const)}
            onChoice={(id) => (chosen.value = id)}
          />
          <ActionButton act={change} disabled={profileId === user.RoutingProfileId}>
            Change
          </ActionButton>
        </div>
        <Failure error={profiles.error ?? queues.error} />
        {queues.value?.length === 0 && <Empty>This profile serves no queue: nothing is routed to its agents.</Empty>}
        {queues.value && queues.value.length > 0 && (
          <DataTable
            label="Queues of the routing profile"
            rows={queues.value}
            keyOf={({ QueueId, Channel }) => `${QueueId} ${Channel}`}
            columns={[
              {
                name: "Queue",
                cell: ({ QueueId, QueueName }) => <a href={href(["queues", instanceId, QueueId])}>{QueueName}</a>,
              },
              { name: "Channel", cell: ({ Channel }) => Channel },
              { name: "Priority", isNumber: true, cell: ({ Priority }) => Priority },
              { name: "Delay (s)", isNumber: true, cell: ({ Delay }) => Delay },
            ]}
          />
        )}
      </section>
      <Unfolding summary="JSON" document={user} />
    </>
  );
}
