/** Systems Manager, as far as stacks and tools that deploy need it: its parameters. */
import type { Service } from "../service.ts";
import {
  deleteParameter,
  deleteParameters,
  describeParameters,
  getParameter,
  getParameterHistory,
  getParameters,
  getParametersByPath,
  putParameter,
} from "./parameters.ts";
import { addTagsToResource, listTagsForResource, removeTagsFromResource, tagsOf } from "./tags.ts";

export const ssm: Service = {
  operations: {
    ssm: {
      AddTagsToResource: addTagsToResource,
      DeleteParameter: deleteParameter,
      DeleteParameters: deleteParameters,
      DescribeParameters: describeParameters,
      GetParameter: getParameter,
      GetParameterHistory: getParameterHistory,
      GetParameters: getParameters,
      GetParametersByPath: getParametersByPath,
      ListTagsForResource: listTagsForResource,
      PutParameter: putParameter,
      RemoveTagsFromResource: removeTagsFromResource,
    },
  },
  tags: { ssm: tagsOf },
};
