// What is used of a limit.

/** Of a hundred parts of the limit: from these on, people should know. */
const NEAR = 90;

/** Whole parts of a hundred, at most all of them; what is used at all is seen. */
export function percent(used: bigint, maximum: bigint): number {
  if (maximum <= 0n || used <= 0n) return 0;
  const share = Number((used * 100n) / maximum);
  return Math.min(100, Math.max(1, share));
}

/** Whether there is room, little of it, or none. */
export function tone(used: bigint, maximum: bigint): "calm" | "near" | "over" {
  if (used >= maximum) return "over";
  return percent(used, maximum) >= NEAR ? "near" : "calm";
}

/** `1 000`: a count as people of the language write it. */
export const counts = (count: bigint, language: string): string => new Intl.NumberFormat(language).format(count);
