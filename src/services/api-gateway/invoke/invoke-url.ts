/** Where a URL that invokes an API leads. */
export interface InvokeUrl {
  readonly apiId: string;
  /** `$default` for an HTTP API whose URL names no stage: what is in `path` may begin with one all the same. */
  readonly stageName: string | undefined;
  /** Behind the stage, as sent: empty, or with its slash. */
  readonly path: string;
  /** The API is named by the host, which is an origin of its own. */
  readonly isByHost: boolean;
}

const HOST = /^([a-z0-9]{10})\.execute-api\.[a-z0-9.-]+$/;
const PATH = /^\/_aws\/execute-api\/([^/]+)(?:\/([^/]*))?(\/.*)?$/s;
const OLD_PATH = /^\/restapis\/([^/]+)\/([^/]+)\/_user_request_(\/.*)?$/s;

/**
 * Reads host and path of a request: `{apiId}.execute-api.…` as host, `/_aws/execute-api/{apiId}/{stage}/…` or
 * `/restapis/{apiId}/{stage}/_user_request_/…`. `undefined`: it invokes no API.
 */
export function parseInvokeUrl(host: string, path: string): InvokeUrl | undefined {
  const byHost = HOST.exec(host.replace(/:\d*$/, "").toLowerCase())?.[1];
  if (byHost !== undefined) {
    const [, stage, rest = ""] = /^\/([^/]*)(\/.*)?$/s.exec(path) ?? [];
    return { apiId: byHost, stageName: stage || undefined, path: rest, isByHost: true };
  }
  const [, apiId, stageName, rest = ""] = PATH.exec(path) ?? OLD_PATH.exec(path) ?? [];
  return apiId === undefined ? undefined : { apiId, stageName: stageName || undefined, path: rest, isByHost: false };
}
