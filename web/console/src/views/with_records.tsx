/**
 * A view whose links lead to records: the record stands in the view's place until it is left. Records lead to
 * others in turn; each way back ends at the link that was followed.
 */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Follow } from "../records/link.tsx";
import type { Item } from "../records/listed.ts";
import { RecordView } from "./record.tsx";

export function WithRecords(props: {
  /** The row of a list that leads to a record. */
  listed?: (record: string) => Item | undefined;
  onBack?: () => void;
  children: ComponentChildren;
}) {
  const [way, go] = useState<readonly string[]>([]);
  const [left, leave] = useState("");
  const record = way.at(-1);
  useEffect(() => {
    if (left) document.querySelector<HTMLElement>(`button[data-record="${left}"]`)?.focus();
  }, [left, way]);
  const follow = (next: string): void => {
    leave("");
    go([...way, next]);
  };
  const back = (): void => {
    leave(record ?? "");
    go(way.slice(0, -1));
    if (way.length === 1) props.onBack?.();
  };
  return (
    <Follow.Provider value={follow}>
      {record ? (
        <RecordView key={way.length} record={record} listed={props.listed?.(record)} onBack={back} />
      ) : (
        props.children
      )}
    </Follow.Provider>
  );
}
