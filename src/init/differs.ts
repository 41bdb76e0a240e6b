/**
 * Whether what a file says is not so on the server. What the file does not say may be as it is, and what is empty is as good as absent;
 * lists that hold the same in another order are the same.
 */
export function differs(wanted: unknown, current: unknown): boolean {
  if (isEmpty(wanted)) return !isEmpty(current) && current !== false && current !== 0;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(current) || wanted.length !== current.length) return true;
    const left = [...current];
    return wanted.some((item) => {
      const place = left.findIndex((other) => !differs(item, other));
      if (place >= 0) left.splice(place, 1);
      return place < 0;
    });
  }
  if (typeof wanted === "object" && wanted !== null) {
    if (typeof current !== "object" || current === null) return true;
    return Object.entries(wanted).some(([key, value]) => differs(value, (current as Record<string, unknown>)[key]));
  }
  if (wanted === current || (current !== undefined && current !== null && String(wanted) === String(current)))
    return false;
  const documents = [parsed(wanted), parsed(current)];
  if (documents.every((one) => one !== undefined)) {
    return differs(documents[0], documents[1]) || differs(documents[1], documents[0]);
  }
  return !(isTime(wanted) && isTime(current) && Date.parse(String(wanted)) === Date.parse(String(current)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  return typeof value === "object" && Object.values(value).every(isEmpty);
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[{[]/.test(value)) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value);
}
