/** A key-holder gives records to a member: this browser seals their keys to what the root signed. */

import { useEffect, useState } from "preact/hooks";
import type { Membership } from "../../../src/crypto/membership.ts";
import { Choice, Form, useWork } from "../parts.tsx";
import { readers } from "../records/keyring.ts";
import { assign } from "../records/opening.ts";
import { t } from "../texts.ts";

export function AssignMany({ records, onDone }: { records: readonly string[]; onDone: () => void }) {
  const [people, setPeople] = useState<readonly Membership[]>([]);
  const [member, choose] = useState("");
  const [done, count] = useState(0);
  const { busy, failed, run } = useWork();
  const some = records.length > 0;
  useEffect(() => {
    if (some) run(async () => setPeople(await readers())); // who is here now
  }, [some]);
  const go = (): void =>
    run(async () => {
      const to = people.find((one) => one.member === member);
      if (!to) return;
      for (const [i, record] of records.entries()) {
        await assign(record, to.member, to.recipient);
        count(i + 1);
      }
      count(0);
      onDone();
    });
  if (!some) return null;
  return (
    <Form go={t("inbox.assign", { count: records.length })} busy={busy} failed={failed} onSend={go}>
      <Choice
        label={t("inbox.to")}
        name="assignee"
        value={member}
        options={[
          ["", t("inbox.pick")],
          ...people.map(
            ({ member: id, roles }) =>
              [id, `${id} (${roles.map((role) => t(`role.${role}`)).join(", ")})`] as [string, string],
          ),
        ]}
        onChange={choose}
      />
      {done > 0 && <p role="status">{t("inbox.assigning", { done, count: records.length })}</p>}
    </Form>
  );
}
