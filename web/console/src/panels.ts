/** What else stands below a record: notes, messages, what carries the same media. */

import type { ComponentType } from "preact";
import type { Opened } from "./records/opening.ts";

export interface Panel {
  readonly name: string;
  readonly component: ComponentType<{ opened: Opened }>;
}

export const PANELS: readonly Panel[] = [];
