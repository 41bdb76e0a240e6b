import type { ComponentChildren, JSX } from "preact";
import { instances, instancesError } from "../instance.ts";
import { href } from "../route.ts";
import { Empty, Failure } from "./notes.tsx";

/** On a page of what belongs to a Connect instance: why there is none to look at. Nothing where there is one. */
export function NoInstance({ children }: { readonly children: ComponentChildren }): JSX.Element | null {
  if (instancesError.value) return <Failure error={instancesError.value} />;
  if (instances.value?.length !== 0) return null;
  return (
    <Empty>
      There is no Connect instance yet, so {children}. The <a href={href([])}>overview</a> tells how to get one.
    </Empty>
  );
}
