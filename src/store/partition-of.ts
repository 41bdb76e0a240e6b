/**
 * The partition that entries with a key go to: FNV-1a over the key's UTF-8 bytes, http://www.isthe.com/chongo/tech/comp/fnv/.
 * Folders depend on it, so it never changes.
 */
export function partitionOf(key: string, partitions: number): number {
  if (partitions === 1) return 0;
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % partitions;
}
