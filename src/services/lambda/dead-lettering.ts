/** Which queues get what functions could not handle. */
import { type Collection, compositeKey, type Reader } from "../../store/store.ts";
import type { Caller } from "../service.ts";
import { invokeConfigs } from "./event-invoke-configs.ts";
import { mappings } from "./event-sources/mapping.ts";
import { type FunctionRef, functionArn, LATEST, versions } from "./function.ts";

/** A function, or a mapping of one, that has a place for what fails. */
export interface DeadLettering {
  /**
   * `dead-letter-queue`: gets the events. `on-failure`: gets records of asynchronous invocations, with the events in them. `mapping`: is told which
   * records of a stream failed.
   */
  readonly kind: "dead-letter-queue" | "on-failure" | "mapping";
  readonly functionArn: string;
  readonly queueArn: string;
  readonly sourceArn?: string;
}

const PER_READ = 500;

export async function listDeadLettering(
  reader: Reader,
  owner: Pick<Caller, "account" | "region">,
): Promise<readonly DeadLettering[]> {
  const found: DeadLettering[] = [];
  const add = (kind: DeadLettering["kind"], arn: string, queueArn: string | undefined, sourceArn?: string): void => {
    if (!queueArn?.startsWith("arn:aws:sqs:")) return;
    found.push({ kind, functionArn: arn, queueArn, ...(sourceArn !== undefined && { sourceArn }) });
  };
  await each(reader, versions, owner, (version) =>
    add("dead-letter-queue", qualified(version, version.version), version.deadLetterArn),
  );
  await each(reader, invokeConfigs, owner, (config) =>
    add("on-failure", qualified(config, config.qualifier), config.onFailure),
  );
  await each(reader, mappings, owner, ({ settings, functionArn: arn, sourceArn }) =>
    add("mapping", arn, settings.DestinationConfig?.OnFailure?.Destination, sourceArn),
  );
  return found;
}

function qualified(ref: FunctionRef, qualifier: string): string {
  return functionArn(ref, qualifier === LATEST ? undefined : qualifier);
}

async function each<T>(
  reader: Reader,
  collection: Collection<T>,
  { account, region }: Pick<Caller, "account" | "region">,
  visit: (document: T) => void,
): Promise<void> {
  let after: string | undefined;
  do {
    const page = await reader.list(collection, { prefix: compositeKey(account, region, ""), limit: PER_READ, after });
    for (const document of page.documents) visit(document);
    after = page.next;
  } while (after !== undefined);
}
