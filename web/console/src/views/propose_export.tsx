/** Proposing an export, wherever records were chosen: what the persons set first, then what leaves for good. */

import { useEffect, useState } from "preact/hooks";
import { post } from "../api.ts";
import { confirm } from "../keys/session.ts";
import { Failed, Sure, useWork } from "../parts.tsx";
import { type Called, type Found, guardedOf } from "../records/looked.ts";
import { t } from "../texts.ts";
import { Worded } from "../worded.ts";
import { allOf, BeforeExport } from "./before_export.tsx";
import { ExportReason, guardedText } from "./exported.tsx";

export function ProposeExport(props: {
  records: readonly Called[];
  /** What the person set, of a record that is open on this page. */
  known?: Found;
  name: string;
  onDone: () => void;
}) {
  const { records, known } = props;
  const [reason, setReason] = useState("");
  const [ready, set] = useState(false);
  const [guarded, count] = useState<ReadonlyMap<string, number>>();
  const { busy, failed, run } = useWork();
  useEffect(() => {
    if (ready && reason) run(async () => count(await guardedOf(records)));
  }, [ready, reason]);
  const propose = async () => {
    const now = await guardedOf(records);
    if (!guarded || guardedText(now) !== guardedText(guarded)) {
      count(now); // something was opened, or is over, since it was asked: it is asked again
      throw new Worded("exports.changed");
    }
    await confirm();
    await post("/review/v1/exports", { records: records.map(({ record }) => record), reason });
    props.onDone();
  };
  const names = allOf(records);
  return (
    <>
      <BeforeExport records={records} {...(known ? { known } : {})} looks onReady={set} />
      <ExportReason name={props.name} value={reason} onChange={setReason} />
      {ready && reason && guarded && (
        <p>
          <Sure
            label={t("exports.propose")}
            question={`${t("exports.sure", { names })} ${inIt(guarded)}`}
            busy={busy}
            onYes={() => run(propose)}
          />
        </p>
      )}
      {failed && <Failed text={failed} />}
    </>
  );
}

/** What was opened for a time would be in it for good: of how many records. */
const inIt = (guarded: ReadonlyMap<string, number>): string =>
  guarded.size ? t("exports.forgood", { what: guardedText(guarded) }) : t("exports.noneguarded");
