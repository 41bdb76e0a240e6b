import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope, tellsDefaultBus } from "../map-part.ts";
import { domainArn, domains } from "./domain.ts";

/** Cases domains, and whether they tell of changes. */
export async function* mapOfCases(reader: Reader, scope: MapScope): AsyncGenerator<MapPart> {
  for await (const domain of documentsOf(reader, domains, { prefix: compositeKey(scope.account, scope.region, "") })) {
    const id = domainArn(domain);
    yield { part: "node", id, kind: "cases domain", name: domain.name, of: domain.domainId };
    if (domain.events.enabled) yield* tellsDefaultBus(scope, id, "aws.cases", "changes of cases");
  }
}
