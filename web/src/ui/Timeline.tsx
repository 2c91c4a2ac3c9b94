// What happened, in order: who, when, and what. The tone says at a glance whose word it is; a label
// says it in words.
import { Box, Group, Text, type MantineColor } from "@mantine/core";
import type { ReactNode } from "react";

export function Timeline({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box component="ol" aria-label={label} m={0} p={0} style={{ listStyle: "none", display: "grid", gap: "var(--mantine-spacing-sm)" }}>
      {children}
    </Box>
  );
}

/** A breath of the colour behind text, in light and dark alike. */
export const ground = (tone: MantineColor) => `color-mix(in srgb, var(--mantine-color-${tone}-filled) 14%, var(--mantine-color-body))`;

/** What happened without a word: a line between entries. */
export function TimelineMark({ when, children }: { when: ReactNode; children: ReactNode }) {
  return (
    <Box component="li" px="sm" style={{ display: "flex", flexWrap: "wrap", columnGap: 12, justifyContent: "space-between" }}>
      <Text size="sm" c="dimmed" component="span"><span aria-hidden>—</span> {children}</Text>
      <Text size="sm" c="dimmed" component="span">{when}</Text>
    </Box>
  );
}

interface Entry {
  /** Colour of its edge and ground. */
  tone: MantineColor;
  /** What kind of thing it is. */
  label: string;
  who?: ReactNode;
  when: ReactNode;
  /** A dashed edge: what nobody outside sees. */
  inside?: boolean;
  children: ReactNode;
}

export function TimelineEntry({ tone, label, who, when, inside, children }: Entry) {
  const edge = `var(--mantine-color-${tone}-filled)`;
  const style = inside ? "dashed" : "solid";
  return (
    <Box component="li" p="sm" style={{
      border: `1px ${style} ${inside ? edge : "var(--mantine-color-default-border)"}`,
      borderInlineStart: `4px ${style} ${edge}`,
      borderRadius: "var(--mantine-radius-sm)",
      background: inside ? ground(tone) : undefined,
    }}>
      <Group justify="space-between" gap="xs" mb={6}>
        <Group gap={8}>
          <Text size="sm" fw={700}>{label}</Text>
          {who && <Text size="sm" component="span">{who}</Text>}
        </Group>
        <Text size="sm" c="dimmed" component="span">{when}</Text>
      </Group>
      {children}
    </Box>
  );
}
