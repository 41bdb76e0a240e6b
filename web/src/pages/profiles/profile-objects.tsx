import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { ActionButton, ChoiceField, ConfirmButton } from "../../parts/form.tsx";
import { Json } from "../../parts/json.tsx";
import { JsonEditor, parseJson } from "../../parts/json-editor.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { useLoaded, usePaged } from "../../query.ts";
import { route, setQuery } from "../../route.ts";
import { ask, loadObjectTypes, type ObjectType } from "./domain-data.ts";
import type { ShownProfile } from "./profile-page.tsx";
import { useRefusal } from "./refusal.ts";
import { sampleObject } from "./sample-object.ts";
import { objectShapes } from "./shapes.ts";

interface ProfileObject {
  readonly ObjectTypeName: string;
  readonly ProfileObjectUniqueKey: string;
  /** JSON. */
  readonly Object: string;
}

interface ObjectsPage {
  readonly Items?: readonly ProfileObject[];
  readonly NextToken?: string;
}

/** What belongs to a profile, by its types; and an object put by hand. */
export function ProfileObjects({
  domain,
  shown,
  onChange,
}: {
  readonly domain: string;
  readonly shown: ShownProfile;
  onChange(): void;
}): JSX.Element {
  const types = Object.entries(shown.objects)
    .filter(([, count]) => count > 0)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  const named = route.value.query.get("type");
  const type = types.find(([name]) => name === named)?.[0] ?? types[0]?.[0];
  return (
    <>
      {types.length === 0 && <Empty>It has no objects. Put one below, or ingest objects whose keys name it.</Empty>}
      {type !== undefined && (
        <>
          <section class="filters" aria-label="Object types">
            {types.map(([name, count]) => (
              <button key={name} type="button" aria-pressed={name === type} onClick={() => setQuery({ type: name })}>
                {name} <span class="count">{count}</span>
              </button>
            ))}
          </section>
          <OfType
            key={type}
            domain={domain}
            profile={shown.profile.ProfileId}
            type={type}
            count={shown.objects[type] ?? 0}
            onChange={onChange}
          />
        </>
      )}
      <section class="card">
        <h2>Put an object</h2>
        <Putting domain={domain} shown={shown} onChange={onChange} />
      </section>
    </>
  );
}

const PAGE = 20;

function OfType({
  domain,
  profile,
  type,
  count,
  onChange,
}: {
  readonly domain: string;
  readonly profile: string;
  readonly type: string;
  readonly count: number;
  onChange(): void;
}): JSX.Element {
  const { rows, more, error, reload } = usePaged<ProfileObject>(
    // One more or less is seen at once.
    `${domain} ${profile} ${type} ${count}`,
    async (next, signal) => {
      const asked = { ProfileId: profile, ObjectTypeName: type, MaxResults: PAGE, NextToken: next };
      const page = await ask<ObjectsPage>(domain, "ListProfileObjects", asked, signal);
      return { rows: page.Items ?? [], next: page.NextToken };
    },
    { keyOf: ({ ProfileObjectUniqueKey, Object: content }) => `${ProfileObjectUniqueKey} ${content}`, everyMs: 3000 },
  );
  const remove = async (ProfileObjectUniqueKey: string): Promise<undefined> => {
    await ask(domain, "DeleteProfileObject", { ProfileId: profile, ObjectTypeName: type, ProfileObjectUniqueKey });
    reload();
    onChange();
  };
  return (
    <section aria-label={`Objects of ${type}`}>
      <Failure error={error} />
      <ul class="explained">
        {rows.map((object) => (
          <li key={object.ProfileObjectUniqueKey}>
            <ShownObject object={object} remove={() => remove(object.ProfileObjectUniqueKey)} />
          </li>
        ))}
      </ul>
      {more && (
        <button type="button" onClick={more}>
          Older
        </button>
      )}
    </section>
  );
}

const SUMMARY_MAX = 160;

function ShownObject({
  object: { ProfileObjectUniqueKey: key, Object: content },
  remove,
}: {
  readonly object: ProfileObject;
  remove(): Promise<undefined>;
}): JSX.Element {
  const isOpen = useSignal(false);
  const parsed = isOpen.value ? parseJson(content) : undefined;
  return (
    <details
      class="unfolding"
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>
        <code>{key}</code> <span class="faint">{content.slice(0, SUMMARY_MAX)}</span>
      </summary>
      {parsed && (
        <>
          <Json value={"value" in parsed ? parsed.value : content} name={key} />
          <ConfirmButton
            act={remove}
            confirm="Delete object"
            question={`Delete object ${key}, with the keys that only it gave? What it wrote to the profile stays.`}
          >
            Delete
          </ConfirmButton>
        </>
      )}
    </details>
  );
}

/** An object that is ingested as any other. Which profile it goes to is decided by its keys. */
function Putting({
  domain,
  shown,
  onChange,
}: {
  readonly domain: string;
  readonly shown: ShownProfile;
  onChange(): void;
}): JSX.Element {
  const { value, error } = useLoaded(domain, (signal) => loadObjectTypes(domain, signal));
  const chosen = useSignal("");
  const typed = useSignal<string | undefined>(undefined);
  const refusal = useRefusal();
  const type = value?.find(({ ObjectTypeName }) => ObjectTypeName === chosen.value) ?? value?.[0];
  const shapes = useMemo(() => type && objectShapes(type), [type]);
  if (value?.length === 0) return <Empty>{domain} has no object type yet.</Empty>;
  const text = typed.value ?? (type ? JSON.stringify(sampleFor(type, shown), undefined, 2) : "{}");
  const put = async (): Promise<string> => {
    const ObjectTypeName = type?.ObjectTypeName;
    const { ProfileObjectUniqueKey: key } = await refusal.telling(() =>
      ask<ProfileObject>(domain, "PutProfileObject", { ObjectTypeName, Object: text }),
    );
    const ProfileId = shown.profile.ProfileId;
    const { Items = [] } = await ask<ObjectsPage>(domain, "ListProfileObjects", { ProfileId, ObjectTypeName });
    onChange();
    const isHere = Items.some((one) => one.ProfileObjectUniqueKey === key);
    return isHere ? `Put as ${key}` : `Put as ${key}, on another profile: its keys do not name this one`;
  };
  return (
    <div class="form">
      <Failure error={error} />
      <ChoiceField
        label="Type"
        value={type?.ObjectTypeName ?? ""}
        choices={(value ?? []).map(({ ObjectTypeName }) => ObjectTypeName)}
        onChoice={(name) => {
          chosen.value = name;
          typed.value = undefined;
        }}
      />
      <JsonEditor
        label="Object"
        shapes={shapes}
        text={text}
        onText={(next) => {
          refusal.clear();
          typed.value = next;
        }}
        problems={refusal.problems}
      />
      <ActionButton isPrimary act={put} disabled={!type}>
        Put object
      </ActionButton>
    </div>
  );
}

/** With the values of the profile's keys, so that the object finds it. */
function sampleFor(type: ObjectType, { profile, keys }: ShownProfile): object {
  const byField = new Map<string, string>();
  for (const [name, parts] of Object.entries(type.Keys ?? {})) {
    const own = keys.find((key) => key.name === name);
    for (const { FieldNames = [], StandardIdentifiers = [] } of parts) {
      if (!StandardIdentifiers.includes("PROFILE")) continue;
      for (const [place, field] of FieldNames.entries()) {
        const part = own?.parts[place];
        if (part !== undefined) byField.set(field, part);
      }
    }
  }
  return sampleObject(type, profile, byField);
}
