import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { ActionButton, ChoiceField, ConfirmButton, TextField } from "../../parts/form.tsx";
import { Json } from "../../parts/json.tsx";
import { JsonEditor, parseJson } from "../../parts/json-editor.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Opening } from "../../parts/opening.tsx";
import { Id, PageHead } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded, usePaged } from "../../query.ts";
import { go, href } from "../../route.ts";
import { post, read } from "../../server.ts";
import { ask, domainInAddress, listAll, nameOf, type Profile, profileHref } from "./domain-data.ts";
import { Explained, type Explanation } from "./explained.tsx";
import { useRefusal } from "./refusal.ts";
import { useInputShapes } from "./shapes.ts";

export interface Segment {
  readonly SegmentDefinitionName: string;
  readonly DisplayName?: string;
  readonly Description?: string;
  readonly SegmentType?: string;
  readonly SegmentGroups?: object;
  readonly CreatedAt?: string;
}

/** As `POST /_trunkline/explain` tells why a profile belongs to a segment, or does not. */
export interface ExplainedSegment extends Explanation {
  readonly sources: readonly (Explanation & { readonly name: string })[];
}

export function explainSegment(domain: string, segment: string, profile: string): Promise<ExplainedSegment> {
  return post<ExplainedSegment>("explain", { domain, segment, profile });
}

/** Groups of profiles that are told apart by fields and figures. */
export function SegmentsTab({ domain }: { readonly domain: string }): JSX.Element {
  const { value, error } = useLoaded(domain, (signal) => listAll<Segment>(domain, "ListSegmentDefinitions", signal), {
    everyMs: 5000,
  });
  return (
    <>
      <div class="filters">
        <a class="button" href={href(["profiles", domain, "new-segment"])}>
          New segment
        </a>
      </div>
      <Failure error={error} />
      {value?.length === 0 && (
        <Empty>{domain} has no segment. A segment is a group of profiles that fields and figures tell apart.</Empty>
      )}
      {value && value.length > 0 && (
        <DataTable
          label="Segments"
          rows={value}
          keyOf={({ SegmentDefinitionName }) => SegmentDefinitionName}
          columns={[
            {
              name: "Segment",
              cell: ({ SegmentDefinitionName: name }) => (
                <a href={href(["profiles", domain, "segments", name])}>{name}</a>
              ),
            },
            { name: "Called", cell: ({ DisplayName }) => DisplayName },
            { name: "Kind", cell: ({ SegmentType }) => SegmentType },
            { name: "Description", cell: ({ Description }) => Description },
            { name: "Created", cell: ({ CreatedAt }) => <Time at={CreatedAt} /> },
          ]}
        />
      )}
    </>
  );
}

const NEW = {
  SegmentDefinitionName: "",
  DisplayName: "",
  SegmentGroups: {
    Include: "ALL",
    Groups: [
      {
        Type: "ALL",
        Dimensions: [{ ProfileAttributes: { Address: { City: { DimensionType: "INCLUSIVE", Values: ["Bremen"] } } } }],
      },
    ],
  },
};

/** A segment that is not there yet: written, counted, created. */
export function NewSegmentPage(): JSX.Element {
  const domain = domainInAddress();
  const text = useSignal(JSON.stringify(NEW, undefined, 2));
  const refusal = useRefusal();
  const shapes = useInputShapes("CreateSegmentDefinition", { without: ["DomainName"] });
  const create = async (): Promise<undefined> => {
    const segment = segmentIn(text.value);
    await refusal.telling(() => ask(domain, "CreateSegmentDefinition", segment));
    go(href(["profiles", domain, "segments", segment.SegmentDefinitionName ?? ""]));
  };
  return (
    <>
      <PageHead
        title="New segment"
        crumbs={[
          { title: domain, to: href(["profiles", domain]) },
          { title: "Segments", to: href(["profiles", domain], { tab: "segments" }) },
        ]}
      />
      <div class="form">
        <JsonEditor
          label="Segment"
          text={text.value}
          onText={(typed) => {
            refusal.clear();
            text.value = typed;
          }}
          shapes={shapes}
          problems={refusal.problems}
          rows={22}
        />
        <div class="buttons">
          <ActionButton isPrimary act={create}>
            Create segment
          </ActionButton>
          <Counting domain={domain} queryOf={() => segmentIn(text.value).SegmentGroups} />
        </div>
      </div>
    </>
  );
}

function segmentIn(text: string): Partial<Segment> {
  const parsed = parseJson(text);
  if ("error" in parsed) throw new Error(parsed.error);
  if (typeof parsed.value !== "object" || parsed.value === null) throw new Error("The segment is no JSON object.");
  return parsed.value;
}

/** One segment: its conditions, who belongs to it and how many, and why one profile does or does not. */
export function SegmentPage({ domain, name }: { readonly domain: string; readonly name: string }): JSX.Element {
  const { value, error } = useLoaded(`${domain} ${name}`, (signal) =>
    ask<Segment>(domain, "GetSegmentDefinition", { SegmentDefinitionName: name }, signal),
  );
  const remove = async (): Promise<undefined> => {
    await ask(domain, "DeleteSegmentDefinition", { SegmentDefinitionName: name });
    go(href(["profiles", domain], { tab: "segments" }));
  };
  return (
    <>
      <PageHead
        title={`Segment ${name}`}
        crumbs={[
          { title: domain, to: href(["profiles", domain]) },
          { title: "Segments", to: href(["profiles", domain], { tab: "segments" }) },
        ]}
      >
        {value && (
          <ConfirmButton act={remove} confirm="Delete segment" question={`Delete segment ${name} of ${domain}?`}>
            Delete
          </ConfirmButton>
        )}
      </PageHead>
      <Failure error={error} />
      {value && (
        <>
          <p class="faint">{[value.DisplayName, value.Description].filter(Boolean).join(": ")}</p>
          <section class="card">
            <h2>How many belong</h2>
            <Counting key={name} domain={domain} queryOf={() => value.SegmentGroups} />
          </section>
          <section class="card">
            <h2>Why one does, or does not</h2>
            <Asking key={name} domain={domain} segment={name} />
          </section>
          <Members domain={domain} segment={name} />
          <Subscription domain={domain} segment={name} />
          <section class="card">
            <h2>Snapshot to S3</h2>
            <Snapshot key={name} domain={domain} segment={name} />
          </section>
          <section>
            <h2>Definition</h2>
            <Json value={value} open={9} name={name} />
          </section>
        </>
      )}
    </>
  );
}

/** How often a job that counts or writes is looked at. */
const LOOK_MS = 300;

/** Looks again until a job is no more at work. */
async function settled<T>(look: () => Promise<T>, isAtWork: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await look();
    if (!isAtWork(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

interface Estimate {
  readonly Status: "RUNNING" | "SUCCEEDED" | "FAILED";
  readonly Estimate?: string;
  readonly Message?: string;
}

/** How many profiles conditions are true of now. `queryOf` may throw. */
function Counting({ domain, queryOf }: { readonly domain: string; queryOf(): object | undefined }): JSX.Element {
  const count = async (): Promise<string> => {
    const { EstimateId } = await ask<{ EstimateId: string }>(domain, "CreateSegmentEstimate", {
      SegmentQuery: queryOf(),
    });
    const done = await settled(
      () => ask<Estimate>(domain, "GetSegmentEstimate", { EstimateId }),
      ({ Status }) => Status === "RUNNING",
    );
    if (done.Status === "FAILED") throw new Error(done.Message ?? "It could not be counted.");
    const number = Number(done.Estimate);
    return number === 1 ? "1 profile belongs to it now" : `${number.toLocaleString()} profiles belong to it now`;
  };
  return <ActionButton act={count}>Count</ActionButton>;
}

/** One profile, held against the conditions. */
function Asking({ domain, segment }: { readonly domain: string; readonly segment: string }): JSX.Element {
  const profile = useSignal("");
  const answer = useSignal<ExplainedSegment | undefined>(undefined);
  return (
    <>
      <TextField label="Profile" hint="Its id" value={profile.value} onText={(text) => (profile.value = text)} />
      <ActionButton
        disabled={profile.value === ""}
        act={async () => {
          answer.value = undefined;
          answer.value = await explainSegment(domain, segment, profile.value.trim());
        }}
      >
        Ask
      </ActionButton>
      {answer.value && <ExplainedMembership explained={answer.value} />}
    </>
  );
}

/** Whether somebody belongs, condition by condition, also of the segments that it rests on. */
export function ExplainedMembership({ explained }: { readonly explained: ExplainedSegment }): JSX.Element {
  return (
    <div class="answer">
      <p>
        <span class={explained.matched ? "state good" : "state bad"}>
          {explained.matched ? "belongs to it" : "does not belong to it"}
        </span>
      </p>
      <Explained explained={explained} />
      {explained.sources.map((source) => (
        <div key={source.name}>
          <p>
            It rests on <strong>{source.name}</strong>
          </p>
          <Explained explained={source} />
        </div>
      ))}
    </div>
  );
}

interface MembersPage {
  readonly members: readonly Profile[];
  readonly looked: number;
  readonly nextToken?: string;
}

const MEMBERS_PAGE = 50;

function Members({ domain, segment }: { readonly domain: string; readonly segment: string }): JSX.Element {
  const path = `profile-domains/${encodeURIComponent(domain)}/segments/${encodeURIComponent(segment)}/members`;
  const { rows, more, loading, error } = usePaged<Profile>(
    `${domain} ${segment}`,
    async (next, signal) => {
      const query = new URLSearchParams({ limit: String(MEMBERS_PAGE), ...(next !== undefined && { after: next }) });
      const page = await read<MembersPage>(`${path}?${query}`, signal);
      return { rows: page.members, next: page.nextToken };
    },
    { keyOf: ({ ProfileId }) => ProfileId },
  );
  return (
    <section>
      <h2>Who belongs to it</h2>
      <Failure error={error} />
      {!loading && rows.length === 0 && !error && (
        <Empty>{more ? "Nobody among the first thousand profiles." : "Nobody belongs to it now."}</Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Members"
          rows={rows}
          keyOf={({ ProfileId }) => ProfileId}
          more={more}
          columns={[
            { name: "Profile", cell: (one) => <a href={profileHref(domain, one.ProfileId)}>{nameOf(one)}</a> },
            { name: "Id", cell: ({ ProfileId }) => <Id id={ProfileId} /> },
            { name: "E-mail", cell: ({ EmailAddress }) => EmailAddress },
            { name: "City", cell: ({ Address }) => Address?.City },
          ]}
        />
      )}
      {rows.length === 0 && more && (
        <button type="button" onClick={more}>
          Look further
        </button>
      )}
    </section>
  );
}

interface Told {
  readonly ProfileId: string;
  readonly UpdatedAt?: string;
  readonly EventType?: string;
  readonly Event?: string;
}

/** Who joined it and who left, as its subscription told; asked for when it is opened, since most segments have none. */
function Subscription({ domain, segment }: { readonly domain: string; readonly segment: string }): JSX.Element {
  const asked = { SegmentDefinitionName: segment, MaxResults: MEMBERS_PAGE };
  return (
    <Opening
      name={`${domain} ${segment}`}
      summary="Who joined and who left"
      everyMs={5000}
      load={(signal) => ask<{ Events?: readonly Told[] }>(domain, "ListSegmentSubscriptionEvents", asked, signal)}
    >
      {({ Events = [] }) =>
        Events.length === 0 ? (
          <Empty>Nobody joined or left within the last 7 days.</Empty>
        ) : (
          <DataTable
            label="Who joined and who left"
            rows={Events}
            keyOf={({ ProfileId, UpdatedAt, Event }) => `${ProfileId} ${UpdatedAt} ${Event}`}
            columns={[
              {
                name: "Profile",
                cell: ({ ProfileId }) => <a href={profileHref(domain, ProfileId)}>{ProfileId.slice(0, 8)}…</a>,
              },
              { name: "What", cell: ({ Event, EventType }) => [Event, EventType].filter(Boolean).join(", ") },
              { name: "When", cell: ({ UpdatedAt }) => <Time at={UpdatedAt} /> },
            ]}
          />
        )
      }
    </Opening>
  );
}

interface SnapshotState {
  readonly Status: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  readonly StatusMessage?: string;
}

function Snapshot({ domain, segment }: { readonly domain: string; readonly segment: string }): JSX.Element {
  const to = useSignal("s3://");
  const format = useSignal("JSONL");
  const write = async (): Promise<string> => {
    const SegmentDefinitionName = segment;
    const { SnapshotId } = await ask<{ SnapshotId: string }>(domain, "CreateSegmentSnapshot", {
      SegmentDefinitionName,
      DataFormat: format.value,
      DestinationUri: to.value,
    });
    const done = await settled(
      () => ask<SnapshotState>(domain, "GetSegmentSnapshot", { SegmentDefinitionName, SnapshotId }),
      ({ Status }) => Status === "IN_PROGRESS",
    );
    if (done.Status === "FAILED") throw new Error(done.StatusMessage ?? "It could not be written.");
    return `written as ${SnapshotId}`;
  };
  return (
    <>
      <TextField label="Destination" hint="s3://BUCKET/FOLDER/" value={to.value} onText={(text) => (to.value = text)} />
      <ChoiceField
        label="Format"
        value={format.value}
        choices={["JSONL", "CSV"]}
        onChoice={(value) => (format.value = value)}
      />
      <ActionButton act={write}>Write snapshot</ActionButton>
    </>
  );
}
