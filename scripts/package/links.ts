import { posix } from "node:path";

/**
 * A page of the documentation as the package ships it: links to what the package lacks (examples, pictures, benchmarks) become their text,
 * and pictures go. `page` is its path in the package, `isShipped` tells of another one whether it is a file there.
 */
export function withoutDeadLinks(text: string, page: string, isShipped: (path: string) => boolean): string {
  const leads = (target: string): boolean =>
    /^(https?:|mailto:|#)/.test(target) || isShipped(posix.join(posix.dirname(page), target.replace(/[#?].*$/, "")));
  return text
    .split(/^(```[\s\S]*?^```)$/m)
    .map((part) =>
      part.startsWith("```")
        ? part
        : part
            .replaceAll(/^!\[[^\]]*\]\(([^)\s]+)\)\n\n?/gm, (picture, target: string) => (leads(target) ? picture : ""))
            .replaceAll(/(?<!!)\[([^\]]+)\]\(([^)\s]+)\)/g, (link, words: string, target: string) =>
              leads(target) ? link : words,
            ),
    )
    .join("");
}
