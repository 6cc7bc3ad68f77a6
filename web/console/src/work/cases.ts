/** Cases that this member can open, with their titles. */

import { get } from "../api.ts";
import { readEntry, type SentEntry } from "./entries.ts";
import { type Card, readCards, type SentCard } from "./keys.ts";
import { openPlace, type Place, type SentPlace } from "./place.ts";

interface SentCase {
  readonly workspace: SentPlace;
  readonly title: SentEntry | null;
  readonly records: readonly string[];
}

export interface Case {
  readonly place: Place;
  readonly title: string;
  readonly records: readonly string[];
}

/** The cases that hold, the members' cards, and how many cases do not hold. */
export interface Cases {
  readonly cases: readonly Case[];
  readonly cards: Map<string, Card>;
  readonly hidden: number;
}

export async function openCases(): Promise<Cases> {
  const sent = await get<{ cases: readonly SentCase[]; cards: readonly SentCard[] }>("/review/v1/cases");
  const opened = await Promise.allSettled(sent.cases.map(openCase));
  const cases = opened.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  return { cases, cards: readCards(sent.cards), hidden: opened.length - cases.length };
}

async function openCase(sent: SentCase): Promise<Case> {
  const place = await openPlace(sent.workspace, null);
  const title = sent.title ? await readEntry(place, sent.title) : undefined;
  const said = title?.entry.kind === "title" ? title.values["text"] : undefined;
  return { place, title: typeof said === "string" ? said : "", records: sent.records };
}
