/**
 * Dates as people remember them, a subset of EDTF Level 1: the twin of `intake/record/dates.py`.
 *
 *     2020 · 2020-08 · 2020-08-09     with ~ about, ? not certain, % both
 *     202X · 2020-XX · 2020-08-XX · 2020-XX-XX
 *     A/B · ../B · A/..
 */

export const FIRST_YEAR = 1900;
export const LAST_YEAR = 2100;
const SINGLE = /^([0-9]{3}[0-9X])(?:-([0-9]{2}|XX))?(?:-([0-9]{2}|XX))?([~?%]?)$/;
const OPEN = "..";
const MARKS: ReadonlyMap<string, string> = new Map([
  ["exact", ""],
  ["", ""],
  ["about", "~"],
  ["unsure", "?"],
]);

/** Names of months in one language, January first: in a date, and alone. */
export type Months = Readonly<Record<"format" | "stand-alone", readonly string[]>>;

/** Not a date of this subset. */
export class DateError extends Error {}

/** One side of an interval; `month` and `day` where they are known. */
interface Single {
  readonly earliest: string;
  readonly latest: string;
  readonly year: number;
  readonly month: number | undefined;
  readonly day: number | undefined;
  readonly decade: boolean;
  readonly anyMonth: boolean;
  readonly anyDay: boolean;
  readonly mark: string;
}

/** `text` if it is a date; else `DateError`. */
export function parse(text: unknown): string {
  const [first, last] = sides(text);
  if (first && last && first.earliest > last.latest) throw new DateError("the second lies before the first");
  return text as string;
}

/** `YYYY-MM` if both bounds lie in one month, else null. */
export function monthOf(text: string): string | null {
  const [first, last] = sides(parse(text));
  const month = first?.earliest.slice(0, 7);
  return month !== undefined && last && last.latest.slice(0, 7) === month ? month : null;
}

/** A form's three boxes and `exact`, `about` or `unsure` as EDTF; null if all boxes are empty. */
export function fromWords(year: string, month: string, day: string, about: string): string | null {
  const mark = MARKS.get(about);
  if (mark === undefined) throw new DateError("it is not said how exact the date is");
  if (!year && !month && !day) return null;
  if (!year || (day && !month)) throw new DateError("a day needs its month, and a month its year");
  if (!/^[0-9]{3}[0-9X]$/.test(year)) throw new DateError("a year has four digits");
  const rest = [month, day].filter(Boolean);
  if (!rest.every((box) => /^[0-9]{1,2}$/.test(box))) throw new DateError("months and days are numbers");
  return parse([year, ...rest.map((box) => box.padStart(2, "0"))].join("-") + mark);
}

/** An interval; null leaves that side open. Two equal dates are that date. */
export function between(first: string | null, last: string | null): string {
  for (const side of [first, last]) if (side !== null) single(side);
  if (first === last && first !== null) return first;
  return parse(`${first ?? OPEN}/${last ?? OPEN}`);
}

function sides(text: unknown): [Single | undefined, Single | undefined] {
  if (typeof text !== "string") throw new DateError("a date is a text");
  const stroke = text.indexOf("/");
  if (stroke < 0) {
    const only = single(text);
    return [only, only];
  }
  const before = text.slice(0, stroke);
  const after = text.slice(stroke + 1);
  if (before === OPEN && after === OPEN) throw new DateError("an interval needs a beginning or an end");
  return [before === OPEN ? undefined : single(before), after === OPEN ? undefined : single(after)];
}

function single(text: string): Single {
  const found = SINGLE.exec(text);
  if (!found) throw new DateError("this is not a date");
  const [, year = "", month, day, mark = ""] = found;
  if (text.includes("X") && mark) throw new DateError("X and a mark do not go together");
  if (year.endsWith("X") && month) throw new DateError("some year of a decade has no month");
  if (month === "XX" && day !== undefined && day !== "XX") throw new DateError("a day needs its month");
  const firstYear = Number(year.replace("X", "0"));
  const lastYear = Number(year.replace("X", "9"));
  if (firstYear < FIRST_YEAR || lastYear > LAST_YEAR) throw new DateError("a year of this time");
  const knownMonth = month && month !== "XX" ? Number(month) : undefined;
  const knownDay = day && day !== "XX" ? Number(day) : undefined;
  if (knownMonth !== undefined && (knownMonth < 1 || knownMonth > 12)) throw new DateError("no such month");
  const lastDay = knownMonth === undefined ? 31 : new Date(Date.UTC(firstYear, knownMonth, 0)).getUTCDate();
  if (knownDay !== undefined && (knownDay < 1 || knownDay > lastDay)) throw new DateError("no such day");
  return {
    earliest: `${firstYear}-${two(knownMonth ?? 1)}-${two(knownDay ?? 1)}`,
    latest: `${lastYear}-${two(knownMonth ?? 12)}-${two(knownDay ?? lastDay)}`,
    year: firstYear,
    month: knownMonth,
    day: knownDay,
    decade: year.endsWith("X"),
    anyMonth: month === "XX" && day === undefined,
    anyDay: day === "XX",
    mark,
  };
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

// --- in words ---

interface Texts {
  readonly about: string;
  readonly uncertain: string;
  readonly year: readonly [plain: string, genitive: string];
  readonly inYear: string;
  readonly decade: readonly [plain: string, genitive: string];
  readonly someDay: readonly [plain: string, genitive: string];
  readonly someMonth: readonly [plain: string, genitive: string];
  readonly to: string;
  readonly until: string;
  readonly since: string;
  readonly on: string;
}

const TEXTS: Readonly<Record<string, Texts>> = {
  en: {
    about: "about",
    uncertain: "(not certain)",
    year: ["{0}", "{0}"],
    inYear: "{0} {1}",
    decade: ["the {0}s", "the {0}s"],
    someDay: ["a day in {0}", "a day in {0}"],
    someMonth: ["a month in {0}", "a month in {0}"],
    to: "and",
    until: "until",
    since: "from",
    on: " on",
  },
  be: {
    about: "прыкладна",
    uncertain: "(дакладна невядома)",
    year: ["{0} год", "{0} года"],
    inYear: "{0} {1} года",
    decade: ["{0}-я гады", "{0}-х гадоў"],
    someDay: ["нейкі дзень {0}", "нейкага дня {0}"],
    someMonth: ["нейкі месяц {0}", "нейкага месяца {0}"],
    to: "да",
    until: "да",
    since: "пачынаючы {0}",
    on: "",
  },
  ru: {
    about: "примерно",
    uncertain: "(точно неизвестно)",
    year: ["{0} год", "{0} года"],
    inYear: "{0} {1} года",
    decade: ["{0}-е годы", "{0}-х годов"],
    someDay: ["какой-то день {0}", "какого-то дня {0}"],
    someMonth: ["какой-то месяц {0}", "какого-то месяца {0}"],
    to: "до",
    until: "до",
    since: "начиная {0}",
    on: "",
  },
};

/** A date in words for people: `be`, `ru` or `en`. */
export function words(text: string, language: string, months: Months): string {
  const texts = TEXTS[language]!;
  const [first, last] = sides(parse(text));
  const side = (date: Single, preposition: string): string => inWords(date, preposition, language, months);
  if (!first) return side(last!, texts.until);
  if (!last) return side(first, texts.since.replace("{0}", from(first, language))) + texts.on;
  if (!text.includes("/")) return side(first, "");
  const exact = first.day && last.day && !first.mark && !last.mark;
  const start =
    exact && first.earliest.slice(0, 7) === last.earliest.slice(0, 7)
      ? `${from(first, language)} ${first.day}`
      : side(first, from(first, language));
  return `${start} ${side(last, texts.to)}`;
}

function inWords(date: Single, preposition: string, language: string, months: Months): string {
  const texts = TEXTS[language]!;
  const about = "~%".includes(date.mark || " ") ? texts.about : "";
  const said = form(date, texts, preposition ? 1 : 0, months);
  const pieces = language === "en" ? [preposition, about, said] : [about, preposition, said];
  if ("?%".includes(date.mark || " ")) pieces.push(texts.uncertain);
  return pieces.filter(Boolean).join(" ");
}

function form(date: Single, texts: Texts, genitive: 0 | 1, months: Months): string {
  if (date.decade) return texts.decade[genitive].replace("{0}", String(date.year));
  const ofYear = texts.year[1].replace("{0}", String(date.year));
  if (date.anyMonth) return texts.someMonth[genitive].replace("{0}", ofYear);
  if (date.month === undefined) {
    return date.anyDay
      ? texts.someDay[genitive].replace("{0}", ofYear)
      : texts.year[genitive].replace("{0}", String(date.year));
  }
  const named = (kind: keyof Months): string =>
    texts.inYear.replace("{0}", months[kind][date.month! - 1]!).replace("{1}", String(date.year));
  if (date.day) return `${date.day} ${named("format")}`;
  if (date.anyDay) return texts.someDay[genitive].replace("{0}", named("format"));
  return named(genitive ? "format" : "stand-alone");
}

function from(date: Single, language: string): string {
  if (language === "en") return "between";
  if (language === "ru") return date.day === 2 ? "со" : "с";
  return date.day === undefined && !date.anyDay && [1, 8, 12].includes(date.month ?? 0) ? "са" : "з";
}
