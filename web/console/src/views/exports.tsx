/** Exports: what this member proposed, what became of it, and the one download of what another approved. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../api.ts";
import { confirm, ownKeyFile } from "../keys/session.ts";
import { Failed, saveFile, Sure, useWork } from "../parts.tsx";
import { state } from "../state.ts";
import { fetchRows, meant } from "../records/listed.ts";
import type { Called } from "../records/looked.ts";
import { t } from "../texts.ts";
import { fetchedOf, fetchExport } from "../work/exported.ts";
import { Worded } from "../worded.ts";
import { ExportFile, saveExport } from "./export_file.tsx";
import { Exported, type ExportSubject } from "./exported.tsx";
import { ProposeExport } from "./propose_export.tsx";

/** A proposal, as `GET /review/v1/people` lists it among others. */
interface Proposal {
  readonly id: string;
  readonly kind: string;
  /** Those who neither proposed it nor decide about it are told how many records, and not which. */
  readonly subject: ExportSubject;
  readonly proposed_by: string;
  readonly day: string;
  readonly state: string;
}

export function ExportsView() {
  const [listed, setListed] = useState<readonly Proposal[]>();
  const [typed, setTyped] = useState("");
  const [chosen, choose] = useState<readonly Called[]>([]);
  const [said, say] = useState("");
  const [straight, setStraight] = useState<readonly string[]>([]); // begun here: it is given once
  const [, draw] = useState(0);
  const { busy, failed, run } = useWork();
  const finding = useWork();
  const begun = (id: string): boolean =>
    straight.includes(id) || (fetchedOf(id) !== undefined && !fetchedOf(id)!.refused);
  const load = async () => {
    const { proposals } = await get<{ proposals: readonly Proposal[] }>("/review/v1/people");
    setListed(proposals.filter((one) => one.kind === "export"));
  };
  useEffect(() => run(load), []);
  // First of all whether these are records: what is asked next is asked about them.
  const find = async () => {
    const rows = await fetchRows();
    const { records, unknown } = meant(rows, typed);
    if (unknown.length) throw new Worded("exports.wrong", { which: unknown.join(", ") });
    choose(rows.filter(({ record }) => records.includes(record)));
  };
  const change = (text: string): void => {
    setTyped(text);
    choose([]);
    say("");
    finding.run(async () => undefined); // what was said of other words is over
  };
  const proposed = (): void => {
    change("");
    say(t("exports.proposed"));
    run(load);
  };
  const take = async (id: string) => {
    await confirm();
    // Saved when it is there, whatever is looked at then; if it does not come, `ExportFile` says why.
    fetchExport(id).whole.then(
      ({ address }) => saveExport(address),
      () => undefined,
    );
  };
  const takeStraight = async (id: string) => {
    await confirm();
    setStraight([...straight, id]);
    saveExport(`/review/v1/exports/${id}`);
  };
  const saveKey = async () => {
    saveFile(`${state.oneself!.member}.key`, await ownKeyFile());
  };
  return (
    <section class="exports">
      <h2>{t("exports.title")}</h2>
      <p class="note">{t("exports.how")}</p>
      {listed?.length === 0 && <p>{t("exports.none")}</p>}
      <ul>
        {listed?.map((one) => (
          <li key={one.id}>
            {t("exports.line", {
              day: one.day,
              count: one.subject.records?.length ?? one.subject.count ?? 0,
              who: one.proposed_by,
            })}
            : {t(`exports.state.${begun(one.id) ? "done" : one.state}`)}{" "}
            <Exported subject={one.subject} by={one.proposed_by} />
            {one.state === "approved" && !begun(one.id) && one.proposed_by === state.oneself?.member && (
              <>
                <p class="hint">{t("exports.twoways")}</p>
                <p class="actions">
                  <button type="button" disabled={busy} onClick={() => run(() => take(one.id))}>
                    {t("exports.download")}
                  </button>
                  <button type="button" disabled={busy} onClick={() => run(() => takeStraight(one.id))}>
                    {t("exports.straight")}
                  </button>
                </p>
              </>
            )}
            {fetchedOf(one.id) && (
              <ExportFile fetched={fetchedOf(one.id)!} onEnd={() => draw((count) => count + 1)} />
            )}
            {straight.includes(one.id) && <p class="note">{t("exports.unseen")}</p>}
          </li>
        ))}
      </ul>
      {state.keys && (
        <p>
          {t("exports.key")}{" "}
          <Sure
            label={t("exports.savekey")}
            question={t("exports.keysure")}
            busy={busy}
            onYes={() => run(saveKey)}
          />
        </p>
      )}
      <p>
        <label for="export-records">{t("exports.records")}</label>
        <textarea
          id="export-records"
          rows={6}
          spellcheck={false}
          value={typed}
          onInput={(event) => change(event.currentTarget.value)}
        />
      </p>
      {chosen.length ? (
        <ProposeExport records={chosen} name="export-reason" onDone={proposed} />
      ) : (
        <p>
          <button type="button" disabled={finding.busy || !typed.trim()} onClick={() => finding.run(find)}>
            {t("exports.next")}
          </button>
        </p>
      )}
      {finding.failed && <Failed text={finding.failed} />}
      {failed && <Failed text={failed} />}
      <div role="status">{said && <p class="note">{said}</p>}</div>
    </section>
  );
}
