/** Entries of a page where the caller names no limit; the greatest that the model allows. */
export const PAGE_SIZE = 100;
