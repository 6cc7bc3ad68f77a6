/** A record's name that leads to the record, where a view can show it; plain text elsewhere. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { recordName } from "./names.ts";

/** What shows a record in the place of what is shown now. */
export const Follow = createContext<((record: string) => void) | undefined>(undefined);

export function RecordLink({ record }: { record: string }) {
  const follow = useContext(Follow);
  const name = recordName(record);
  if (!follow) return <>{name}</>;
  return (
    <button type="button" class="link" data-record={record} onClick={() => follow(record)}>
      {name}
    </button>
  );
}
