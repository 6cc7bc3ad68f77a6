/** Everything in a record that has a date, in order: the timeline. */

import type { Json } from "../../../src/crypto/encoding.ts";
import { type OpenedRecord, valuesOf } from "../../../src/opened.ts";
import type { Asked, AskedSection } from "../../../src/own_words.ts";
import { itemsOf } from "../../../src/record/answers.ts";
import { has, t } from "../texts.ts";
import type { Named } from "./terms.ts";

/** When somebody was born stands there, and is no event. */
const NO_EVENTS: readonly unknown[] = ["person"];

type Answers = Readonly<Record<string, Json>>;

export interface Dated {
  /** As it was answered (EDTF), and by which it is sorted. */
  readonly date: string;
  readonly title: string;
  /** What happened, in the words of the lists; and which date this is, where a section asks for several. */
  readonly what: string;
  readonly text: string;
}

/** One entry for each answer that is a date; of a section that is not known here, none. */
export function dated(record: OpenedRecord, named: Named): Dated[] {
  const found: Dated[] = [];
  for (const said of record.current("section")) {
    const values = valuesOf(said);
    if (NO_EVENTS.includes(values["section"])) continue;
    const asked = named.terms.sections[String(values["section"])];
    const dates = (asked?.questions ?? []).filter((question) => question.type === "date");
    for (const item of itemsOf(values) ?? []) {
      for (const question of dates) {
        const date = item[question.id];
        if (typeof date !== "string") continue;
        const which = whichOf(String(values["section"]), question);
        const what = [happened(item, asked!, named), dates.length > 1 ? which : ""];
        found.push({
          date,
          title: asked!.title,
          what: what.filter(Boolean).join("; "),
          text: described(item),
        });
      }
    }
  }
  return found.sort((one, other) => (orderOf(one.date) < orderOf(other.date) ? -1 : 1));
}

/** Which date it is: of a question its own words, else the label without "(approximate is fine)". */
function whichOf(section: string, { id, label }: Asked): string {
  const own = `record.date.${section}.${id}`;
  return has(own) ? t(own) : label.replace(/ \([^)]*\)$/, "");
}

/** The first answer out of a list: what was done, what it was, where somebody was held. */
function happened(item: Answers, asked: AskedSection, named: Named): string {
  const listed = asked.questions.filter(({ vocabulary }) => vocabulary !== null);
  return named.rows({ ...asked, questions: listed }, item)[0]?.text ?? "";
}

function described(item: Answers): string {
  const text = item["description"] ?? item["place"] ?? "";
  return typeof text === "string" ? text : "";
}

/** Digits only, as far as they are known: an interval counts by its beginning, an open one by its end. */
const orderOf = (date: string): string =>
  (date.split("/").find((side) => /\d/.test(side)) ?? "").replace(/[^\d-]/g, "");
