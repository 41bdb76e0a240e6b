import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TemporaryKeys } from "../../iam/index.ts";
import type { FunctionVersion } from "../function.ts";
import type { Isolation } from "./isolation.ts";

export interface Launch {
  readonly command: readonly string[];
  readonly environment: Record<string, string>;
}

export interface LaunchParts {
  readonly version: FunctionVersion;
  readonly isolation: Isolation;
  readonly base: string;
  readonly codePath: string;
  readonly layersPath: string | undefined;
  readonly keys: TemporaryKeys;
  /** Where the Runtime API is, for a custom runtime. Our own bootstraps need none. */
  readonly address: string | undefined;
  /** Trunkline's own, as clients have it. */
  readonly endpoint: string;
  /** What must be trusted to call it, and the same with what everybody trusts: PEM files. */
  readonly trust?: { readonly extra: string; readonly bundle: string } | undefined;
  /** Ends an invocation's output. */
  readonly mark: string;
  /** The log stream. */
  readonly stream: string;
  readonly workFolder: string;
}

/** What a sandbox runs, and all that it has in its environment: nothing of ours. */
export function launchOf(parts: LaunchParts): Launch {
  const { version, keys, codePath, layersPath } = parts;
  const isCustom = version.runtime.startsWith("provided");
  const environment: Record<string, string> = {
    PATH: `${isCustom ? "" : `${dirname(process.execPath)}:`}/usr/local/bin:/usr/bin:/bin${layersPath ? `:${layersPath}/bin` : ""}`,
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    HOME: parts.workFolder,
    TMPDIR: parts.workFolder,
    LD_LIBRARY_PATH: [codePath, `${codePath}/lib`, ...(layersPath ? [`${layersPath}/lib`] : [])].join(":"),
    ...version.environment,
    _HANDLER: version.handler,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_SESSION_TOKEN: keys.sessionToken,
    AWS_REGION: version.region,
    AWS_DEFAULT_REGION: version.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${version.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: version.name,
    AWS_LAMBDA_FUNCTION_VERSION: version.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(version.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: version.logging.group,
    AWS_LAMBDA_LOG_STREAM_NAME: parts.stream,
    AWS_LAMBDA_LOG_FORMAT: version.logging.format,
    ...(version.logging.applicationLevel && { AWS_LAMBDA_LOG_LEVEL: version.logging.applicationLevel }),
    ...(parts.address !== undefined && { AWS_LAMBDA_RUNTIME_API: parts.address }),
    LAMBDA_TASK_ROOT: codePath,
    LAMBDA_RUNTIME_DIR: join(parts.base, "runtime"),
    TRUNKLINE_MARK: parts.mark,
    TRUNKLINE_RUNTIME: version.runtime,
  };
  // By these a handler could take off what holds it: more permissions, or native code of its own in our Node.
  if (parts.isolation.kind === "permissions") {
    for (const name of Object.keys(environment)) if (UNTYING.test(name)) delete environment[name];
  }
  // Whoever sets it means it, as for any SDK.
  environment.AWS_ENDPOINT_URL ??= callBackUrl(parts.endpoint);
  if (parts.trust) {
    environment.NODE_EXTRA_CA_CERTS ??= parts.trust.extra;
    environment.AWS_CA_BUNDLE ??= parts.trust.bundle;
  }
  return { command: commandOf(parts, environment), environment };
}

const UNTYING = /^(NODE_OPTIONS|LD_.*|DYLD_.*|OPENSSL_.*)$/;

/** The address that we listen on, as a process on this machine reaches it. */
function callBackUrl(endpoint: string): string {
  return endpoint.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

function commandOf(
  { version, isolation, base, codePath, layersPath, workFolder }: LaunchParts,
  environment: Record<string, string>,
): readonly string[] {
  const runtime = join(base, "runtime");
  const given = (name: string): readonly string[] => (version.environment?.[name] ? [version.environment[name]] : []);
  if (version.runtime.startsWith("nodejs")) {
    const layers = layersPath
      ? ["node_modules", `${version.runtime.slice(0, -2).replace("nodejs", "node")}/node_modules`, ""].map((folder) =>
          join(layersPath, "nodejs", folder),
        )
      : [];
    const sdk = join(runtime, "node_modules");
    environment.NODE_PATH = [...given("NODE_PATH"), ...layers, sdk].join(":");
    const readable = [codePath, runtime, workFolder, ...(layersPath ? [layersPath] : []), ...sdkFolders()];
    const held =
      isolation.kind === "own-user"
        ? []
        : [
            "--permission",
            "--allow-worker",
            ...readable.map((folder) => `--allow-fs-read=${folder}`),
            `--allow-fs-write=${workFolder}`,
          ];
    // The heap may have all the memory: what is too much of it is seen by the resident size.
    return [process.execPath, `--max-old-space-size=${version.memoryMb}`, ...held, join(runtime, "node.mjs")];
  }
  if (version.runtime.startsWith("python")) {
    const layers = layersPath
      ? ["python", `python/lib/${version.runtime}/site-packages`].map((folder) => join(layersPath, folder))
      : [];
    environment.PYTHONPATH = [codePath, ...given("PYTHONPATH"), ...layers].join(":");
    environment.PYTHONDONTWRITEBYTECODE = "1";
    return [findPython() ?? "python3", join(runtime, "python.py")];
  }
  return [[join(codePath, "bootstrap"), join(layersPath ?? codePath, "bootstrap")].find(existsSync) ?? "bootstrap"];
}

/** Where everybody may run it: what stands in a user's own folder is of no use to other users. */
const PYTHONS = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3", "/bin/python3"];

/** The interpreter that all Python runtimes share, if this machine has one. */
export function findPython(): string | undefined {
  return PYTHONS.find(existsSync);
}

let foundFolders: readonly string[] | undefined;

/** The folders of installed packages that have the AWS SDK, beside Trunkline or around it. */
export function sdkFolders(): readonly string[] {
  if (foundFolders) return foundFolders;
  const found: string[] = [];
  for (let at = import.meta.dirname; at !== dirname(at); at = dirname(at)) {
    const folder = join(at, "node_modules");
    if (existsSync(join(folder, "@aws-sdk")) && readdirSync(join(folder, "@aws-sdk")).length > 0)
      found.push(realpathSync(folder));
  }
  foundFolders = found;
  return found;
}
