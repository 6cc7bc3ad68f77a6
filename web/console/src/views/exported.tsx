/** Which records a proposal of an export is about: for whoever proposes and, above all, for whoever approves. */

import { useEffect, useState } from "preact/hooks";
import { fetchRows } from "../records/listed.ts";
import { recordName } from "../records/names.ts";
import { t } from "../texts.ts";

export function ExportedRecords({ records }: { records: readonly string[] }) {
  const [open, show] = useState(false);
  const [numbers, know] = useState<ReadonlyMap<string, number>>(new Map());
  useEffect(() => {
    if (!open) return;
    fetchRows()
      .then((rows) => know(new Map(rows.map((row) => [row.record, row.number]))))
      .catch(() => undefined); // names are enough
  }, [open]);
  return (
    <details onToggle={(event) => show(event.currentTarget.open)}>
      <summary>{t("exports.which", { count: records.length })}</summary>
      <ul>
        {records.map((record) => (
          <li key={record}>
            {numbers.get(record)} {recordName(record)}
          </li>
        ))}
      </ul>
    </details>
  );
}
