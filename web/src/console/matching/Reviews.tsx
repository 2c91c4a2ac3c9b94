// What the machine decided, or would have, and a person is to look at.
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Anchor, Button, Group, Text, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import {
  MatchingPolicies, MatchingReview_Kind, MatchingReview_Outcome, type MatchingReview,
} from "../../gen/raschet/payments/v1/matching_policies_pb";
import { moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amounts, sums } from "../../shared/money";
import { transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { DataTable, Failure, type Column } from "../../ui/DataTable";
import { Panel } from "../../ui/Panel";
import { useAct } from "../../ui/useAct";
import { useMatchingTexts } from "./texts";

const policies = createClient(MatchingPolicies, transport);

export function Reviews() {
  const own = useMatchingTexts();
  const { language } = useTexts();
  const found = useQuery(MatchingPolicies.method.listMatchingReviews, { outcome: MatchingReview_Outcome.WAITING });
  const { agreedCount = 0, differedCount = 0, waitingCount = 0 } = found.data ?? {};
  const columns: Column<MatchingReview>[] = [
    { title: own.decided, cell: (row) => <Text span size="sm">{moment(row.createTime, language)}</Text> },
    { title: own.kind, cell: (row) => own.kinds[row.kind] },
    {
      title: own.meant,
      cell: (row) => `${amounts(sums(row.parts.map((part) => part.amount)), language)} ${own.invoices(row.parts.length)}`,
    },
    { title: own.acts, cell: (row) => <Word review={row} /> },
  ];
  const said = agreedCount + differedCount > 0 && own.agreed(agreedCount, agreedCount + differedCount);
  return (
    <Panel title={own.reviews} note={[waitingCount, said].filter(Boolean).join(" · ")}>
      {found.data?.matchingReviews.length === 0
        ? <Text role="status" c="dimmed">✓ {own.noReviews}</Text>
        : <DataTable label={own.reviews} columns={columns} rows={found.data?.matchingReviews} error={found.error}
            retry={() => void found.refetch()} id={(row) => row.line} />}
    </Panel>
  );
}

function Word({ review: { line, kind } }: { review: MatchingReview }) {
  const own = useMatchingTexts();
  const [doubted, setDoubted] = useState(false);
  const [note, setNote] = useState("");
  const agree = useAct((requestId) => policies.resolveMatchingReview({ line, agrees: true, requestId }));
  const differ = useAct(
    (requestId) => policies.resolveMatchingReview({ line, agrees: false, note: note.trim(), requestId }),
    () => setDoubted(false),
  );
  return (
    <>
      <Group gap={6}>
        <Anchor size="sm" renderRoot={(props) => <Link to="/reconciliation" search={{ line: line.replace("lines/", "") }} {...props} />}>{own.open}</Anchor>
        {kind === MatchingReview_Kind.SAMPLE ? (
          <>
            <Button size="compact-sm" variant="default" loading={agree.busy} onClick={() => void agree.run()}>{own.right}</Button>
            <Button size="compact-sm" variant="default" onClick={() => setDoubted(true)}>{own.wrong}</Button>
          </>
        ) : <Text span size="sm" c="dimmed">{own.inShadow}</Text>}
      </Group>
      {agree.failure !== undefined && <Failure error={agree.failure} />}
      <Confirm opened={doubted} close={() => setDoubted(false)} title={own.wrongTitle} verb={own.wrong} act={differ} incomplete={note.trim() === ""}>
        <Text size="sm">{own.wrongText}</Text>
        <TextInput label={own.note} required value={note} onChange={(event) => setNote(event.currentTarget.value)} data-autofocus />
      </Confirm>
    </>
  );
}
