import type {
  FunctionConfiguration,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
} from "@aws-sdk/client-lambda";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { releaseZip, withZip } from "./code-files.ts";
import { asUpdating, configurationOf } from "./described-function.ts";
import { functionNotFound, invalid, preconditionFailed } from "./errors.ts";
import { getFunctionOf, getVersionOf, type Named, parseOwnName } from "./find-function.ts";
import { type FunctionVersion, functionArn, functionKey, functions, LATEST, versionKey, versions } from "./function.ts";
import { givenZip } from "./given-code.ts";
import { runningFunctions } from "./invocations.ts";
import { changedSettings, checkReferences } from "./settings.ts";

export async function updateFunctionConfiguration(
  input: Validated<UpdateFunctionConfigurationRequest>,
  context: Context,
): Promise<FunctionConfiguration> {
  const named = parseLatest(input.FunctionName, context, "UpdateFunctionConfiguration");
  const before = await getVersionOf(context.store, named);
  const settings = changedSettings(before, input);
  // Layers that it has stay, whatever has become of them.
  await checkReferences(context, input.Layers ? settings : { ...settings, layers: [] }, named);
  const changed = await changeLatest(context, named, input.RevisionId, (latest) => {
    const { environment: _environment, deadLetterArn: _deadLetterArn, ...rest } = latest;
    return { ...rest, ...changedSettings(latest, input) };
  });
  return asUpdating(await configurationOf(context, changed));
}

export async function updateFunctionCode(
  input: Validated<UpdateFunctionCodeRequest>,
  context: Context,
): Promise<FunctionConfiguration> {
  const named = parseLatest(input.FunctionName, context, "UpdateFunctionCode");
  const before = await getVersionOf(context.store, named);
  if (input.RevisionId !== undefined && input.RevisionId !== before.revisionId) throw preconditionFailed();
  const architecture = input.Architectures?.[0] ?? before.architecture;
  const publishedId = context.ids.uuid();
  const changed = await withZip(context, givenZip(context, input), async (zip) => {
    if (input.DryRun) return { ...before, ...zip, architecture };
    const latest = await changeLatest(context, named, input.RevisionId, (version) => ({
      ...version,
      ...zip,
      architecture,
    }));
    if (!input.Publish) return latest;
    return context.store.commit((unit) => publish(unit, named, { revisionId: publishedId }));
  });
  // Of a dry run nothing may stay; the code that was there before may have no other name.
  await releaseZip(context, input.DryRun ? changed.code : before.code);
  return asUpdating(await configurationOf(context, changed, input.Publish ? changed.version : undefined));
}

function parseLatest(text: string, context: Context, operation: string): Named {
  const named = parseOwnName(text, context, operation);
  if (named.qualifier !== undefined && named.qualifier !== LATEST) {
    throw invalid("Only the $LATEST version of a function can be changed.");
  }
  return { account: named.account, region: named.region, name: named.name };
}

/** Changes `$LATEST`, and ends the sandboxes that run what it was. */
async function changeLatest(
  context: Context,
  named: Named,
  expectedRevision: string | undefined,
  change: (latest: FunctionVersion) => FunctionVersion,
): Promise<FunctionVersion> {
  const revisionId = context.ids.uuid();
  const changed = await context.store.commit(async (unit) => {
    const latest = await unit.get(versions, versionKey(named, LATEST));
    if (latest === undefined) throw functionNotFound(functionArn(named));
    if (expectedRevision !== undefined && expectedRevision !== latest.revisionId) throw preconditionFailed();
    const next = { ...change(latest), revisionId, modifiedMs: context.clock.now() };
    unit.put(versions, versionKey(named, LATEST), next);
    return next;
  });
  runningFunctions(context).sandboxes.retire(changed.functionId, (version) => version.version !== LATEST);
  return changed;
}

/** Makes what `$LATEST` is a version of its own, or answers the last one where nothing has changed since. */
export async function publish(
  unit: Unit,
  named: Named,
  { revisionId, description }: { readonly revisionId: string; readonly description?: string | undefined },
): Promise<FunctionVersion> {
  const found = await getFunctionOf(unit, named);
  const latest = await getVersionOf(unit, { account: named.account, region: named.region, name: named.name });
  const last = await unit.get(versions, versionKey(named, String(found.nextVersion - 1)));
  if (found.nextVersion > 1 && last && isSame(last, latest, description)) return last;
  const version = String(found.nextVersion);
  const published = { ...latest, version, revisionId, description: description ?? latest.description };
  unit.put(versions, versionKey(named, version), published);
  unit.put(functions, functionKey(named), { ...found, nextVersion: found.nextVersion + 1 });
  return published;
}

function isSame(last: FunctionVersion, latest: FunctionVersion, description: string | undefined): boolean {
  const comparable = ({ version: _version, revisionId: _revision, modifiedMs: _modified, ...rest }: FunctionVersion) =>
    JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
  return comparable(last) === comparable({ ...latest, description: description ?? latest.description });
}
