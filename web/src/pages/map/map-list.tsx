import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { keyOf, nodeTraffic, type Rates } from "../../rates.ts";
import { shownRate } from "../overview/picture.ts";
import { type MapDocument, type MapEdge, type MapNode, trafficOf } from "./graph.ts";
import { nodePage } from "./node-page.ts";

/** The same as the picture, in lines: for phones, for those who hear it, and for many. */
export function MapList({ map, rates }: { readonly map: MapDocument; readonly rates: Rates | undefined }): JSX.Element {
  const nodes = new Map(map.nodes.map((node) => [node.id, node]));
  const connected = new Set(map.edges.flatMap(({ from, to }) => [from, to]));
  const loners = map.nodes.filter(({ id }) => !connected.has(id));
  const name = (id: string): JSX.Element => <NodeName node={nodes.get(id)} id={id} />;
  return (
    <>
      <DataTable
        label="Connections"
        rows={map.edges}
        keyOf={({ from, to, label }) => `${keyOf(from, to)} ${label}`}
        columns={[
          { name: "From", cell: ({ from }) => name(from) },
          { name: "How", cell: ({ label }) => label },
          { name: "To", cell: ({ to }) => name(to) },
          { name: "A second", isNumber: true, cell: (edge) => shownRate(trafficOf(rates, edge).rate) },
          { name: "Went", isNumber: true, cell: (edge) => trafficOf(rates, edge).went.toLocaleString() },
          { name: "Failed", isNumber: true, cell: (edge) => <Failed count={trafficOf(rates, edge).failed} /> },
          { name: "State", cell: (edge) => <State edge={edge} nodes={nodes} /> },
        ]}
      />
      {loners.length > 0 && (
        <section aria-labelledby="not-connected">
          <h2 id="not-connected">Not connected with anything</h2>
          <DataTable
            label="Not connected"
            rows={loners}
            keyOf={({ id }) => id}
            columns={[
              { name: "What", cell: ({ id }) => name(id) },
              { name: "A second", isNumber: true, cell: ({ id }) => shownRate(nodeTraffic(rates, id).rate) },
            ]}
          />
        </section>
      )}
    </>
  );
}

function NodeName({ node, id }: { readonly node: MapNode | undefined; readonly id: string }): JSX.Element {
  const to = node && nodePage(node);
  return (
    <span class="map-name" title={id}>
      <span class="faint">{node?.kind} </span>
      {to ? <a href={to}>{node.name}</a> : (node?.name ?? id)}
    </span>
  );
}

function Failed({ count }: { readonly count: number }): JSX.Element {
  return count === 0 ? <span>0</span> : <span class="bad">✗ {count.toLocaleString()}</span>;
}

function State({ edge, nodes }: { readonly edge: MapEdge; readonly nodes: ReadonlyMap<string, MapNode> }): JSX.Element {
  const missing = [edge.from, edge.to].map((id) => nodes.get(id)).find((node) => node?.isMissing);
  if (missing)
    return (
      <span class="bad">
        ✗ broken: there is no {missing.kind} {missing.name}
      </span>
    );
  return edge.isOff ? <span class="faint">off</span> : <span class="good">on</span>;
}
