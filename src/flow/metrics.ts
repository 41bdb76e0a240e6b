/** Counters and gauges for `/_trunkline/metrics`. Names as Prometheus wants them: `trunkline_deliveries_total`. */
export interface Metrics {
  /** Says in one sentence what a counter or gauge means: its `HELP` line. */
  describe(name: string, help: string): void;
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void;
  gauge(name: string, read: () => number): void;
  /** Prometheus text exposition format (version 0.0.4). */
  text(): string;
}

type Labels = Readonly<Record<string, string>>;

export function createMetrics(): Metrics {
  const help = new Map<string, string>();
  /** Name → labels as text → value. */
  const counters = new Map<string, Map<string, number>>();
  const gauges = new Map<string, () => number>();

  return {
    describe(name, text) {
      help.set(name, text);
    },
    count(name, labels = {}, by = 1) {
      const series = counters.get(name) ?? new Map<string, number>();
      counters.set(name, series);
      const key = labelText(labels);
      series.set(key, (series.get(key) ?? 0) + by);
    },
    gauge(name, read) {
      gauges.set(name, read);
    },
    text() {
      const families = [...counters.keys(), ...gauges.keys()].sort().map((name) => {
        const read = gauges.get(name);
        const lines = read
          ? [`${name} ${read()}`]
          : [...(counters.get(name) ?? [])].map(([labels, value]) => `${name}${labels} ${value}`);
        return [...helpLine(name, help.get(name)), `# TYPE ${name} ${read ? "gauge" : "counter"}`, ...lines];
      });
      return families.flat().join("\n").concat("\n");
    },
  };
}

/** `{a="1",b="2"}`, in the order of the names so that one set of labels is one series; nothing where there are no labels. */
function labelText(labels: Labels): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((name) => `${name}="${escaped(labels[name] ?? "").replaceAll('"', '\\"')}"`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

function helpLine(name: string, help: string | undefined): string[] {
  return help === undefined ? [] : [`# HELP ${name} ${escaped(help)}`];
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
