/** A key-holder gives records to a member: this browser seals their keys to what the root signed. */

import { useEffect, useState } from "preact/hooks";
import type { Membership } from "../../../src/crypto/membership.ts";
import { Choice, Form, useWork } from "../parts.tsx";
import { readers } from "../records/keyring.ts";
import type { Item } from "../records/listed.ts";
import { assign } from "../records/opening.ts";
import { t } from "../texts.ts";

/** `listed` are the rows by which the records were chosen: a record that is another one is not given. */
export function AssignMany(props: {
  records: readonly string[];
  listed: readonly Item[];
  onDone: () => void;
}) {
  const { records, listed, onDone } = props;
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
        const row = listed.find((item) => item.row.record === record);
        await assign(record, to.member, to.recipient, row);
        count(i + 1);
      }
      count(0);
      onDone();
    });
  if (!some) return null;
  return (
    <Form
      go={t(records.length === 1 ? "inbox.assignone" : "inbox.assign", { count: records.length })}
      busy={busy}
      failed={failed}
      onSend={go}
    >
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
