import type { JSX } from "preact";
import { ActionButton } from "../../parts/form.tsx";
import { Failure } from "../../parts/notes.tsx";
import { Id, PageHead } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href, route } from "../../route.ts";
import { call, post, read } from "../../server.ts";
import { AgentDesk } from "./agent-desk.tsx";
import { AgentHistory } from "./agent-history.tsx";
import { AgentSettings, type User } from "./agent-settings.tsx";
import { type AgentView, agentPath } from "./agent-view.ts";
import { ContactsOf } from "./contacts-of.tsx";
import { listStatuses } from "./instance-lists.ts";
import { StatusChoice } from "./status-choice.tsx";
import "./people.css";

/** One user: what they have now and can do with it, what they had, and how they are set up. An engineer can play them from here. */
export function AgentPage(): JSX.Element {
  const [, instanceId = "", userId = ""] = route.value.path;
  const key = `${instanceId}/${userId}`;
  const user = useLoaded(
    key,
    async (signal) =>
      (await call<{ User: User }>("connect", "DescribeUser", { InstanceId: instanceId, UserId: userId }, signal)).User,
  );
  const now = useLoaded(
    key,
    async (signal) => (await read<{ agent: AgentView | null }>(agentPath(instanceId, userId), signal)).agent,
    { everyMs: 1000 },
  );
  const statuses = useLoaded(instanceId, (signal) => listStatuses(instanceId, signal));
  const name = user.value?.Username ?? "Agent";
  const agent = now.value ?? undefined;
  const isSignedIn = agent?.isSignedIn ?? false;
  return (
    <>
      <PageHead title={name} crumbs={[{ title: "Agents", to: href(["agents"]) }]}>
        {user.value && now.value !== undefined && (
          <>
            <StatusChoice
              instanceId={instanceId}
              userId={userId}
              name={name}
              current={isSignedIn ? agent?.status.name : undefined}
              statuses={statuses.value ?? []}
              onSet={now.reload}
            />
            <ActionButton
              key={isSignedIn ? "out" : "in"}
              act={async () => {
                await post(`${agentPath(instanceId, userId)}/${isSignedIn ? "sign-out" : "sign-in"}`);
                now.reload();
              }}
            >
              {isSignedIn ? "Sign out" : "Sign in"}
            </ActionButton>
          </>
        )}
      </PageHead>
      <Failure error={user.error ?? now.error} />
      <p class="buttons spaced">
        <span class={`dot ${isSignedIn ? "good" : "faint"}`}>
          {isSignedIn ? agent?.status.name : agent === undefined ? "has not signed in yet" : "signed out"}
        </span>
        {isSignedIn && agent && (
          <span class="faint">
            since <Time at={agent.status.startMs / 1000} />
          </span>
        )}
        {agent?.nextStatus && <span class="warn">then {agent.nextStatus.name}</span>}
        <Id id={userId} />
      </p>
      {user.value && (
        <Tabs
          key={key}
          label="Parts of the agent"
          tabs={[
            {
              name: "now",
              title: "Now",
              count: agent?.contacts.length,
              view: () => (
                <AgentDesk
                  instanceId={instanceId}
                  userId={userId}
                  agent={isSignedIn ? agent : undefined}
                  onChange={now.reload}
                />
              ),
            },
            {
              name: "contacts",
              title: "Contacts",
              view: () => <ContactsOf instanceId={instanceId} filter={{ agent: userId }} />,
            },
            { name: "history", title: "History", view: () => <AgentHistory instanceId={instanceId} userId={userId} /> },
            {
              name: "settings",
              title: "Settings",
              view: () => user.value && <AgentSettings instanceId={instanceId} user={user.value} onSet={user.reload} />,
            },
          ]}
        />
      )}
    </>
  );
}
