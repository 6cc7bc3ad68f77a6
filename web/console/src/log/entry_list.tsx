/** Entries in words, the newest first; some at a time, so that a long log does not stop the page. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../texts.ts";
import type { Entry } from "./pages.ts";
import { said, who } from "./words.ts";

const STEP = 100;
const TOLD: ReadonlySet<string> = new Set([
  "event",
  "mechanism",
  "day",
  "hour",
  "record",
  "member",
  "client",
  "proof",
]);

interface Props {
  readonly entries: readonly Entry[];
  /** How many of the log's entries are signed. */
  readonly signed: number;
  readonly choose: (record: string) => void;
}

export function EntryList({ entries, signed, choose }: Props) {
  const [shown, show] = useState(STEP);
  const first = entries[0];
  useEffect(() => show(STEP), [first]);
  return (
    <>
      <p role="status">{t("log.found", { count: entries.length })}</p>
      <ol class="entries">
        {entries.slice(0, shown).map((entry) => (
          <li key={entry.index}>
            <Line entry={entry} waiting={entry.index >= signed} choose={choose} />
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
  readonly waiting: boolean;
  readonly choose: (record: string) => void;
}

function Line({ entry, waiting, choose }: LineProps) {
  if (entry.erased) return <p>{t("log.erased")}</p>;
  const hour = said(entry, "hour");
  const day = said(entry, "day");
  const record = said(entry, "record");
  const more = [...entry.values.keys()].filter((name) => !TOLD.has(name)).sort();
  return (
    <>
      <p>
        <time>{hour ? t("log.at", { day, hour }) : day}</time> <strong>{who(entry)}</strong>{" "}
        {t(`log.event.${said(entry, "event")}`)}
        {record && (
          <>
            {" · "}
            {t("log.record")}{" "}
            <button type="button" class="link" title={record} onClick={() => choose(record)}>
              {record.slice(0, 8)}
            </button>
          </>
        )}
        {waiting && <em> · {t("log.waiting")}</em>}
      </p>
      {more.length > 0 && <p class="details">{more.map((name) => detail(entry, name)).join(" · ")}</p>}
    </>
  );
}

function detail(entry: Entry, name: string): string {
  const label = t(`log.field.${name}`);
  const value = said(entry, name);
  const words = inWords(name, value);
  return `${label.startsWith("log.field.") ? name : label} ${words.length > 80 ? `${words.slice(0, 80)}…` : words}`;
}

function inWords(name: string, value: string): string {
  if (name === "asked") return t(`log.event.${value}`);
  if (name === "purpose") return t(`purpose.${value}`);
  if (name === "roles")
    return value
      .split(" ")
      .map((role) => t(`role.${role}`))
      .join(", ");
  return value;
}
