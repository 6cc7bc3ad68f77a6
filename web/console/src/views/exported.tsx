/** What a proposal of an export is about: for whoever proposes and, above all, for whoever approves. */

import { useEffect, useState } from "preact/hooks";
import { Choice, hourOf, may } from "../parts.tsx";
import type { Row } from "../records/cards.ts";
import { fetchRows } from "../records/listed.ts";
import { recordName } from "../records/names.ts";
import { t } from "../texts.ts";
import { LookAtLimits } from "./record/limits.tsx";

// As in `intake/reviewing/exports.py`.
const REASONS = ["proceedings", "analysis", "transfer", "keeping"];

/** What an export is for: whoever approves it has to know. */
export function ExportReason(props: { name: string; value: string; onChange: (reason: string) => void }) {
  const options = REASONS.map((each) => [each, t(`exports.reason.${each}`)] as const);
  return <Choice {...props} label={t("exports.reason")} options={[["", t("shell.choose")], ...options]} />;
}

/**
 * Those who neither proposed it nor decide about it are told how many records, and not which. `opened`: of which
 * records something is open to whoever proposed it for a time, by class, with the hour in which that ends.
 */
export interface ExportSubject {
  readonly records?: readonly string[];
  readonly count?: number;
  readonly reason?: string;
  readonly opened?: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
}

export function Exported({ subject, by }: { subject: ExportSubject; by: string }) {
  const { records, opened = {} } = subject;
  if (!records) return <p>{t("exports.hidden", { count: subject.count ?? 0 })}</p>;
  const hours = Object.values(opened).flatMap((classes) => Object.values(classes));
  const until = Math.max(...hours.filter((hour) => hour !== null));
  const counted = ["identity", "sensitive"]
    .map((kind) => [kind, Object.values(opened).filter((classes) => kind in classes).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${t(`record.class.${kind}`)}: ${count}`);
  return (
    <>
      <ExportedRecords records={records} />
      {REASONS.includes(subject.reason ?? "") && (
        <p>
          {t("exports.reason")}: {t(`exports.reason.${subject.reason}`)}
        </p>
      )}
      <p>{t("exports.contents", { who: by })}</p>
      {counted.length > 0 && (
        <p class="note">
          {t("exports.opened", {
            what: counted.join(", "),
            hour: Number.isFinite(until) ? hourOf(until) : "–",
          })}
        </p>
      )}
    </>
  );
}

function ExportedRecords({ records }: { records: readonly string[] }) {
  const [open, show] = useState(false);
  const [rows, know] = useState<ReadonlyMap<string, Row>>(new Map());
  useEffect(() => {
    if (!open) return;
    fetchRows()
      .then((found) => know(new Map(found.map((row) => [row.record, row]))))
      .catch(() => undefined); // names are enough
  }, [open]);
  return (
    <details onToggle={(event) => show(event.currentTarget.open)}>
      <summary>{t("exports.which", { count: records.length })}</summary>
      <ul>
        {records.map((record) => (
          <li key={record}>
            {rows.get(record)?.number} {recordName(record)}
            <Allowed row={rows.get(record)} />
            {open && may("key-holder") && <LookAtLimits record={record} />}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What the list says of a record's consent: the rest is sealed in it. */
function Allowed({ row }: { row: Row | undefined }) {
  if (!row) return null;
  const until = row.expires ? `; ${t("record.expires")}: ${row.expires}` : "";
  return (
    <span class="details">
      {" "}
      {t("record.purposes")}: {row.purposes.map((each) => t(`purpose.${each}`)).join(", ")}
      {until}
    </span>
  );
}
