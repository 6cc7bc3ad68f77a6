/** Which records a proposal of an export is about: for whoever proposes and, above all, for whoever approves. */

import { useEffect, useState } from "preact/hooks";
import { may } from "../parts.tsx";
import type { Row } from "../records/cards.ts";
import { fetchRows } from "../records/listed.ts";
import { recordName } from "../records/names.ts";
import { t } from "../texts.ts";
import { LookAtLimits } from "./record/limits.tsx";

export function ExportedRecords({ records }: { records: readonly string[] }) {
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
