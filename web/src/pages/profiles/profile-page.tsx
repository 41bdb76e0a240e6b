import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { ActionButton, ConfirmButton } from "../../parts/form.tsx";
import { Json } from "../../parts/json.tsx";
import { JsonEditor, parseJson } from "../../parts/json-editor.tsx";
import { Empty, Failure, Figure } from "../../parts/notes.tsx";
import { CopyButton, PageHead } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { Time } from "../../parts/time.tsx";
import { rememberDomain } from "../../profile-domain.ts";
import { type Loaded, useLoaded } from "../../query.ts";
import { go, href, route } from "../../route.ts";
import { read, ServerError } from "../../server.ts";
import { ProfileTimeline } from "../timelines.tsx";
import { ask, domainInAddress, leavesOf, nameOf, type Profile } from "./domain-data.ts";
import { ProfileAttributes } from "./profile-attributes.tsx";
import { ProfileHistory } from "./profile-history.tsx";
import { ProfileMatches } from "./profile-matches.tsx";
import { ProfileObjects } from "./profile-objects.tsx";
import { ProfileSegments } from "./profile-segments.tsx";
import { ProfileTriggers } from "./profile-triggers.tsx";
import { useRefusal } from "./refusal.ts";
import { useInputShapes } from "./shapes.ts";
import "./profiles.css";

/** As `GET /_trunkline/profile-domains/DOMAIN/profiles/ID` tells it. */
export interface ShownProfile {
  readonly profile: Profile;
  readonly objects: Readonly<Record<string, number>>;
  readonly created: string;
  readonly updated: string;
  readonly expires: string;
  readonly keys: readonly ProfileKey[];
  readonly moreKeys: boolean;
  readonly writers: Readonly<Record<string, { readonly by: string; readonly time: string }>>;
}

interface ProfileKey {
  readonly name: string;
  readonly parts: readonly string[];
  readonly givenBy: readonly string[];
}

/** One profile: what is known of it and from whom, what belongs to it, and what segments and triggers make of it. */
export function ProfilePage(): JSX.Element {
  const domain = domainInAddress();
  const [, , id = ""] = route.value.path;
  const loaded = useLoaded(
    `${domain}/${id}`,
    (signal) => {
      rememberDomain(domain);
      return read<ShownProfile>(
        `profile-domains/${encodeURIComponent(domain)}/profiles/${encodeURIComponent(id)}`,
        signal,
      );
    },
    { everyMs: 3000 },
  );
  const { value, error } = loaded;
  const isGone = error instanceof ServerError && error.status === 404;
  const remove = async (): Promise<undefined> => {
    await ask(domain, "DeleteProfile", { ProfileId: id });
    go(href(["profiles", domain]));
  };
  return (
    <>
      <PageHead
        title={value && !isGone ? nameOf(value.profile) : `Profile ${id}`}
        crumbs={[
          { title: "Profiles", to: href(["profiles"]) },
          { title: domain, to: href(["profiles", domain]) },
        ]}
      >
        {value && !isGone && (
          <ConfirmButton
            act={remove}
            confirm="Delete profile"
            question={`Delete ${nameOf(value.profile)} with all its objects and keys? It does not come back.`}
          >
            Delete
          </ConfirmButton>
        )}
      </PageHead>
      <p class="faint">
        <code>{id}</code> <CopyButton text={id} label="Copy the id" />
      </p>
      <Failure error={error} />
      {isGone && (
        <>
          <Empty>It was merged into another one, deleted, or has expired. Its history is kept for 30 days.</Empty>
          <ProfileHistory domain={domain} profile={id} />
        </>
      )}
      {value && !isGone && <Shown domain={domain} loaded={loaded} shown={value} />}
    </>
  );
}

function Shown({
  domain,
  loaded,
  shown,
}: {
  readonly domain: string;
  readonly loaded: Loaded<ShownProfile>;
  readonly shown: ShownProfile;
}): JSX.Element {
  const { profile, objects, keys, created, updated, expires } = shown;
  const id = profile.ProfileId;
  const count = Object.values(objects).reduce((sum, one) => sum + one, 0);
  return (
    <>
      <div class="figures">
        <Figure name="objects" value={count} to={href(["profiles", domain, id], { tab: "objects" })} />
        <Figure
          name="keys"
          value={shown.moreKeys ? `${keys.length}+` : keys.length}
          to={href(["profiles", domain, id])}
        />
      </div>
      <p class="faint">
        Created <Time at={created} />, changed <Time at={updated} />, expires <Time at={expires} />
      </p>
      <Tabs
        label="Profile"
        tabs={[
          { name: "fields", title: "Fields and keys", view: () => <Fields shown={shown} /> },
          { name: "timeline", title: "Timeline", view: () => <ProfileTimeline domain={domain} profile={id} /> },
          {
            name: "objects",
            title: "Objects",
            count,
            view: () => <ProfileObjects domain={domain} shown={shown} onChange={loaded.reload} />,
          },
          {
            name: "attributes",
            title: "Calculated attributes",
            view: () => <ProfileAttributes domain={domain} profile={id} />,
          },
          { name: "segments", title: "Segments", view: () => <ProfileSegments domain={domain} profile={id} /> },
          { name: "triggers", title: "Triggers", view: () => <ProfileTriggers domain={domain} profile={id} /> },
          {
            name: "matches",
            title: "Matches and merging",
            view: () => <ProfileMatches key={id} domain={domain} profile={profile} onMerged={loaded.reload} />,
          },
          { name: "history", title: "History", view: () => <ProfileHistory domain={domain} profile={id} /> },
          {
            name: "edit",
            title: "Edit",
            view: () => <Editing key={id} domain={domain} profile={profile} onSaved={loaded.reload} />,
          },
        ]}
      />
    </>
  );
}

function Fields({ shown: { profile, keys, moreKeys, writers } }: { readonly shown: ShownProfile }): JSX.Element {
  const fields = leavesOf(profile);
  return (
    <>
      <section>
        <h2>Fields</h2>
        {fields.length === 0 && <Empty>It has no fields: no object has written one, and nobody by hand.</Empty>}
        {fields.length > 0 && (
          <DataTable
            label="Fields"
            rows={fields}
            keyOf={([name]) => name}
            columns={[
              { name: "Field", cell: ([name]) => name },
              { name: "Value", cell: ([, value]) => <span title={value}>{value}</span> },
              { name: "Written by", cell: ([name]) => writers[name]?.by },
              { name: "When", cell: ([name]) => <Time at={writers[name]?.time} /> },
            ]}
          />
        )}
      </section>
      <section>
        <h2>Keys</h2>
        {keys.length === 0 && <Empty>It is found by its id alone.</Empty>}
        {keys.length > 0 && (
          <DataTable
            label="Keys"
            rows={keys}
            keyOf={({ name, parts }) => JSON.stringify([name, ...parts])}
            columns={[
              { name: "Key", cell: ({ name }) => name },
              { name: "Value", cell: ({ parts }) => parts.join(" + ") },
              { name: "Given by", cell: ({ givenBy }) => givenBy.map(giverInWords).join(", ") },
            ]}
          />
        )}
        {moreKeys && <p class="faint">… and more</p>}
      </section>
      <details>
        <summary>As JSON</summary>
        <Json value={profile} name={profile.ProfileId} />
      </details>
    </>
  );
}

function giverInWords(giver: string): string {
  return giver === "fields" ? "its fields" : giver === "objects" ? "its objects" : "hand";
}

/** The fields as a document; what differs when it is saved is written, and what is missing is cleared. */
function Editing({
  domain,
  profile,
  onSaved,
}: {
  readonly domain: string;
  readonly profile: Profile;
  onSaved(): void;
}): JSX.Element {
  // What is edited is what was there when one began, whatever comes meanwhile.
  const before = useSignal(profile);
  const { ProfileId, ...fields } = before.value;
  const text = useSignal(JSON.stringify(fields, undefined, 2));
  const refusal = useRefusal();
  const shapes = useInputShapes("UpdateProfile", { without: ["DomainName", "ProfileId"] });
  const parsed = parseJson(text.value);
  const isObject = "value" in parsed && typeof parsed.value === "object" && parsed.value !== null;
  const save = async (): Promise<string> => {
    const after = (parsed as { value: object }).value as Record<string, unknown>;
    const change = changeBetween(fields, after);
    const count = Object.keys(change).length;
    if (count === 0) return "Nothing has changed";
    await refusal.telling(() => ask(domain, "UpdateProfile", { ProfileId, ...change }));
    before.value = { ProfileId, ...after } as Profile;
    onSaved();
    return `Saved ${Object.keys(change).join(", ")}`;
  };
  return (
    <div class="form">
      <p class="faint">What is changed here is written; a field that is taken out is cleared.</p>
      <JsonEditor
        label="Fields"
        shapes={shapes}
        text={text.value}
        onText={(typed) => {
          refusal.clear();
          text.value = typed;
        }}
        problems={refusal.problems}
        rows={18}
      />
      <ActionButton isPrimary act={save} disabled={!isObject}>
        Save
      </ActionButton>
    </div>
  );
}

/** What UpdateProfile has to be given: it keeps what it does not name, and an empty text clears. */
function changeBetween(before: object, after: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const old = before as Readonly<Record<string, unknown>>;
  const change: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(old), ...Object.keys(after)])) {
    const [was, is] = [old[name], after[name]];
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    if (isMap(was) || isMap(is)) {
      change[name] = changeBetween(isMap(was) ? was : {}, isMap(is) ? is : {});
    } else change[name] = is ?? "";
  }
  return change;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
