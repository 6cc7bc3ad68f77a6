/** What else stands below a record: notes, messages, what carries the same media, what agrees with it. */

import type { ComponentType } from "preact";
import type { Opened } from "./records/opening.ts";
import { Corroboration, SameMedia } from "./views/alike.tsx";
import { RecordMessages } from "./views/messages.tsx";
import { OpenedWork } from "./views/work.tsx";

export interface Panel {
  readonly name: string;
  readonly component: ComponentType<{ opened: Opened }>;
}

export const PANELS: readonly Panel[] = [
  { name: "work", component: OpenedWork },
  { name: "messages", component: RecordMessages },
  { name: "same-media", component: SameMedia },
  { name: "corroboration", component: Corroboration },
];
