/** The first line of Node's versions that has all that the server rests on. */
export const NODE_MAJOR = 24;

/** Throws on an older Node: in one line, before anything is loaded that it lacks. */
export function assertNode(version: string = process.version): void {
  if (Number(version.slice(1).split(".")[0]) >= NODE_MAJOR) return;
  throw new Error(
    `trunkline needs Node.js ${NODE_MAJOR} or later; this is ${version} (${process.execPath}). A project can bring it: npm install --save-dev node@${NODE_MAJOR}`,
  );
}
