/** Answers as a form shows them: the twin of `typed` in `intake/http/reading.py`, which names the fields. */

import type { Json, JsonObject } from "./crypto/encoding.ts";

/** Fields of a form are texts, several under one name. */
export type Typed = ReadonlyMap<string, readonly string[]>;

/** What is known of a question here. */
export interface Asked {
  readonly id: string;
  readonly type: string;
}

const BOXES = ["year", "month", "day", "about"] as const;
const SIDE = /^([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?([~?]?)$/;
const ABOUT: Readonly<Record<string, string>> = { "": "exact", "~": "about", "?": "unsure" };
const IN_LIST = ["one", "yes_no", "country", "language"];

/** The fields that show these answers. */
export function typedOf(
  questions: readonly Asked[],
  given: Readonly<Record<string, Json>>,
  prefix = "q:",
): Typed {
  const fields = new Map<string, readonly string[]>();
  for (const { id, type } of questions) {
    const answer = given[id] ?? null;
    const name = `${prefix}${id}`;
    if (answer === null) continue;
    const said = unsaid(answer);
    if (said) fields.set(IN_LIST.includes(type) ? name : `${name}:unsaid`, [`~${said}`]);
    else if (type === "date") typedDate(String(answer), name, fields);
    else if (type === "many") fields.set(name, Array.isArray(answer) ? answer.map(String) : []);
    else if (typeof answer === "boolean") fields.set(name, [answer ? "yes" : "no"]);
    else fields.set(name, [String(answer)]);
  }
  return fields;
}

function unsaid(answer: Json): string | undefined {
  if (typeof answer !== "object" || Array.isArray(answer)) return undefined;
  const said = (answer as JsonObject)["unsaid"];
  return typeof said === "string" ? said : undefined;
}

/** What three boxes can show; another date is kept as it is. */
function typedDate(answer: string, name: string, fields: Map<string, readonly string[]>): void {
  const [first = "", last = ""] = answer.split("/");
  const shown: [string, readonly string[]][] = [];
  for (const [side, place] of [
    [first, name],
    [last, `${name}:until`],
  ] as const) {
    if (side === "" || side === "..") continue;
    const found = SIDE.exec(side);
    if (!found || last === "..") {
      fields.set(`${name}:kept`, [answer]).set(`${name}:keep`, ["yes"]);
      return;
    }
    const [, year = "", month = "", day = "", mark = ""] = found;
    const values = [year, month, day, ABOUT[mark]!];
    BOXES.forEach((box, i) => shown.push([`${place}:${box}`, [values[i]!]]));
  }
  for (const [field, values] of shown) fields.set(field, values);
}
