/** stub */
export function standardObjectIdField(_object: string): string {
  return "";
}
export function standardIndexKeys(
  _object: string,
  _fields: Readonly<Record<string, unknown>>,
): readonly (readonly [string, ...string[]])[] {
  return [];
}
