// What a person can say about a rule: stand by it, stop it for now, or for good.
import { createClient } from "@connectrpc/connect";
import { Button, Group, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { LearnedRule_State, LearnedRules, type LearnedRule } from "../../gen/raschet/payments/v1/learned_rules_pb";
import { transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { Failure } from "../../ui/DataTable";
import { useAct } from "../../ui/useAct";
import { useRuleTexts } from "./texts";

const rules = createClient(LearnedRules, transport);

type Verb = "suspend" | "retire";

export function RuleActs({ rule }: { rule: LearnedRule }) {
  const own = useRuleTexts();
  const [verb, setVerb] = useState<Verb>();
  const { name, etag, state } = rule;
  const confirm = useAct((requestId) => rules.confirmLearnedRule({ name, etag, requestId }));
  if (state === LearnedRule_State.RETIRED) return null;
  const active = state === LearnedRule_State.ACTIVE;
  return (
    <>
      <Group gap={6}>
        {active ? (
          <Button size="compact-sm" variant="default" onClick={() => setVerb("suspend")}>{own.suspend}</Button>
        ) : (
          <Button size="compact-sm" variant="default" loading={confirm.busy} onClick={() => void confirm.run()}>
            {state === LearnedRule_State.SUSPENDED ? own.resume : own.confirm}
          </Button>
        )}
        <Button size="compact-sm" variant="default" onClick={() => setVerb("retire")}>{own.retire}</Button>
      </Group>
      {confirm.failure !== undefined && <Failure error={confirm.failure} />}
      {verb && <Why rule={rule} verb={verb} close={() => setVerb(undefined)} />}
    </>
  );
}

function Why({ rule: { name, etag, number, title }, verb, close }: { rule: LearnedRule; verb: Verb; close: () => void }) {
  const own = useRuleTexts();
  const [reason, setReason] = useState("");
  const act = useAct((requestId) => {
    const request = { name, etag, reason: reason.trim(), requestId };
    return verb === "suspend" ? rules.suspendLearnedRule(request) : rules.retireLearnedRule(request);
  }, close);
  return (
    <Confirm opened close={close} title={own.ruleOf(String(number), title)} verb={own[verb]} act={act} incomplete={reason.trim() === ""}>
      <Text size="sm">{verb === "suspend" ? own.suspendText : own.retireText}</Text>
      <TextInput label={own.reason} required value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
    </Confirm>
  );
}
