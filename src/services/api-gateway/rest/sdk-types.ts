import type { GetSdkTypeRequest, GetSdkTypesRequest, SdkType, SdkTypes } from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Context } from "../../service.ts";
import { notFound } from "../errors.ts";
import { slicePositions } from "../paging.ts";

type Property = readonly [name: string, friendlyName: string, required: boolean];

function sdkType(id: string, friendlyName: string, properties: readonly Property[] = []): SdkType & { id: string } {
  return {
    id,
    friendlyName,
    description: `Generates an SDK for ${friendlyName}`,
    configurationProperties: properties.map(([name, friendly, required]) => ({
      name,
      friendlyName: friendly,
      description: friendly,
      required,
    })),
  };
}

/** What the service generates SDKs for. Here none is generated: GetSdk is not built. */
const sdkTypes: readonly (SdkType & { id: string })[] = [
  sdkType("android", "Android", [
    ["groupId", "Group ID", true],
    ["artifactId", "Artifact ID", true],
    ["artifactVersion", "Artifact version", true],
    ["invokerPackage", "Package name", true],
  ]),
  sdkType("java", "Java SDK", [
    ["service.name", "Service Name", true],
    ["java.package-name", "Java Package Name", true],
    ["java.build-system", "Java Build System", false],
    ["java.group-id", "Java Group Id", false],
    ["java.artifact-id", "Java Artifact Id", false],
    ["java.artifact-version", "Java Artifact Version", false],
  ]),
  sdkType("javascript", "JavaScript"),
  sdkType("objectivec", "iOS (Objective-C)", [["classPrefix", "Prefix", true]]),
  sdkType("ruby", "Ruby", [["service.name", "Service Name", true]]),
  sdkType("swift", "iOS (Swift)", [["classPrefix", "Prefix", true]]),
];

export async function getSdkTypes(input: Validated<GetSdkTypesRequest>, context: Context): Promise<SdkTypes> {
  return slicePositions(context, sdkTypes, ({ id }) => id, input, ["GetSdkTypes"]);
}

export async function getSdkType(input: Validated<GetSdkTypeRequest>): Promise<SdkType> {
  const found = sdkTypes.find(({ id }) => id === input.id);
  if (found === undefined) throw notFound("Invalid SDK type specified");
  return found;
}
