import type { ActionTable, Asking, Exception, Input, Need } from "./action-table.ts";

/** A member that names parameters: `/a/b` is `parameter/a/b`, `a` is `parameter/a`. */
function onParameters(action: string, member: string): Exception {
  return {
    needs: (input: Input, { account, region }: Asking): readonly Need[] =>
      [input[member] ?? []].flat().map((name) => {
        const [path = ""] = String(name)
          .replace(/^arn:aws:ssm:[^:]*:\d*:parameter/, "")
          .split(":");
        const slash = path.startsWith("/") ? "" : "/";
        return { action: `ssm:${action}`, resourceArn: `arn:aws:ssm:${region}:${account}:parameter${slash}${path}` };
      }),
  };
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html */
export const ssmActions: ActionTable = {
  prefix: "ssm",
  arn: "arn:aws:ssm:{region}:{account}:",
  operations: {
    AddTagsToResource: onParameters("AddTagsToResource", "ResourceId"),
    DeleteParameter: onParameters("DeleteParameter", "Name"),
    DeleteParameters: onParameters("DeleteParameters", "Names"),
    GetParameter: onParameters("GetParameter", "Name"),
    GetParameterHistory: onParameters("GetParameterHistory", "Name"),
    GetParameters: onParameters("GetParameters", "Names"),
    GetParametersByPath: onParameters("GetParametersByPath", "Path"),
    ListTagsForResource: onParameters("ListTagsForResource", "ResourceId"),
    PutParameter: onParameters("PutParameter", "Name"),
    RemoveTagsFromResource: onParameters("RemoveTagsFromResource", "ResourceId"),
  },
};
