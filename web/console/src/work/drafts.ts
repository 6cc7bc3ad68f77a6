/** What a member is writing, until it is sent: kept while they look elsewhere, in memory only, and gone when they leave. */

import { useState } from "preact/hooks";
import { onForget } from "../state.ts";

const drafts = new Map<string, string>();
onForget(() => drafts.clear());

/** The text that was begun under this name, and a way to change it. */
export function useDraft(name: string): readonly [text: string, change: (text: string) => void] {
  const [, draw] = useState(0);
  const change = (text: string): void => {
    if (text) drafts.set(name, text);
    else drafts.delete(name);
    draw((count) => count + 1);
  };
  return [drafts.get(name) ?? "", change];
}
