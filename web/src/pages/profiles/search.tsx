import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Id } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded, usePaged } from "../../query.ts";
import { href, route, setQuery } from "../../route.ts";
import { read } from "../../server.ts";
import { ask, loadObjectTypes, nameOf, type Profile, profileHref } from "./domain-data.ts";

/** A profile as a list shows it: as SearchProfiles finds it, or as it stands among the newest. */
interface Row {
  readonly profile: Profile;
  readonly objects?: Readonly<Record<string, number>>;
  readonly updated?: string;
}

type SearchedKey = readonly [name: string, value: string];

const PAGE = 50;
/** As many keys SearchProfiles takes. */
const KEYS_MAX = 5;
const PREDEFINED = ["_email", "_phone", "_account", "_fullName", "_profileId"];

/** Finds profiles by their keys; without any, shows those that changed last. What is searched is in the address. */
export function SearchTab({ domain }: { readonly domain: string }): JSX.Element {
  const { query } = route.value;
  const find = query.get("find") ?? "";
  const keys = keysIn(find);
  const isAll = query.get("all") === "yes";
  const { rows, error, loading, more } = usePaged<Row>(
    `${domain} ${find} ${isAll}`,
    async (next, signal) =>
      keys.length > 0 ? searched(domain, { keys, isAll, next }, signal) : newest(domain, next, signal),
    { keyOf: ({ profile }) => profile.ProfileId, ...(keys.length === 0 && { everyMs: 5000 }) },
  );
  return (
    <>
      <KeyForm key={find} domain={domain} keys={keys} isAll={isAll} />
      <Failure error={error} />
      {!loading && rows.length === 0 && !error && <Nothing domain={domain} keys={keys} />}
      {rows.length > 0 && (
        <DataTable
          label={keys.length > 0 ? "Found profiles" : "Profiles that changed last"}
          columns={columnsFor(domain, keys.length > 0)}
          rows={rows}
          keyOf={({ profile }) => profile.ProfileId}
          more={more}
        />
      )}
    </>
  );
}

function Nothing({ domain, keys }: { readonly domain: string; readonly keys: readonly SearchedKey[] }): JSX.Element {
  if (keys.length > 0) return <Empty>No profile has {keys.length > 1 ? "these keys" : "this key"}.</Empty>;
  return (
    <Empty>
      Nobody is in {domain} yet: PutProfileObject ingests objects of a{" "}
      <a href={href(["profiles", domain], { tab: "types" })}>type</a>, CreateProfile makes a profile by hand, and{" "}
      <code>trunkline import</code> reads files.
    </Empty>
  );
}

async function searched(
  domain: string,
  { keys, isAll, next }: { keys: readonly SearchedKey[]; isAll: boolean; next: string | undefined },
  signal: AbortSignal,
): Promise<{ rows: readonly Row[]; next?: string | undefined }> {
  const [first, ...others] = keys.map(([KeyName, value]) => ({ KeyName, Values: [value] }));
  const { Items = [], NextToken } = await ask<{ Items?: readonly Profile[]; NextToken?: string }>(
    domain,
    "SearchProfiles",
    {
      ...first,
      ...(others.length > 0 && { AdditionalSearchKeys: others, LogicalOperator: isAll ? "AND" : "OR" }),
      MaxResults: PAGE,
      NextToken: next,
    },
    signal,
  );
  return { rows: Items.map((profile) => ({ profile })), next: NextToken };
}

async function newest(
  domain: string,
  next: string | undefined,
  signal: AbortSignal,
): Promise<{ rows: readonly Row[]; next?: string | undefined }> {
  const query = new URLSearchParams({ limit: String(PAGE), ...(next !== undefined && { after: next }) });
  const page = await read<{ profiles: readonly Row[]; nextToken?: string }>(
    `profile-domains/${encodeURIComponent(domain)}/profiles?${query}`,
    signal,
  );
  return { rows: page.profiles, next: page.nextToken };
}

function columnsFor(domain: string, isSearch: boolean): readonly Column<Row>[] {
  return [
    {
      name: "Profile",
      cell: ({ profile }) => <a href={profileHref(domain, profile.ProfileId)}>{nameOf(profile)}</a>,
    },
    { name: "Id", cell: ({ profile }) => <Id id={profile.ProfileId} /> },
    { name: "Account", cell: ({ profile }) => profile.AccountNumber },
    { name: "E-mail", cell: ({ profile }) => profile.EmailAddress },
    { name: "Phone", cell: ({ profile }) => profile.PhoneNumber },
    { name: "City", cell: ({ profile }) => profile.Address?.City },
    ...(isSearch
      ? [
          {
            name: "Found by",
            cell: ({ profile }: Row) => profile.FoundByItems?.map(({ KeyName }) => KeyName).join(", "),
          },
        ]
      : [
          {
            name: "Objects",
            isNumber: true,
            cell: ({ objects = {} }: Row) => Object.values(objects).reduce((sum, count) => sum + count, 0),
          },
          { name: "Changed", cell: ({ updated }: Row) => <Time at={updated} /> },
        ]),
  ];
}

/** Up to five keys, of which a profile has any or all. */
function KeyForm({
  domain,
  keys,
  isAll,
}: {
  readonly domain: string;
  readonly keys: readonly SearchedKey[];
  readonly isAll: boolean;
}): JSX.Element {
  const typed = useSignal<readonly SearchedKey[]>(keys.length > 0 ? keys : [["_email", ""]]);
  const known = useLoaded(domain, async (signal) => {
    const types = await loadObjectTypes(domain, signal);
    return types.flatMap(({ Keys = {} }) => Object.keys(Keys));
  });
  const names = [...new Set([...PREDEFINED, ...(known.value ?? []).toSorted()])];
  const listId = useId();
  const change = (place: number, key: SearchedKey): void => {
    typed.value = typed.value.with(place, key);
  };
  const search = (event: Event): void => {
    event.preventDefault();
    const given = typed.value.filter(([name, value]) => name !== "" && value !== "");
    setQuery({ find: given.length > 0 ? JSON.stringify(given) : undefined });
  };
  return (
    <form class="key-form" onSubmit={search}>
      <datalist id={listId}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {typed.value.map(([name, value], place) => (
        <div key={place} class="filters">
          <label>
            Key
            <input
              list={listId}
              value={name}
              spellcheck={false}
              onInput={(event) => change(place, [event.currentTarget.value, value])}
            />
          </label>
          <label>
            Value
            <input
              type="search"
              value={value}
              spellcheck={false}
              onInput={(event) => change(place, [name, event.currentTarget.value])}
            />
          </label>
          {typed.value.length > 1 && (
            <button
              type="button"
              aria-label={`Without ${name}`}
              onClick={() => (typed.value = typed.value.toSpliced(place, 1))}
            >
              −
            </button>
          )}
        </div>
      ))}
      <div class="filters">
        {typed.value.length > 1 && (
          <label>
            A profile has
            <select
              value={isAll ? "yes" : ""}
              onChange={(event) => setQuery({ all: event.currentTarget.value || undefined })}
            >
              <option value="">any of them</option>
              <option value="yes">all of them</option>
            </select>
          </label>
        )}
        <button type="submit" class="primary">
          Search
        </button>
        {typed.value.length < KEYS_MAX && (
          <button type="button" onClick={() => (typed.value = [...typed.value, ["", ""]])}>
            Another key
          </button>
        )}
        {keys.length > 0 && (
          <button type="button" onClick={() => setQuery({ find: undefined, all: undefined })}>
            Show all
          </button>
        )}
      </div>
      <Failure error={known.error} />
    </form>
  );
}

function keysIn(find: string): readonly SearchedKey[] {
  try {
    const value: unknown = JSON.parse(find || "[]");
    if (!Array.isArray(value)) return [];
    return value.filter(
      (key): key is SearchedKey =>
        Array.isArray(key) && key.length === 2 && key.every((part) => typeof part === "string"),
    );
  } catch {
    // An address that was cut on its way shows all.
    return [];
  }
}
