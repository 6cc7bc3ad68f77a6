/** What else stands below a record: notes, messages, what carries the same media. */

import type { ComponentType } from "preact";
import type { Opened } from "./records/opening.ts";
import { RecordWork } from "./views/work.tsx";

export interface Panel {
  readonly name: string;
  readonly component: ComponentType<{ opened: Opened }>;
}

function Work({ opened }: { opened: Opened }) {
  return <RecordWork record={opened.answer.record} statement={opened.record.reader.statement} />;
}

export const PANELS: readonly Panel[] = [{ name: "work", component: Work }];
