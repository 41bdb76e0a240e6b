/** Whether a media type is among those that an API declares as binary: with `*` for a part of it. */
export function isBinaryType(binaryMediaTypes: readonly string[], contentType: string | undefined): boolean {
  const type = mediaType(contentType);
  return type !== undefined && binaryMediaTypes.some((pattern) => typeMatches(pattern.toLowerCase(), type));
}

/** Whether the first of the types that a client accepts is one of them. */
export function acceptsBinary(binaryMediaTypes: readonly string[], accept: string | undefined): boolean {
  return isBinaryType(binaryMediaTypes, accept?.split(",")[0]);
}

/** `application/json` of `Application/JSON; charset=utf-8`. */
export function mediaType(contentType: string | undefined): string | undefined {
  const type = contentType?.split(";")[0]?.trim().toLowerCase();
  return type === "" ? undefined : type;
}

/** Whether a body is told to be JSON, as one is of which nothing is told. */
export function isJsonType(contentType: string | undefined): boolean {
  const type = mediaType(contentType);
  return type === undefined || /[/+](?:x-amz-)?json(?:-[\d.]+)?$/.test(type);
}

function typeMatches(pattern: string, type: string): boolean {
  if (pattern === type || pattern === "*/*") return true;
  const [general, special] = pattern.split("/");
  const [ofType, ofSubtype] = type.split("/");
  return (general === "*" || general === ofType) && (special === "*" || special === ofSubtype);
}
