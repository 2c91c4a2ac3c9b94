// What asks for a reason: setting a line aside, and taking an allocation back.
import { createClient } from "@connectrpc/connect";
import { Select, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Lines, type Line } from "../../gen/raschet/payments/v1/lines_pb";
import { transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { useAct } from "../../ui/useAct";
import { useLineTexts } from "./texts";

const lines = createClient(Lines, transport);
/** Classes that a person may give. */
const CLASSES = ["own_transfer", "bank_fee", "tax", "return", "acquirer", "other"];

interface Props {
  opened: boolean;
  close: () => void;
  line: Line;
  done: () => void;
}

export function IgnoreDialog({ opened, close, line, done }: Props) {
  const own = useLineTexts();
  const [kind, setKind] = useState(CLASSES.includes(line.class) ? line.class : "other");
  const [reason, setReason] = useState("");
  const act = useAct(async (requestId) => {
    await lines.ignoreLine({ name: line.name, class: kind, reason: reason.trim(), etag: line.etag, requestId });
    done();
  }, close);
  const missing = reason.trim() === "";
  return (
    <Confirm opened={opened} close={close} title={own.ignore} verb={own.ignore} act={act} incomplete={missing}>
      <Text size="sm">{own.ignoreText}</Text>
      <Select label={own.kind} value={kind} allowDeselect={false} onChange={(value) => setKind(value ?? "other")}
        data={CLASSES.map((value) => ({ value, label: own.classes[value] ?? value }))} />
      <TextInput label={own.reason} required value={reason}
        onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
    </Confirm>
  );
}

export function UnmatchDialog({ opened, close, line, done, allocation }: Props & { allocation?: string }) {
  const own = useLineTexts();
  const [reason, setReason] = useState("");
  const act = useAct(
    (requestId) => lines.unmatchLine({ name: line.name, allocation: allocation ?? "", reason: reason.trim(), etag: line.etag, requestId }),
    () => { close(); done(); },
  );
  const missing = reason.trim() === "";
  return (
    <Confirm opened={opened} close={close} title={own.takeBack} verb={own.takeBack} act={act} incomplete={missing}>
      <Text size="sm">{own.takeBackText}</Text>
      <TextInput label={own.reason} required value={reason}
        onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
    </Confirm>
  );
}
