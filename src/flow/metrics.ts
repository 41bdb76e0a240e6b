/** Counters and gauges for `/_trunkline/metrics`. Names as Prometheus wants them: `trunkline_deliveries_total`. */
export interface Metrics {
  /** Says in one sentence what a counter or gauge means: its `HELP` line. */
  describe(name: string, help: string): void;
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void;
  gauge(name: string, read: () => number): void;
  /** A counter's or gauge's values now, by labels. */
  values(name: string): readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
  /** Prometheus text exposition format (version 0.0.4): of everything, or of what has an account for its label `account`. */
  text(account?: string): string;
}

type Labels = Readonly<Record<string, string>>;

export function createMetrics(): Metrics {
  const help = new Map<string, string>();
  /** Name → labels as they were given → value. */
  const counters = new Map<string, Map<string, { readonly labels: Labels; value: number }>>();
  const gauges = new Map<string, () => number>();

  return {
    describe(name, text) {
      help.set(name, text);
    },
    count(name, labels = {}, by = 1) {
      const series = counters.get(name) ?? new Map<string, { readonly labels: Labels; value: number }>();
      if (series.size === 0) counters.set(name, series);
      // Hot: each request counts. The text is made when somebody asks for it.
      let key = "";
      for (const label in labels) key += `${label}\0${labels[label]}\0`;
      const counter = series.get(key);
      if (counter) counter.value += by;
      else series.set(key, { labels, value: by });
    },
    gauge(name, read) {
      gauges.set(name, read);
    },
    values(name) {
      const read = gauges.get(name);
      if (read) return [{ labels: {}, value: read() }];
      return [...(counters.get(name)?.values() ?? [])].map(({ labels, value }) => ({ labels, value }));
    },
    text(account) {
      const families = [...counters.keys(), ...gauges.keys()].sort().map((name) => {
        // A gauge is the whole server's.
        const read = gauges.get(name);
        if (account !== undefined && read) return [];
        const shown = [...(counters.get(name)?.values() ?? [])].filter(
          ({ labels }) => account === undefined || labels.account === account,
        );
        if (!read && shown.length === 0) return [];
        const lines = read
          ? [`${name} ${read()}`]
          : [...sums(shown)].map(([labels, value]) => `${name}${labels} ${value}`);
        return [...helpLine(name, help.get(name)), `# TYPE ${name} ${read ? "gauge" : "counter"}`, ...lines];
      });
      return families.flat().join("\n").concat("\n");
    },
  };
}

/** Labels as text → value: labels that were given in another order are the same. */
function sums(counters: Iterable<{ readonly labels: Labels; readonly value: number }>): Map<string, number> {
  const byText = new Map<string, number>();
  for (const { labels, value } of counters) {
    const text = labelText(labels);
    byText.set(text, (byText.get(text) ?? 0) + value);
  }
  return byText;
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
