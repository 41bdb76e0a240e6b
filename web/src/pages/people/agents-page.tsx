import type { JSX } from "preact";
import { useServerNow } from "../../clock.ts";
import { instanceId } from "../../instance.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { NoInstance } from "../../parts/no-instance.tsx";
import { Empty, Failure, Figure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { shownDuration } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href, route, setQuery } from "../../route.ts";
import { type AgentStatus, listRoutingProfiles, listStatuses, listUsers, type Named } from "./instance-lists.ts";
import { StatusChoice } from "./status-choice.tsx";
import { DOINGS, type Doing, doingOf, signedIn, type UserData } from "./user-data.ts";
import "./people.css";

interface Person {
  readonly id: string;
  readonly name: string;
  /** Absent for who is signed out. */
  readonly now: UserData | undefined;
}

/** The users of an instance with what they do now; their status can be set here. */
export function AgentsPage(): JSX.Element {
  const instance = instanceId.value;
  const known = useLoaded(
    instance,
    async (signal) => {
      const id = instance ?? "";
      const [users, statuses, profiles] = await Promise.all([
        listUsers(id, signal),
        listStatuses(id, signal),
        listRoutingProfiles(id, signal),
      ]);
      return { users, statuses, profiles };
    },
    { everyMs: 10_000 },
  );
  const { users = [], statuses = [], profiles = [] } = known.value ?? {};
  const ids = profiles.map(({ Id }) => Id);
  const now = useLoaded(
    instance && ids.length > 0 ? `${instance} ${ids.length}` : undefined,
    (signal) => signedIn(instance ?? "", { RoutingProfiles: ids }, signal),
    { everyMs: 2000 },
  );
  const data = new Map((now.value ?? []).map((one) => [one.User.Id, one]));
  const people = users.map(({ Id, Username }): Person => ({ id: Id, name: Username, now: data.get(Id) }));
  const found = people.filter(isWanted(route.value.query)).sort(bySignedIn);
  return (
    <>
      <PageHead title="Agents" />
      <Failure error={known.error ?? now.error} />
      <NoInstance>there are no agents</NoInstance>
      {known.value && <Figures people={people} />}
      <Filters statuses={statuses} profiles={profiles} />
      {known.value && users.length === 0 && (
        <Empty>
          The instance has no user.{" "}
          <a href={href(["api"], { model: "connect", operation: "CreateUser" })}>CreateUser</a> makes one; who signs in
          here or sets a status is an agent at work.
        </Empty>
      )}
      {users.length > 0 && found.length === 0 && (
        <Empty>
          No agent is like that. <a href={href(["agents"])}>Show all</a>
        </Empty>
      )}
      {instance && found.length > 0 && (
        <AgentTable instance={instance} people={found} statuses={statuses} profiles={profiles} onSet={now.reload} />
      )}
    </>
  );
}

function isWanted(query: URLSearchParams): (person: Person) => boolean {
  const given = (name: string): string => (query.get(name) ?? "").toLowerCase();
  const [text, status, doing, profile] = [given("text"), given("status"), given("doing"), query.get("profile") ?? ""];
  return ({ name, now }) => {
    if (text !== "" && !name.toLowerCase().includes(text)) return false;
    if (status === "signed out" && now) return false;
    if (status !== "" && status !== "signed out" && now?.Status.StatusName.toLowerCase() !== status) return false;
    if (doing !== "" && (!now || doingOf(now) !== doing)) return false;
    return profile === "" || now?.RoutingProfile.Id === profile;
  };
}

function bySignedIn(a: Person, b: Person): number {
  return Number(b.now !== undefined) - Number(a.now !== undefined) || a.name.localeCompare(b.name);
}

function Figures({ people }: { readonly people: readonly Person[] }): JSX.Element {
  const signed = people.flatMap(({ now }) => (now ? [now] : []));
  const statuses = new Map<string, number>();
  for (const { Status } of signed) statuses.set(Status.StatusName, (statuses.get(Status.StatusName) ?? 0) + 1);
  const doings = Object.entries(DOINGS) as [Doing, string][];
  return (
    <div class="figures">
      {[...statuses].sort().map(([name, count]) => (
        <Figure key={name} name={name} value={count} to={href(["agents"], { status: name })} />
      ))}
      <Figure name="signed out" value={people.length - signed.length} to={href(["agents"], { status: "signed out" })} />
      {doings
        .map(([doing, name]) => [doing, name, signed.filter((one) => doingOf(one) === doing).length] as const)
        .filter(([doing, , count]) => count > 0 && doing !== "away" && doing !== "free")
        .map(([doing, name, count]) => (
          <Figure key={doing} name={name} value={count} to={href(["agents"], { doing })} />
        ))}
    </div>
  );
}

function Filters({
  statuses,
  profiles,
}: {
  readonly statuses: readonly AgentStatus[];
  readonly profiles: readonly Named[];
}): JSX.Element {
  const { query } = route.value;
  return (
    <search class="filters">
      <label>
        Name{" "}
        <input
          type="search"
          value={query.get("text") ?? ""}
          onInput={(event) => setQuery({ text: event.currentTarget.value })}
        />
      </label>
      <Choice name="status" label="Status" none="any">
        {statuses.map(({ Id, Name }) => (
          <option key={Id} value={Name}>
            {Name}
          </option>
        ))}
        <option value="signed out">signed out</option>
      </Choice>
      <Choice name="doing" label="Who" none="all">
        {Object.entries(DOINGS).map(([doing, title]) => (
          <option key={doing} value={doing}>
            {title}
          </option>
        ))}
      </Choice>
      <Choice name="profile" label="Routing profile" none="any">
        {profiles.map(({ Id, Name }) => (
          <option key={Id} value={Id}>
            {Name}
          </option>
        ))}
      </Choice>
    </search>
  );
}

function Choice({
  name,
  label,
  none,
  children,
}: {
  readonly name: string;
  readonly label: string;
  readonly none: string;
  readonly children: preact.ComponentChildren;
}): JSX.Element {
  return (
    <label>
      {label}{" "}
      <select
        value={route.value.query.get(name) ?? ""}
        onChange={(event) => setQuery({ [name]: event.currentTarget.value })}
      >
        <option value="">{none}</option>
        {children}
      </select>
    </label>
  );
}

function AgentTable({
  instance,
  people,
  statuses,
  profiles,
  onSet,
}: {
  readonly instance: string;
  readonly people: readonly Person[];
  readonly statuses: readonly AgentStatus[];
  readonly profiles: readonly Named[];
  onSet(): void;
}): JSX.Element {
  const nowMs = useServerNow();
  const columns: readonly Column<Person>[] = [
    { name: "Agent", cell: ({ id, name }) => <a href={href(["agents", instance, id])}>{name}</a> },
    {
      name: "Status",
      cell: ({ id, name, now }) => (
        <StatusChoice
          instanceId={instance}
          userId={id}
          name={name}
          current={now?.Status.StatusName}
          statuses={statuses}
          onSet={onSet}
        />
      ),
    },
    {
      name: "For",
      isNumber: true,
      cell: ({ now }) =>
        now && nowMs !== undefined && shownDuration(Math.max(0, nowMs - Date.parse(now.Status.StatusStartTimestamp))),
    },
    { name: "Next", cell: ({ now }) => now?.NextStatus },
    {
      name: "Contacts",
      cell: ({ now }) =>
        now?.Contacts.map(({ ContactId, Channel, AgentContactState }) => (
          <a key={ContactId} class="has-contact" href={href(["contacts", instance, ContactId])} title={ContactId}>
            {Channel} {AgentContactState.toLowerCase().replaceAll("_", " ")}
          </a>
        )),
    },
    {
      name: "Slots",
      cell: ({ now }) =>
        now &&
        Object.entries(now.MaxSlotsByChannel)
          .map(([channel, slots]) => `${channel} ${now.ActiveSlotsByChannel[channel] ?? 0}/${slots}`)
          .join(", "),
    },
    {
      name: "Routing profile",
      cell: ({ now }) =>
        now && (profiles.find(({ Id }) => Id === now.RoutingProfile.Id)?.Name ?? now.RoutingProfile.Id),
    },
  ];
  return <DataTable label="Agents" columns={columns} rows={people} keyOf={({ id }) => id} total={people.length} />;
}
