// How far the machine may go when it matches payments: what holds, what it used of it, what people
// say about what it did, and who changed it when.
import { useQuery } from "@connectrpc/connect-query";
import { Anchor, Badge, Button, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { MatchingMode, MatchingPolicies, type MatchingPolicy } from "../../gen/raschet/payments/v1/matching_policies_pb";
import { moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { useNames, type Names } from "../../shared/useNames";
import { DataTable, Failure, Loading, type Column } from "../../ui/DataTable";
import { Facts } from "../../ui/Facts";
import { Panel } from "../../ui/Panel";
import { Change } from "./Change";
import { Reviews } from "./Reviews";
import { useMatchingTexts } from "./texts";

const COLOURS: Record<number, string> = {
  [MatchingMode.AUTOMATIC]: "teal",
  [MatchingMode.SHADOW]: "blue",
  [MatchingMode.PROPOSALS]: "orange",
};

export function MatchingPage() {
  const own = useMatchingTexts();
  const policy = useQuery(MatchingPolicies.method.getMatchingPolicy, {});
  const all = useQuery(MatchingPolicies.method.listMatchingPolicies, {});
  const names = useNames([policy.data, ...(all.data?.matchingPolicies ?? [])].map((one) => one?.actor ?? ""));
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">{own.title}</Title>
        <Group>
          <Anchor size="sm" renderRoot={(props) => <Link to="/rules" search={{}} {...props} />}>{own.rules}</Anchor>
          <Anchor size="sm" renderRoot={(props) => <Link to="/reconciliation" search={{}} {...props} />}>← {own.back}</Anchor>
        </Group>
      </Group>
      <Text c="dimmed" maw="44rem">{own.about}</Text>
      {policy.error ? <Failure error={policy.error} /> : policy.data ? <Now policy={policy.data} names={names} /> : <Loading />}
      <Reviews />
      <Panel title={own.history}>
        <History policies={all.data?.matchingPolicies} error={all.error} retry={() => void all.refetch()} names={names} />
      </Panel>
    </Stack>
  );
}

function Mode({ mode }: { mode: MatchingMode }) {
  const own = useMatchingTexts();
  return <Badge miw="max-content" color={COLOURS[mode] ?? "gray"} c="var(--mantine-color-text)">{own.modes[mode]}</Badge>;
}

function Now({ policy, names }: { policy: MatchingPolicy; names: Names }) {
  const own = useMatchingTexts();
  const { language } = useTexts();
  const [changing, setChanging] = useState(false);
  return (
    <Panel title={own.now} note={<Mode mode={policy.mode} />}
      actions={<Button size="xs" onClick={() => setChanging(true)}>{own.change}</Button>}>
      <Stack gap="sm">
        <Text size="sm">{own.modeHints[policy.mode]}</Text>
        <Facts facts={[
          [own.countLimit, policy.dailyCount || own.unlimited],
          [own.amountLimit, policy.dailyAmount ? amount(policy.dailyAmount, language) : own.unlimited],
          [own.sample, `${policy.samplePercent} %`],
          [own.since, policy.createTime ? moment(policy.createTime, language) : own.start],
          [own.who, names.staff(policy.actor)],
          [own.reason, policy.reason],
        ]} />
      </Stack>
      {changing && <Change policy={policy} close={() => setChanging(false)} />}
    </Panel>
  );
}

interface HistoryProps {
  policies: MatchingPolicy[] | undefined;
  error: unknown;
  retry: () => void;
  names: Names;
}

function History({ policies, error, retry, names }: HistoryProps) {
  const own = useMatchingTexts();
  const { language } = useTexts();
  const columns: Column<MatchingPolicy>[] = [
    { title: own.since, cell: (row) => <Text span size="sm">{row.createTime ? moment(row.createTime, language) : own.start}</Text> },
    { title: own.sellers, cell: (row) => (row.seller ? own.one : own.all) },
    { title: own.mode, cell: (row) => <Mode mode={row.mode} /> },
    { title: own.countLimit, cell: (row) => String(row.dailyCount || "—"), right: true },
    { title: own.amountLimit, cell: (row) => amount(row.dailyAmount, language), right: true },
    { title: own.sample, cell: (row) => `${row.samplePercent} %`, right: true },
    { title: own.who, cell: (row) => names.staff(row.actor) ?? "—" },
    { title: own.reason, cell: (row) => <Text span size="sm" style={{ overflowWrap: "anywhere" }}>{row.reason || "—"}</Text> },
  ];
  return <DataTable label={own.history} columns={columns} rows={policies} error={error} retry={retry} id={(row) => row.etag} />;
}
