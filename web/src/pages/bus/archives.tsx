import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { ActionButton, ChoiceField, ConfirmButton, Field, TextField } from "../../parts/form.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { call, region } from "../../server.ts";

interface Archive {
  readonly ArchiveName: string;
  readonly State: string;
  readonly EventCount: number;
  readonly SizeBytes: number;
  readonly RetentionDays?: number;
  readonly CreationTime: string | number;
}

interface Replay {
  readonly ReplayName: string;
  readonly State: string;
  readonly StateReason?: string;
  readonly EventSourceArn: string;
  readonly EventStartTime: string | number;
  readonly EventEndTime: string | number;
  readonly EventLastReplayedTime?: string | number;
  readonly ReplayStartTime?: string | number;
  readonly ReplayEndTime?: string | number;
}

interface Kept {
  readonly busArn: string;
  readonly archives: readonly Archive[];
  readonly replays: readonly Replay[];
}

const RELOAD_MS = 2000;
const LISTED_MAX = 100;

/** The archives of a bus, and what was and is replayed out of them. */
export function Archives({ bus }: { readonly bus: string }): JSX.Element {
  const load = async (signal: AbortSignal): Promise<Kept> => {
    const { Arn: busArn } = await call<{ Arn: string }>("events", "DescribeEventBus", { Name: bus }, signal);
    const input = { EventSourceArn: busArn, Limit: LISTED_MAX };
    const { Archives: archives = [] } = await call<{ Archives?: readonly Archive[] }>(
      "events",
      "ListArchives",
      input,
      signal,
    );
    const replays = await listReplays(archives, busArn, signal);
    return { busArn, archives, replays };
  };
  const { value, error, reload } = useLoaded(`${bus} ${region.value}`, load, { everyMs: RELOAD_MS });
  if (!value) return <Failure error={error} />;
  const { busArn, archives, replays } = value;
  return (
    <>
      <Failure error={error} />
      <CreateArchive busArn={busArn} reload={reload} />
      {archives.length === 0 && (
        <Empty>Nothing of this bus is archived. An archive keeps its events, to be replayed.</Empty>
      )}
      {archives.length > 0 && (
        <>
          <ArchiveList archives={archives} reload={reload} />
          <StartReplay busArn={busArn} archives={archives} reload={reload} />
          <h2>Replays</h2>
          {replays.length === 0 && <Empty>Nothing was replayed yet.</Empty>}
          {replays.length > 0 && <ReplayList replays={replays} reload={reload} />}
        </>
      )}
    </>
  );
}

/** Replays of the archives of one bus. */
async function listReplays(
  archives: readonly Archive[],
  busArn: string,
  signal: AbortSignal,
): Promise<readonly Replay[]> {
  if (archives.length === 0) return [];
  const { Replays = [] } = await call<{ Replays?: readonly Replay[] }>(
    "events",
    "ListReplays",
    { Limit: LISTED_MAX },
    signal,
  );
  const own = new Set(archives.map(({ ArchiveName }) => archiveArn(busArn, ArchiveName)));
  return Replays.filter(({ EventSourceArn }) => own.has(EventSourceArn));
}

function archiveArn(busArn: string, name: string): string {
  return `${busArn.split(":").slice(0, 5).join(":")}:archive/${name}`;
}

interface Changing {
  reload(): void;
}

function ArchiveList({ archives, reload }: Changing & { readonly archives: readonly Archive[] }): JSX.Element {
  const remove = async (ArchiveName: string): Promise<undefined> => {
    await call("events", "DeleteArchive", { ArchiveName });
    reload();
  };
  return (
    <DataTable
      label="Archives"
      rows={archives}
      keyOf={({ ArchiveName }) => ArchiveName}
      columns={[
        { name: "Archive", cell: ({ ArchiveName }) => ArchiveName },
        { name: "State", cell: ({ State }) => State.toLowerCase() },
        { name: "Events", isNumber: true, cell: ({ EventCount }) => EventCount },
        { name: "Bytes", isNumber: true, cell: ({ SizeBytes }) => SizeBytes },
        { name: "Kept for", cell: ({ RetentionDays }) => (RetentionDays ? `${RetentionDays} days` : "ever") },
        { name: "Created", cell: ({ CreationTime }) => <Time at={CreationTime} /> },
        {
          name: "Delete",
          cell: ({ ArchiveName, EventCount }) => (
            <ConfirmButton
              act={() => remove(ArchiveName)}
              question={`Deletes archive ${ArchiveName} with its ${EventCount} events.`}
              confirm="Delete archive"
            >
              Delete …
            </ConfirmButton>
          ),
        },
      ]}
    />
  );
}

function CreateArchive({ busArn, reload }: Changing & { readonly busArn: string }): JSX.Element {
  const name = useSignal("");
  const days = useSignal("");
  const pattern = useSignal("");
  const create = async (): Promise<string> => {
    await call("events", "CreateArchive", {
      ArchiveName: name.value,
      EventSourceArn: busArn,
      ...(days.value && { RetentionDays: Number(days.value) }),
      ...(pattern.value && { EventPattern: pattern.value }),
    });
    reload();
    return `${name.value} keeps what comes from now on`;
  };
  return (
    <details class="card spaced">
      <summary>Create an archive</summary>
      <div class="form">
        <TextField label="Archive name" value={name.value} onText={(text) => (name.value = text)} />
        <TextField
          label="Days to keep"
          hint="None: for ever"
          value={days.value}
          onText={(text) => (days.value = text)}
        />
        <TextField
          label="Event pattern"
          hint="None: all events"
          value={pattern.value}
          placeholder={'{"source":["shop.orders"]}'}
          onText={(text) => (pattern.value = text)}
        />
        <ActionButton isPrimary disabled={name.value === ""} act={create}>
          Create
        </ActionButton>
      </div>
    </details>
  );
}

function StartReplay({
  busArn,
  archives,
  reload,
}: Changing & { readonly busArn: string; readonly archives: readonly Archive[] }): JSX.Element {
  const name = useSignal("");
  const archive = useSignal(archives[0]?.ArchiveName ?? "");
  const from = useSignal("");
  const until = useSignal("");
  const start = async (): Promise<string> => {
    await call("events", "StartReplay", {
      ReplayName: name.value,
      EventSourceArn: archiveArn(busArn, archive.value),
      EventStartTime: timeOf(from.value, "From"),
      EventEndTime: timeOf(until.value, "Until"),
      Destination: { Arn: busArn },
    });
    reload();
    return `${name.value} has begun`;
  };
  return (
    <details class="card spaced">
      <summary>Start a replay</summary>
      <div class="form">
        <TextField label="Replay name" value={name.value} onText={(text) => (name.value = text)} />
        <ChoiceField
          label="Archive"
          value={archive.value}
          choices={archives.map(({ ArchiveName }) => ArchiveName)}
          onChoice={(value) => (archive.value = value)}
        />
        <Moment label="From" value={from.value} onValue={(value) => (from.value = value)} />
        <Moment label="Until" value={until.value} onValue={(value) => (until.value = value)} />
        <ActionButton isPrimary disabled={name.value === ""} act={start}>
          Start
        </ActionButton>
      </div>
    </details>
  );
}

function Moment({
  label,
  value,
  onValue,
}: {
  readonly label: string;
  readonly value: string;
  onValue(value: string): void;
}): JSX.Element {
  return (
    <Field label={label}>
      {(control) => (
        <input
          {...control}
          type="datetime-local"
          step="1"
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

function timeOf(value: string, label: string): string {
  const time = new Date(value);
  if (Number.isNaN(time.getTime())) throw new Error(`${label}: give a date and a time`);
  return time.toISOString();
}

const ENDED = new Set(["COMPLETED", "CANCELLED", "FAILED"]);

function ReplayList({ replays, reload }: Changing & { readonly replays: readonly Replay[] }): JSX.Element {
  const cancel = async (ReplayName: string): Promise<string> => {
    await call("events", "CancelReplay", { ReplayName });
    reload();
    return "Cancelled";
  };
  return (
    <DataTable
      label="Replays"
      rows={replays}
      keyOf={({ ReplayName }) => ReplayName}
      columns={[
        { name: "Replay", cell: ({ ReplayName }) => ReplayName },
        {
          name: "State",
          cell: ({ State, StateReason }) => <span title={StateReason}>{State.toLowerCase()}</span>,
        },
        { name: "Progress", cell: (replay) => <Progress replay={replay} /> },
        { name: "From", cell: ({ EventStartTime }) => <Time at={EventStartTime} /> },
        { name: "Until", cell: ({ EventEndTime }) => <Time at={EventEndTime} /> },
        { name: "Ended", cell: ({ ReplayEndTime }) => <Time at={ReplayEndTime} /> },
        {
          name: "Cancel",
          cell: ({ ReplayName, State }) =>
            !ENDED.has(State) && <ActionButton act={() => cancel(ReplayName)}>Cancel</ActionButton>,
        },
      ]}
    />
  );
}

/** How much of the time that is asked for has been gone through. */
function Progress({ replay }: { readonly replay: Replay }): JSX.Element {
  const { ReplayName, State, EventStartTime, EventEndTime, EventLastReplayedTime } = replay;
  const from = msOf(EventStartTime);
  const done =
    State === "COMPLETED" ? 1 : (msOf(EventLastReplayedTime ?? EventStartTime) - from) / (msOf(EventEndTime) - from);
  const percent = Math.round(Math.min(1, Math.max(0, done)) * 100);
  return (
    <>
      <progress max={100} value={percent} aria-label={`Progress of ${ReplayName}`} /> {percent} %
    </>
  );
}

function msOf(at: string | number): number {
  return typeof at === "number" ? at * 1000 : Date.parse(at);
}
