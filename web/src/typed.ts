/** The fields of a form that show answers: the twin of `typed` in `intake/http/reading.py`. */

import type { Json } from "./crypto/encoding.ts";
import { objectIn } from "./own_words.ts";

const SIDE = /^([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?([~?]?)$/;
const ABOUT: Readonly<Record<string, string>> = { "": "exact", "~": "about", "?": "unsure" };
const IN_LIST = ["one", "yes_no", "country", "language"];

/** Fields by name, each with its values. */
export type Fields = Map<string, readonly string[]>;

/** The fields for answers to these questions, which are those of a profile. */
export function typedAnswers(
  questions: readonly Json[],
  answers: Readonly<Record<string, Json>>,
  prefix: string,
): Fields {
  const fields: Fields = new Map();
  for (const question of questions.map(objectIn)) {
    if (!question) continue;
    const id = String(question["id"]);
    const type = String(question["type"]);
    const answer = answers[id];
    if (answer === undefined || answer === null) continue;
    const name = `${prefix}${id}`;
    const unsaid = objectIn(answer)?.["unsaid"];
    if (unsaid !== undefined)
      fields.set(IN_LIST.includes(type) ? name : `${name}:unsaid`, [`~${String(unsaid)}`]);
    else if (type === "date") typedDate(String(answer), name, fields);
    else if (Array.isArray(answer)) fields.set(name, (answer as readonly Json[]).map(String));
    else if (typeof answer === "boolean") fields.set(name, [answer ? "yes" : "no"]);
    else fields.set(name, [String(answer)]);
  }
  return fields;
}

/** What three boxes can show; another date is to be typed anew. */
function typedDate(answer: string, name: string, fields: Fields): void {
  const [first, last] = answer.split("/");
  for (const [side, place] of [
    [first, name],
    [last, `${name}:until`],
  ] as const) {
    const found = SIDE.exec(side ?? "");
    if (!found) continue;
    const [, year, month, day, mark] = found;
    fields
      .set(`${place}:year`, [year!])
      .set(`${place}:month`, [month ?? ""])
      .set(`${place}:day`, [day ?? ""]);
    fields.set(`${place}:about`, [ABOUT[mark!]!]);
  }
}
