/** A query of Salesforce whose pages are ready: what a source gives that is not what limits. `--records N`. Prints its port. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { FIELDS, rowOf } from "./flow-records.ts";

const PAGE = 2_000;
const { values } = parseArgs({ options: { records: { type: "string", default: "10000" } } });
const records = Number(values.records);
const pages = Array.from({ length: Math.ceil(records / PAGE) }, (_, page) => {
  const rows = Array.from({ length: Math.min(PAGE, records - page * PAGE) }, (_, place) => {
    const row = rowOf(page * PAGE + place);
    return { attributes: { type: "Contact" }, ...Object.fromEntries(FIELDS.map(([field]) => [field, row[field]])) };
  });
  const isLast = (page + 1) * PAGE >= records;
  const next = isLast ? {} : { nextRecordsUrl: `/services/data/v60.0/query/01g-${page + 1}` };
  return Buffer.from(JSON.stringify({ totalSize: records, done: isLast, ...next, records: rows }));
});

const server = createServer((request, response) => {
  request.resume();
  response.setHeader("content-type", "application/json");
  if (request.url?.endsWith("/oauth2/token")) {
    response.end(JSON.stringify({ access_token: "t", instance_url: address(), token_type: "Bearer" }));
    return;
  }
  const [, page = "0"] = /query\/01g-(\d+)$/.exec(request.url ?? "") ?? [];
  response.end(pages[Number(page)]);
}).listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));

function address(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
