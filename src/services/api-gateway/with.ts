/** A shape of the API in which members are always there that an SDK's type leaves optional. */
export type With<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: Exclude<T[P], undefined> };
