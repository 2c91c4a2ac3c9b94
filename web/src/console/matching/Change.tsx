// Another policy from now on, with the reason for it.
import { createClient } from "@connectrpc/connect";
import { NativeSelect, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { MatchingMode, MatchingPolicies, type MatchingPolicy } from "../../gen/raschet/payments/v1/matching_policies_pb";
import { useTexts } from "../../shared/dictionary";
import { field, moneyOf, typed } from "../../shared/money";
import { transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { useAct } from "../../ui/useAct";
import { useMatchingTexts } from "./texts";

const policies = createClient(MatchingPolicies, transport);
const MODES = [MatchingMode.AUTOMATIC, MatchingMode.SHADOW, MatchingMode.PROPOSALS];

/** A whole number up to a limit; nothing when it is none. Empty is 0. */
const whole = (text: string, max: number) =>
  /^\d{0,9}$/.test(text.trim()) && Number(text) <= max ? Number(text) : undefined;

export function Change({ policy, close }: { policy: MatchingPolicy; close: () => void }) {
  const own = useMatchingTexts();
  const { language } = useTexts();
  const [mode, setMode] = useState(policy.mode);
  const [count, setCount] = useState(policy.dailyCount ? String(policy.dailyCount) : "");
  const [money, setMoney] = useState(policy.dailyAmount ? field(policy.dailyAmount, language) : "");
  const [percent, setPercent] = useState(String(policy.samplePercent));
  const [reason, setReason] = useState("");
  const [dailyCount, samplePercent] = [whole(count, 999_999_999), whole(percent, 100)];
  const nanos = money.trim() === "" ? 0n : typed(money);
  const act = useAct((requestId) => policies.updateMatchingPolicy({
    mode,
    dailyCount: dailyCount ?? 0,
    dailyAmount: nanos ? moneyOf(nanos, policy.dailyAmount?.currencyCode || "RUB") : undefined,
    samplePercent: samplePercent ?? 0,
    reason: reason.trim(),
    etag: policy.etag,
    requestId,
  }), close);
  const incomplete = reason.trim() === "" || dailyCount === undefined || samplePercent === undefined || nanos === undefined;
  return (
    <Confirm opened close={close} title={own.changeTitle} verb={own.set} act={act} incomplete={incomplete}>
      <NativeSelect label={own.mode} value={String(mode)} data={MODES.map((value) => ({ value: String(value), label: own.modes[value] ?? "" }))}
        onChange={(event) => setMode(Number(event.currentTarget.value))} data-autofocus />
      <Text size="sm" c="dimmed">{own.modeHints[mode]}</Text>
      <TextInput label={own.countLimit} inputMode="numeric" value={count} placeholder={own.unlimited}
        error={dailyCount === undefined && own.wholeNumber} onChange={(event) => setCount(event.currentTarget.value)} />
      <TextInput label={own.amountLimit} inputMode="decimal" value={money} placeholder={own.unlimited}
        error={nanos === undefined && own.wrongAmount} onChange={(event) => setMoney(event.currentTarget.value)} />
      <TextInput label={own.samplePercent} inputMode="numeric" value={percent}
        error={samplePercent === undefined && own.wrongPercent} onChange={(event) => setPercent(event.currentTarget.value)} />
      <TextInput label={own.reason} required value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
    </Confirm>
  );
}
