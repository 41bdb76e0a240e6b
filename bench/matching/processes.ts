import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const SIDES = join(import.meta.dirname, "..", "sides");
const RULER = join(SIDES, "event-ruler");
const OUTPUT_BYTES_MAX = 1 << 24;

/** Runs one of the sides in Node, in a fresh process, and answers with what it prints. */
export async function runNode<Printed>(
  side: string,
  args: readonly (string | number)[],
  flags: readonly string[] = [],
): Promise<Printed> {
  const node = ["--max-semi-space-size=32", "--disable-warning=ExperimentalWarning", ...flags];
  return printed(process.execPath, [...node, join(SIDES, `${side}.ts`), ...args.map(String)]);
}

/** Fetches aws/event-ruler to a folder with Maven. Answers with the reason where that cannot be. */
export async function fetchEventRuler(folder: string): Promise<{ jars: string } | { missing: string }> {
  const jars = join(folder, "event-ruler");
  const fetching = ["-q", "-B", "-f", join(RULER, "pom.xml"), "dependency:copy-dependencies"];
  for (const [command, args] of [
    ["java", ["-version"]],
    ["mvn", [...fetching, `-DoutputDirectory=${jars}`]],
  ] as const) {
    try {
      await run(command, args);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { missing: code === "ENOENT" ? `there is no \`${command}\` here` : message };
    }
  }
  return { jars };
}

/** Runs aws/event-ruler in a fresh JVM. The parallel collector and a large heap make it faster than Java's defaults. */
export function runEventRuler<Printed>(jars: string, args: readonly (string | number)[]): Promise<Printed> {
  const java = ["-XX:+UseParallelGC", "-Xms2g", "-Xmx2g", "-cp", join(jars, "*"), join(RULER, "EventRuler.java")];
  return printed("java", [...java, ...args.map(String)]);
}

async function printed<Printed>(command: string, args: readonly string[]): Promise<Printed> {
  const { stdout } = await run(command, args, { maxBuffer: OUTPUT_BYTES_MAX });
  return JSON.parse(stdout) as Printed;
}
