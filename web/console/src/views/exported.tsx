/** What a proposal of an export is about: for whoever proposes and, above all, for whoever approves. */

import { useEffect, useState } from "preact/hooks";
import { Choice, hourOf, may } from "../parts.tsx";
import type { Row } from "../records/cards.ts";
import { fetchRows } from "../records/listed.ts";
import { t } from "../texts.ts";
import { Allowed, BeforeExport, called } from "./before_export.tsx";

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

/** Of how many records something guarded is in an export, by class. */
export const guardedText = (counts: ReadonlyMap<string, number>): string =>
  ["identity", "sensitive"]
    .filter((kind) => counts.get(kind))
    .map((kind) => t("exports.guarded", { what: t(`record.class.${kind}`), count: counts.get(kind)! }))
    .join("; ");

/** `onReady`: whoever decides has to see what the persons set, and says when they have. */
export function Exported(props: { subject: ExportSubject; by: string; onReady?: (ready: boolean) => void }) {
  const { subject, by, onReady } = props;
  const { records, opened = {} } = subject;
  if (!records) return <p>{t("exports.hidden", { count: subject.count ?? 0 })}</p>;
  const hours = Object.values(opened).flatMap((classes) => Object.values(classes));
  const until = Math.max(...hours.filter((hour) => hour !== null));
  const counts = new Map<string, number>();
  for (const kind of Object.values(opened).flatMap((classes) => Object.keys(classes))) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return (
    <>
      <ExportedRecords records={records} {...(onReady ? { onReady } : {})} />
      {REASONS.includes(subject.reason ?? "") && (
        <p>
          {t("exports.reason")}: {t(`exports.reason.${subject.reason}`)}
        </p>
      )}
      <p>{t("exports.contents", { who: by })}</p>
      {counts.size > 0 && (
        <p class="note">
          {t("exports.opened", {
            what: guardedText(counts),
            hour: Number.isFinite(until) ? hourOf(until) : "–",
          })}
        </p>
      )}
    </>
  );
}

function ExportedRecords(props: { records: readonly string[]; onReady?: (ready: boolean) => void }) {
  const { records, onReady } = props;
  const [open, show] = useState(onReady !== undefined);
  const [rows, know] = useState<ReadonlyMap<string, Row>>(new Map());
  useEffect(() => {
    if (!open) return;
    fetchRows()
      .then((found) => know(new Map(found.map((row) => [row.record, row]))))
      .catch(() => undefined); // names are enough
  }, [open]);
  const named = records.map((record) => ({ record, number: rows.get(record)?.number }));
  const which = t("exports.which", { count: records.length });
  if (onReady) {
    return (
      <>
        <p>{which}</p>
        <BeforeExport records={named} rows={rows} looks={may("key-holder")} onReady={onReady} />
      </>
    );
  }
  return (
    <details onToggle={(event) => show(event.currentTarget.open)}>
      <summary>{which}</summary>
      <ul>
        {named.map((one) => (
          <li key={one.record}>
            {called(one)}
            <Allowed row={rows.get(one.record)} />
          </li>
        ))}
      </ul>
    </details>
  );
}
