import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";

export interface Series {
  readonly name: string;
  /** One of the CSS variables for charts: `--chart-1`. */
  readonly color: string;
  readonly values: readonly (number | null)[];
}

/** Between two tries to load the library. */
const RETRY_MS = 2000;

/** Lines over time. The library comes when the first chart is shown; until then the place is kept. */
export function Chart({
  label,
  timesMs,
  series,
}: {
  readonly label: string;
  readonly timesMs: readonly number[];
  readonly series: readonly Series[];
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const data = [timesMs.map((ms) => ms / 1000), ...series.map(({ values }) => values)] as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;
  const names = series.map(({ name }) => name).join(",");
  const [round, setRound] = useState(0);
  useEffect(() => {
    let gone = false;
    const element = place.current as HTMLDivElement;
    const color = (name: string): string => getComputedStyle(element).getPropertyValue(name).trim();
    const open = ({ default: UPlot }: { readonly default: typeof uPlot }): void => {
      if (gone) return;
      const axis = { stroke: color("--faint"), grid: { stroke: color("--line") }, ticks: { stroke: color("--line") } };
      plot.current = new UPlot(
        {
          width: element.clientWidth,
          height: 160,
          legend: { live: false },
          cursor: { y: false },
          series: [{}, ...series.map((one) => ({ label: one.name, stroke: color(one.color), width: 2 }))],
          axes: [
            { ...axis, space: 70, values: (_plot, seconds) => seconds.map(timeOfDay) },
            { ...axis, size: 48 },
          ],
          scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high)] } },
        },
        latest.current,
        element,
      );
    };
    // The server may be away for a while.
    let timer: ReturnType<typeof setTimeout> | undefined;
    import("uplot").then(open, () => {
      timer = setTimeout(() => gone || setRound((before) => before + 1), RETRY_MS);
    });
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: 160 }));
    resized.observe(element);
    return () => {
      gone = true;
      clearTimeout(timer);
      resized.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [names, round]);
  useEffect(() => {
    plot.current?.setData(latest.current);
  });
  const last = series.map(({ name, values }) => `${name} ${values.at(-1) ?? 0}`).join(", ");
  return <div ref={place} class="chart" role="img" aria-label={`${label}: ${last}`} />;
}

function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(undefined, { hour12: false });
}
