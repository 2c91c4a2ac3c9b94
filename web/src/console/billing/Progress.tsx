// How far a run is, in a bar and in words.
import { Progress as Bar, Text } from "@mantine/core";
import { useBillingTexts } from "./texts";

export function Progress({ done, total, busy }: { done: bigint; total: bigint; busy: boolean }) {
  const own = useBillingTexts();
  if (!busy) return null;
  const part = total > 0n ? Number((done * 100n) / total) : 0;
  return (
    <div>
      <Text role="status" size="sm">{own.progress(String(done), String(total))}</Text>
      <Bar value={part} aria-label={own.progress(String(done), String(total))} striped animated={busy} />
    </div>
  );
}
