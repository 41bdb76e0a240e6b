import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Empty, Failure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { useLoaded } from "../../query.ts";
import { useRates } from "../../rates.ts";
import { href, route, setQuery } from "../../route.ts";
import { read, region, session } from "../../server.ts";
import { filtered, type MapDocument } from "./graph.ts";
import { MapList } from "./map-list.tsx";
import { MapPicture } from "./picture.tsx";
import "./map.css";

/** Things beyond which a picture says nothing: the list does. */
const DRAWN_MAX = 400;

/** What is connected to what, drawn from the configuration, with what goes over it now. */
export function MapPage(): JSX.Element {
  const { query } = route.value;
  const [kind, text] = [query.get("kind") ?? "", query.get("text") ?? ""];
  const withLoners = query.get("loners") === "yes";
  const key = `${session.value?.accessKeyId} ${region.value}`;
  const { value: whole, error } = useLoaded(key, (signal) => read<MapDocument>("map", signal), { everyMs: 5000 });
  const { value: rates, error: ratesError } = useRates();
  const map = useMemo(() => whole && filtered(whole, { kind, text, withLoners }), [whole, kind, text, withLoners]);
  const kinds = [...new Set(whole?.nodes.map((node) => node.kind))].sort();
  const isList = isListWanted(query.get("view"), map);
  const missing = whole?.nodes.filter(({ isMissing }) => isMissing).length ?? 0;
  return (
    <>
      <PageHead title="Map">
        <button type="button" aria-pressed={!isList} onClick={() => setQuery({ view: "picture" })}>
          Picture
        </button>
        <button type="button" aria-pressed={isList} onClick={() => setQuery({ view: "list" })}>
          List
        </button>
      </PageHead>
      <div class="filters">
        <label>
          What{" "}
          <select value={kind} onChange={(event) => setQuery({ kind: event.currentTarget.value })}>
            <option value="">everything</option>
            {kinds.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          Named <input type="search" value={text} onInput={(event) => setQuery({ text: event.currentTarget.value })} />
        </label>
        <label>
          <input
            type="checkbox"
            checked={withLoners}
            onChange={(event) => setQuery({ loners: event.currentTarget.checked ? "yes" : undefined })}
          />{" "}
          with what is not connected
        </label>
        {map && (
          <span class="faint">
            {map.nodes.length} things, {map.edges.length} connections
          </span>
        )}
        {missing > 0 && (
          <span class="bad">
            ✗ {missing} {missing === 1 ? "target is" : "targets are"} missing
          </span>
        )}
      </div>
      <Failure error={error ?? ratesError} />
      {whole?.isCut && <p class="warn">There is more than a map can hold: the rest is left out.</p>}
      {map && map.edges.length === 0 && map.nodes.length === 0 && <Nothing isFiltered={kind !== "" || text !== ""} />}
      {map &&
        map.nodes.length > 0 &&
        (isList ? <MapList map={map} rates={rates} /> : <MapPicture map={map} rates={rates} />)}
    </>
  );
}

/** Asked for, or on a phone, or where there is too much to be drawn. */
function isListWanted(view: string | null, map: MapDocument | undefined): boolean {
  if (view !== null) return view === "list";
  return matchMedia("(max-width: 44rem)").matches || (map?.nodes.length ?? 0) > DRAWN_MAX;
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }): JSX.Element {
  if (isFiltered) return <Empty>Nothing is like that.</Empty>;
  return (
    <Empty>
      Nothing is connected with anything yet. A rule with a target on an <a href={href(["buses"])}>event bus</a>, a
      stream that a function reads, or a Connect instance makes the first lines appear.
    </Empty>
  );
}
