import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { nodeTraffic, type Rates, type Traffic } from "../../rates.ts";
import { go, href } from "../../route.ts";
import { shownRate } from "../overview/picture.ts";
import { around, type MapDocument, type MapEdge, type MapNode, trafficOf } from "./graph.ts";
import { type Layout, layoutOf, NODE_HEIGHT, NODE_WIDTH, type Placed } from "./layout.ts";
import { nodePage } from "./node-page.ts";

interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

const SCALE_MIN = 0.1;
const SCALE_MAX = 2.5;
/** Names are some 9 pixels high. */
const SCALE_READ = 0.75;
const MARGIN = 20;
/** How far an arrow key moves the picture, in pixels. */
const STEP = 60;

/** The graph, drawn. It is moved by the mouse or the arrow keys, made larger by Ctrl and the wheel or by + and −. */
export function MapPicture({
  map,
  rates,
}: {
  readonly map: MapDocument;
  readonly rates: Rates | undefined;
}): JSX.Element {
  const box = useRef<SVGSVGElement>(null);
  const view = useSignal<View>({ x: MARGIN, y: MARGIN, scale: 1 });
  const looked = useSignal<string | undefined>(undefined);
  const shape = JSON.stringify([map.nodes.map(({ id }) => id), map.edges.map(({ from, to }) => [from, to])]);
  const layout = useMemo(
    () =>
      layoutOf(
        map.nodes.map(({ id }) => id),
        map.edges,
      ),
    [shape],
  );
  const lit = useMemo(
    () => (looked.value === undefined ? undefined : around([looked.value], map.edges)),
    [looked.value, shape],
  );
  const fit = (): void => {
    if (box.current) view.value = fitted(layout, box.current.clientWidth, box.current.clientHeight);
  };
  useEffect(() => {
    if (box.current)
      view.value = readable(
        fitted(layout, box.current.clientWidth, box.current.clientHeight),
        box.current.clientHeight,
      );
  }, [layout]);
  const zoom = (factor: number, at?: { readonly x: number; readonly y: number }): void => {
    const { clientWidth = 0, clientHeight = 0 } = box.current ?? {};
    view.value = zoomed(view.value, factor, at ?? { x: clientWidth / 2, y: clientHeight / 2 });
  };
  const move = (x: number, y: number): void => {
    view.value = { ...view.value, x: view.value.x + x, y: view.value.y + y };
  };
  useWheelZoom(box, zoom);
  const onKey = (event: KeyboardEvent): void => {
    const acts: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => move(STEP, 0),
      ArrowRight: () => move(-STEP, 0),
      ArrowUp: () => move(0, STEP),
      ArrowDown: () => move(0, -STEP),
      "+": () => zoom(1.25),
      "-": () => zoom(0.8),
      "0": fit,
    };
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  const { x, y, scale } = view.value;
  return (
    <div class="map">
      <div class="map-buttons">
        <button type="button" aria-label="Larger" onClick={() => zoom(1.25)}>
          +
        </button>
        <button type="button" aria-label="Smaller" onClick={() => zoom(0.8)}>
          −
        </button>
        <button type="button" onClick={fit}>
          Show all
        </button>
      </div>
      <svg
        ref={box}
        role="application"
        aria-label="Map of what is connected to what. Arrow keys move it, plus and minus make it larger and smaller."
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the picture is moved by keys.
        tabIndex={0}
        onKeyDown={onKey}
        onPointerDown={(event) => drag(event, move)}
      >
        <g transform={`translate(${x} ${y}) scale(${scale})`} class={lit ? "lit" : undefined}>
          {map.edges.map((edge) => (
            <Edge
              key={`${edge.from} ${edge.to} ${edge.label}`}
              edge={edge}
              layout={layout}
              traffic={trafficOf(rates, edge)}
              isLit={lit === undefined || (lit.has(edge.from) && lit.has(edge.to))}
              isBroken={map.nodes.some(({ id, isMissing }) => isMissing && (id === edge.to || id === edge.from))}
            />
          ))}
          {map.nodes.map((node) => (
            <Node
              key={node.id}
              node={node}
              place={layout.places.get(node.id)}
              traffic={nodeTraffic(rates, node.id)}
              isLit={lit === undefined || lit.has(node.id)}
              onLook={(isLooked) => (looked.value = isLooked ? node.id : undefined)}
            />
          ))}
        </g>
      </svg>
    </div>
  );
}

function Edge({
  edge,
  layout: { places },
  traffic,
  isLit,
  isBroken,
}: {
  readonly edge: MapEdge;
  readonly layout: Layout;
  readonly traffic: Traffic;
  readonly isLit: boolean;
  readonly isBroken: boolean;
}): JSX.Element | null {
  const [from, to] = [places.get(edge.from), places.get(edge.to)];
  if (!from || !to) return null;
  const [startX, startY] = [from.x + NODE_WIDTH, from.y + NODE_HEIGHT / 2];
  const [endX, endY] = [to.x, to.y + NODE_HEIGHT / 2];
  const bend = Math.max(40, Math.abs(endX - startX) / 2);
  const { rate, failed, failedRate } = traffic;
  const isFailing = isBroken || failedRate > 0;
  const state = [
    "edge",
    isFailing ? "failing" : failed > 0 && "has-failed",
    edge.isOff && "off",
    rate > 0 && "flows",
    !isLit && "dim",
    isBroken && "broken",
  ];
  const words = [
    rate > 0 && `${shownRate(rate)}/s`,
    isBroken && "✗ missing",
    !isBroken && failed > 0 && `✗ ${failed} failed`,
  ];
  return (
    <g class={state.filter(Boolean).join(" ")}>
      <path
        d={`M ${startX} ${startY} C ${startX + bend} ${startY}, ${endX - bend} ${endY}, ${endX - 6} ${endY}`}
        stroke-width={1.2 + Math.log2(1 + rate) * 0.8}
      />
      <path class="tip" d={`M ${endX - 7} ${endY - 4} L ${endX} ${endY} L ${endX - 7} ${endY + 4} Z`} />
      <text x={endX - 12} y={endY - 5} text-anchor="end">
        {words.filter(Boolean).join("  ") || (isLit ? edge.label : "")}
      </text>
    </g>
  );
}

function Node({
  node,
  place,
  traffic,
  isLit,
  onLook,
}: {
  readonly node: MapNode;
  readonly place: Placed | undefined;
  readonly traffic: Traffic;
  readonly isLit: boolean;
  onLook(isLooked: boolean): void;
}): JSX.Element | null {
  if (!place) return null;
  const to = nodePage(node) ?? href(["map"], { text: node.name });
  const state = node.isMissing ? ", missing" : node.isOff ? ", off" : "";
  const open = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a
      href={to}
      class={["node", node.isMissing && "missing", node.isOff && "off", !isLit && "dim"].filter(Boolean).join(" ")}
      aria-label={`${node.kind} ${node.name}${state}`}
      onClick={open}
      onFocus={() => onLook(true)}
      onBlur={() => onLook(false)}
      onMouseEnter={() => onLook(true)}
      onMouseLeave={() => onLook(false)}
    >
      <title>{node.id}</title>
      <rect x={place.x} y={place.y} width={NODE_WIDTH} height={NODE_HEIGHT} rx="7" />
      <text class="node-kind" x={place.x + 10} y={place.y + 15}>
        {node.isMissing ? `✗ no such ${node.kind}` : node.isOff ? `${node.kind}, off` : node.kind}
      </text>
      <text class="node-name" x={place.x + 10} y={place.y + 31}>
        {cut(node.name)}
      </text>
      {traffic.rate > 0 && (
        <text class="node-rate" x={place.x + NODE_WIDTH - 8} y={place.y + 15} text-anchor="end">
          {shownRate(traffic.rate)}/s
        </text>
      )}
    </a>
  );
}

/** As much of a name as the box has room for, with its end, which tells names apart. */
function cut(name: string): string {
  return name.length <= 27 ? name : `${name.slice(0, 15)}…${name.slice(-11)}`;
}

function fitted({ width, height }: Layout, boxWidth: number, boxHeight: number): View {
  const scale = Math.min(1, (boxWidth - 2 * MARGIN) / width, (boxHeight - 2 * MARGIN) / height);
  const held = Math.max(SCALE_MIN, scale);
  return {
    scale: held,
    x: Math.max(MARGIN, (boxWidth - width * held) / 2),
    y: Math.max(MARGIN, (boxHeight - height * held) / 2),
  };
}

/** Where all of it would be too small to be read, it opens at its beginning, and the rest is moved to or shown by a press. */
function readable(all: View, boxHeight: number): View {
  return all.scale >= SCALE_READ ? all : zoomed(all, SCALE_READ / all.scale, { x: MARGIN, y: boxHeight / 2 });
}

/** What lies under `at` stays there. */
function zoomed({ x, y, scale }: View, factor: number, at: { readonly x: number; readonly y: number }): View {
  const next = Math.min(SCALE_MAX, Math.max(SCALE_MIN, scale * factor));
  const by = next / scale;
  return { scale: next, x: at.x - (at.x - x) * by, y: at.y - (at.y - y) * by };
}

function drag(event: PointerEvent, move: (x: number, y: number) => void): void {
  if (event.button !== 0 || (event.target as Element).closest("a")) return;
  const svg = event.currentTarget as SVGSVGElement;
  let { clientX, clientY } = event;
  const onMove = (moved: PointerEvent): void => {
    move(moved.clientX - clientX, moved.clientY - clientY);
    ({ clientX, clientY } = moved);
  };
  svg.setPointerCapture(event.pointerId);
  svg.addEventListener("pointermove", onMove);
  svg.addEventListener("pointerup", () => svg.removeEventListener("pointermove", onMove), { once: true });
}

/** Without Ctrl the wheel scrolls the page. */
function useWheelZoom(
  box: { readonly current: SVGSVGElement | null },
  zoom: (factor: number, at: { readonly x: number; readonly y: number }) => void,
): void {
  const latest = useRef(zoom);
  latest.current = zoom;
  useEffect(() => {
    const svg = box.current;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { left = 0, top = 0 } = svg?.getBoundingClientRect() ?? {};
      latest.current(event.deltaY < 0 ? 1.12 : 1 / 1.12, { x: event.clientX - left, y: event.clientY - top });
    };
    svg?.addEventListener("wheel", onWheel, { passive: false });
    return () => svg?.removeEventListener("wheel", onWheel);
  }, []);
}
