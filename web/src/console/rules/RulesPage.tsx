// What people taught the matcher by what they did: whom payers pay for who are no client's own.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Anchor, Badge, Group, Stack, Text, Title } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import {
  LearnedRule_Kind, LearnedRule_State, LearnedRules, type LearnedRule, type LearnedRule_Example,
} from "../../gen/raschet/payments/v1/learned_rules_pb";
import { dayOf, moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { useNames, type Names } from "../../shared/useNames";
import { Choice } from "../../ui/Choice";
import { ClientLink, useClientTitles } from "../../ui/ClientLink";
import { ClientSelect } from "../../ui/ClientSelect";
import { DataTable, type Column } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { useLineTexts } from "../reconciliation/texts";
import { RuleActs } from "./RuleActs";
import { useRuleTexts } from "./texts";

const route = getRouteApi("/shell/rules");
const STATES = [
  LearnedRule_State.STATE_UNSPECIFIED, LearnedRule_State.ACTIVE, LearnedRule_State.PROPOSED, LearnedRule_State.SUSPENDED, LearnedRule_State.RETIRED,
];
const COLOURS: Record<number, string> = {
  [LearnedRule_State.PROPOSED]: "blue",
  [LearnedRule_State.ACTIVE]: "teal",
  [LearnedRule_State.SUSPENDED]: "orange",
  [LearnedRule_State.RETIRED]: "gray",
};

export function RulesPage() {
  const texts = useTexts();
  const own = useRuleTexts();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const state = search.state ?? LearnedRule_State.STATE_UNSPECIFIED;
  const client = search.client ? `clients/${search.client}` : "";
  const found = useQuery(LearnedRules.method.listLearnedRules, { state, client, pageToken: search.page ?? "" },
    { placeholderData: keepPreviousData });
  const rules = found.data?.learnedRules;
  const titles = useClientTitles(rules?.map((rule) => rule.client) ?? []);
  const names = useNames(rules?.flatMap((rule) => rule.changes.map((change) => change.actor)) ?? []);
  const filtered = state !== LearnedRule_State.STATE_UNSPECIFIED || client !== "";
  return (
    <Stack>
      <Group justify="space-between">
        <Group gap="md">
          <Title order={1} size="h2">{own.title}</Title>
          <Text role="status" c="dimmed">{found.data && own.count(found.data.totalSize)}</Text>
        </Group>
        <Anchor size="sm" renderRoot={(props) => <Link to="/reconciliation" search={{}} {...props} />}>← {own.back}</Anchor>
      </Group>
      <Text c="dimmed" maw="44rem">{own.about}</Text>
      <Group align="end">
        <Choice label={texts.state} value={String(state)}
          options={STATES.map((value) => ({ value: String(value), label: own.states[value] ?? "" }))}
          choose={(value) => void navigate({ search: { client: search.client, state: Number(value) || undefined } })} />
        <ClientSelect label={own.client} value={client || null}
          choose={(value) => void navigate({ search: { state: search.state, client: value?.replace("clients/", "") } })} />
      </Group>
      {rules?.length === 0 && !filtered
        ? <Text role="status" py="xl">{own.nothing}</Text>
        : <DataTable label={own.title} columns={useColumns(titles, names)} rows={rules} error={found.error}
            retry={() => void found.refetch()} id={(rule) => rule.name} reset={filtered ? () => void navigate({ search: {} }) : undefined} />}
      <Pager page={search.page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { ...search, page } })} />
    </Stack>
  );
}

function useColumns(titles: Map<string, string>, names: Names): Column<LearnedRule>[] {
  const own = useRuleTexts();
  const { language } = useTexts();
  return [
    { title: "№", cell: (rule) => String(rule.number) },
    { title: own.if, cell: (rule) => <If rule={rule} /> },
    { title: own.then, cell: (rule) => <Then rule={rule} titles={titles} /> },
    { title: own.state, cell: (rule) => <State rule={rule} names={names} /> },
    { title: own.examples, cell: (rule) => <Examples rule={rule} /> },
    {
      title: own.hits, right: true,
      cell: (rule) => (rule.hitCount > 0n ? own.hitsOf(Number(rule.hitCount), dayOf(rule.lastHitTime, language)) : "—"),
    },
    { title: own.acts, cell: (rule) => <RuleActs rule={rule} /> },
  ];
}

function If({ rule: { kind, key, title } }: { rule: LearnedRule }) {
  const own = useRuleTexts();
  return (
    <div>
      <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>{title || "—"}</Text>
      {kind !== LearnedRule_Kind.PURPOSE_CLASS && (
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>{own.kinds[kind]} {key}</Text>
      )}
    </div>
  );
}

function Then({ rule, titles }: { rule: LearnedRule; titles: Map<string, string> }) {
  const own = useRuleTexts();
  const lines = useLineTexts();
  return rule.client
    ? <Text span size="sm">{own.paysFor} <ClientLink client={rule.client} titles={titles} within="text" /></Text>
    : <Text span size="sm">{own.isClass(lines.classes[rule.class] ?? rule.class)}</Text>;
}

/** The state, who made it so, and what spoke against it. */
function State({ rule, names }: { rule: LearnedRule; names: Names }) {
  const own = useRuleTexts();
  const { language } = useTexts();
  const [last] = rule.changes;
  const who = last && names.staff(last.actor);
  return (
    <Stack gap={2} align="start">
      <Badge miw="max-content" color={COLOURS[rule.state] ?? "gray"} c="var(--mantine-color-text)">{own.badges[rule.state]}</Badge>
      <Text size="sm" c="dimmed">{[moment(last?.createTime, language), who].filter(Boolean).join(" · ")}</Text>
      {last?.reason && <Text size="sm" style={{ overflowWrap: "anywhere" }}>{last.reason}</Text>}
      {rule.conflict && <Text size="sm">{own.conflict}: <Line example={rule.conflict} /></Text>}
    </Stack>
  );
}

function Examples({ rule }: { rule: LearnedRule }) {
  const own = useRuleTexts();
  const shown = rule.examples.slice(0, 3);
  const more = rule.exampleCount - shown.length;
  return (
    <Stack gap={2}>
      {shown.map((example) => <Line key={example.line} example={example} />)}
      {shown.length === 0 && <Text span size="sm">—</Text>}
      {more > 0 && <Text span size="sm" c="dimmed">{own.more(more)}</Text>}
      {rule.remembered && <Text span size="sm" c="dimmed">{own.remembered}</Text>}
    </Stack>
  );
}

function Line({ example: { line, createTime } }: { example: LearnedRule_Example }) {
  const own = useRuleTexts();
  const { language } = useTexts();
  return (
    <Anchor size="sm" underline="always" renderRoot={(props) => <Link to="/reconciliation" search={{ line: line.replace("lines/", "") }} {...props} />}>
      {own.lineOf(dayOf(createTime, language))}
    </Anchor>
  );
}
