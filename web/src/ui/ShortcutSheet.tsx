// The sheet of keys, behind `?` and behind a button, where they can be switched off.
import { Button, Group, Kbd, Modal, Stack, Switch, Text, Title } from "@mantine/core";
import { useState } from "react";
import { textsOf, useTexts } from "../shared/dictionary";
import { areOff, switchShortcuts, useShortcutGroups, useShortcuts } from "./useShortcuts";

const useOwn = textsOf(
  {
    title: "Клавиши",
    button: "Клавиши",
    everywhere: "Везде",
    sheet: "Показать этот список",
    none: "На этом экране своих клавиш нет.",
    on: "Клавиши работают",
    hint: "Буквы считаются по месту на клавиатуре, в любой раскладке. Пока вы печатаете, клавиши молчат.",
  },
  {
    title: "Keys",
    button: "Keys",
    everywhere: "Everywhere",
    sheet: "Show this list",
    none: "This screen has no keys of its own.",
    on: "Keys work",
    hint: "Letters count by their place on the keyboard, in any layout. While you type, keys are silent.",
  },
);

/** What keys do, by screen and act: the parts of a screen register their keys apart. */
function sheet(groups: ReturnType<typeof useShortcutGroups>): Map<string, Map<string, string[]>> {
  const sheet = new Map<string, Map<string, string[]>>();
  for (const group of [...groups].reverse()) {
    const acts = sheet.get(group.title) ?? new Map<string, string[]>();
    for (const { key, text } of group.shortcuts) acts.set(text, [...(acts.get(text) ?? []), key]);
    sheet.set(group.title, acts);
  }
  return sheet;
}

/** Stands once around all screens. */
export function ShortcutSheet() {
  const texts = useTexts();
  const own = useOwn();
  const [opened, setOpened] = useState(false);
  const groups = useShortcutGroups();
  useShortcuts(own.everywhere, [{ key: "?", text: own.sheet, run: () => setOpened(true) }]);
  return (
    <>
      <Button size="xs" variant="default" visibleFrom="sm" onClick={() => setOpened(true)} rightSection={<Kbd size="xs">?</Kbd>}>
        {own.button}
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={own.title} closeButtonProps={{ "aria-label": texts.close }}>
        <Stack>
          {[...sheet(groups)].map(([title, keys]) => (
            <Stack key={title} gap={6}>
              <Title order={2} size="h6">{title}</Title>
              {[...keys].map(([text, keys]) => (
                <Group key={text} justify="space-between" wrap="nowrap">
                  <Text size="sm">{text}</Text>
                  <Group gap={4} wrap="nowrap">{keys.map((key) => <Kbd key={key}>{key}</Kbd>)}</Group>
                </Group>
              ))}
            </Stack>
          ))}
          {groups.length < 2 && <Text size="sm" c="dimmed">{own.none}</Text>}
          <Text size="sm" c="dimmed">{own.hint}</Text>
          <Switch label={own.on} checked={!areOff()} onChange={(event) => switchShortcuts(event.currentTarget.checked)} />
        </Stack>
      </Modal>
    </>
  );
}
