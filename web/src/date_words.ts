/** Dates as people remember them, in words: the twin of `Date.words` in `intake/record/dates.py`. */

/** Phrases by name, and the months in both forms, from January on. */
export interface DateTexts {
  readonly phrases: Readonly<Record<string, string>>;
  readonly months: readonly string[]; // as they follow a day
  readonly alone: readonly string[];
}

interface Side {
  readonly year: number;
  readonly month: number | null;
  readonly day: number | null;
  readonly decade: boolean;
  readonly anyMonth: boolean;
  readonly anyDay: boolean;
  readonly mark: string;
}

const SIDE = /^([0-9]{3}[0-9X])(?:-([0-9]{2}|XX))?(?:-([0-9]{2}|XX))?([~?%]?)$/;
const HISSING = [1, 8, 12]; // months that begin with two consonants of which the first hisses

/** A date or an interval (EDTF) in words; undefined if it is none. */
export function dateWords(text: string, language: string, texts: DateTexts): string | undefined {
  const [before, after = before, ...more] = text.split("/");
  if (more.length || (before === ".." && after === "..")) return undefined;
  const first = before === ".." ? null : side(before!);
  const last = after === ".." ? null : side(after!);
  if (first === undefined || last === undefined) return undefined;
  const words = new Phrases(language, texts);
  const { phrases } = texts;
  if (!first) return words.side(last!, phrases["until"]!);
  if (!last) return words.side(first, phrases["since"]!.replace("{0}", words.from(first))) + phrases["on"];
  if (!text.includes("/")) return words.side(first, "");
  const exact = first.day && last.day && !first.mark && !last.mark;
  const shared = exact && first.year === last.year && first.month === last.month;
  const start = shared ? `${words.from(first)} ${first.day}` : words.side(first, words.from(first));
  return `${start} ${words.side(last, phrases["to"]!)}`;
}

function side(text: string): Side | undefined {
  const found = SIDE.exec(text);
  if (!found) return undefined;
  const [, year, month, day, mark] = found;
  const number = (box: string | undefined): number | null => (box && box !== "XX" ? Number(box) : null);
  const known = { month: number(month), day: number(day) };
  if (known.month !== null && (known.month < 1 || known.month > 12)) return undefined;
  return {
    ...known,
    year: Number(year!.replace("X", "0")),
    decade: year!.endsWith("X"),
    anyMonth: month === "XX" && day === undefined,
    anyDay: day === "XX",
    mark: mark!,
  };
}

class Phrases {
  readonly #language: string;
  readonly #texts: DateTexts;

  constructor(language: string, texts: DateTexts) {
    this.#language = language;
    this.#texts = texts;
  }

  /** One side with its preposition (may be empty) and its marks. */
  side(date: Side, preposition: string): string {
    const about = ["~", "%"].includes(date.mark) ? this.#phrase("about") : "";
    const form = this.#form(date, preposition !== "");
    const pieces = this.#language === "en" ? [preposition, about, form] : [about, preposition, form];
    const uncertain = ["?", "%"].includes(date.mark) ? this.#phrase("uncertain") : "";
    return [...pieces, uncertain].filter(Boolean).join(" ");
  }

  /** The preposition before a beginning, as the sound of what follows asks. */
  from(date: Side): string {
    if (this.#language === "en") return "between";
    if (this.#language === "ru") return date.day === 2 ? "со" : "с";
    return date.day === null && !date.anyDay && HISSING.includes(date.month ?? 0) ? "са" : "з";
  }

  /** The date itself. After a preposition Belarusian and Russian need the genitive. */
  #form(date: Side, genitive: boolean): string {
    const ending = genitive ? "_genitive" : "";
    const { year, month } = date;
    if (date.decade) return this.#phrase(`decade${ending}`, year);
    const ofYear = this.#phrase("year_genitive", year);
    if (date.anyMonth) return this.#phrase(`some_month${ending}`, ofYear);
    if (month === null) {
      return date.anyDay ? this.#phrase(`some_day${ending}`, ofYear) : this.#phrase(`year${ending}`, year);
    }
    const ofMonth = this.#phrase("in_year", this.#texts.months[month - 1]!, year);
    if (date.day) return `${date.day} ${ofMonth}`;
    if (date.anyDay) return this.#phrase(`some_day${ending}`, ofMonth);
    const names = genitive ? this.#texts.months : this.#texts.alone;
    return this.#phrase("in_year", names[month - 1]!, year);
  }

  #phrase(name: string, ...values: (string | number)[]): string {
    return this.#texts.phrases[name]!.replace(/\{([01])\}/g, (_, i: string) => String(values[Number(i)]));
  }
}
