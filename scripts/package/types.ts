/** The types of what users import: a `.d.ts` for its source, and for each source whose types it names. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import ts from "typescript";
import { packageOf, placeInPackage } from "./bundle.ts";

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.NodeNext,
  strict: true,
  declaration: true,
  isolatedDeclarations: true,
  stripInternal: true,
};

/** Answers with the packages whose types they name. */
export function writeTypes(root: string, entries: readonly string[], stage: string): string[] {
  const packages = new Set<string>();
  const sources = [...entries];
  for (const source of sources) {
    const declared = declarationsOf(root, source);
    for (const specifier of importedBy(declared)) {
      if (!specifier.startsWith(".")) packages.add(packageOf(specifier));
      else if (!specifier.endsWith(".ts")) throw new Error(`${source}: types cannot name ${specifier}`);
      else {
        const target = posix.join(posix.dirname(source), specifier);
        if (!sources.includes(target)) sources.push(target);
      }
    }
    const file = join(stage, placeInPackage(source).replace(/\.ts$/, ".d.ts"));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, declared.replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1"));
  }
  return [...packages].filter((name) => !name.startsWith("node:")).sort();
}

function declarationsOf(root: string, source: string): string {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(join(root, source), "utf8"), {
    fileName: source,
    reportDiagnostics: true,
    compilerOptions: OPTIONS,
  });
  const [wrong] = diagnostics;
  if (wrong) throw new Error(`${source}: ${ts.flattenDiagnosticMessageText(wrong.messageText, " ")}`);
  return outputText;
}

function importedBy(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}
