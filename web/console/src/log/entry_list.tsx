/** Entries in words, the newest first; some at a time, so that a long log does not stop the page. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { plural, t } from "../texts.ts";
import type { Proved } from "./erased.ts";
import { details, doer, done, type Part, partOf } from "./fields.ts";
import type { Entry } from "./pages.ts";
import { nameOf, said } from "./words.ts";

const STEP = 100;

interface Props {
  readonly entries: readonly Entry[];
  /** What they were found in. */
  readonly reading: Proved;
  readonly choose: (record: string) => void;
}

export function EntryList({ entries, reading, choose }: Props) {
  const [shown, show] = useState(STEP);
  const first = entries[0];
  const parts = useMemo(() => partOf(reading.entries), [reading]);
  const signed = Number(reading.checkpoint?.size ?? 0);
  useEffect(() => show(STEP), [first]);
  return (
    <>
      <p role="status">{plural("log.found", entries.length)}</p>
      {!entries.length && <p class="hint">{t(reading.start > 0 ? "log.nothing.older" : "log.nothing")}</p>}
      <ol class="entries">
        {entries.slice(0, shown).map((entry) => (
          <li key={entry.index} class={entry.bad ? "problem" : ""}>
            <Line
              entry={entry}
              waiting={entry.index >= signed}
              part={parts.get(entry.index)}
              number={reading.numbers.get(said(entry, "record"))}
              choose={choose}
            />
          </li>
        ))}
      </ol>
      {entries.length > shown && (
        <button type="button" onClick={() => show(shown + STEP)}>
          {t("log.more")}
        </button>
      )}
    </>
  );
}

interface LineProps {
  readonly entry: Entry;
  /** By which number the mechanism cites its record. */
  readonly number: number | undefined;
  /** What it belonged to, if it opened something. */
  readonly part: Part | undefined;
  readonly waiting: boolean;
  readonly choose: (record: string) => void;
}

export function Line({ entry, number, part, waiting, choose }: LineProps) {
  const place = <span class="place">#{entry.index}</span>;
  if (entry.erased) {
    return (
      <p>
        {place} {entry.bad ? <strong>{t("log.silent")}</strong> : t("log.erased")}
      </p>
    );
  }
  const hour = said(entry, "hour");
  const day = said(entry, "day");
  const record = said(entry, "record");
  const more = details(entry);
  return (
    <>
      {entry.bad && (
        <p>
          {place} <strong>{t("log.bad")}</strong>
        </p>
      )}
      <p>
        {!entry.bad && place} <time>{hour ? t("log.at", { day, hour }) : day}</time>{" "}
        <strong>{doer(entry)}</strong> {entry.values.has("event") && done(entry)}
        {part && ` (${t(`log.part.${part}`)})`}
        {record && (
          <>
            {" · "}
            {t("log.record")}{" "}
            <button type="button" class="link" title={record} onClick={() => choose(record)}>
              {nameOf(record)} {record.slice(0, 8)}
            </button>
            {number !== undefined && ` (${t("log.number", { number })})`}
          </>
        )}
        {waiting && <em> · {t("log.waiting")}</em>}
      </p>
      {more.length > 0 && <p class="details">{more.join(" · ")}</p>}
    </>
  );
}
