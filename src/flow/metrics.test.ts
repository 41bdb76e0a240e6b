import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "./metrics.ts";

test("counters and gauges are written as Prometheus reads them", () => {
  const metrics = createMetrics();
  metrics.describe("trunkline_deliveries_total", "Deliveries\nby outcome, \\ and all.");
  metrics.count("trunkline_deliveries_total", { outcome: "delivered" });
  metrics.count("trunkline_deliveries_total", { outcome: "delivered" }, 2);
  metrics.count("trunkline_deliveries_total", { outcome: 'a "bad"\none \\' });
  metrics.count("trunkline_starts_total");
  metrics.gauge("trunkline_deliveries_in_flight", () => 7);

  assert.equal(
    metrics.text(),
    [
      "# TYPE trunkline_deliveries_in_flight gauge",
      "trunkline_deliveries_in_flight 7",
      "# HELP trunkline_deliveries_total Deliveries\\nby outcome, \\\\ and all.",
      "# TYPE trunkline_deliveries_total counter",
      'trunkline_deliveries_total{outcome="delivered"} 3',
      'trunkline_deliveries_total{outcome="a \\"bad\\"\\none \\\\"} 1',
      "# TYPE trunkline_starts_total counter",
      "trunkline_starts_total 1",
      "",
    ].join("\n"),
  );
});

test("the order of labels makes no other series", () => {
  const metrics = createMetrics();
  metrics.count("trunkline_rule_total", { rule: "r", metric: "Invocations" });
  metrics.count("trunkline_rule_total", { metric: "Invocations", rule: "r" });
  assert.match(metrics.text(), /^trunkline_rule_total\{metric="Invocations",rule="r"\} 2$/m);
});
