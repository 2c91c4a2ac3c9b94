// The list of keys, and the switch for those that are a single letter (WCAG 2.1.4).
import { Kbd, Modal, Stack, Switch, Table } from "@mantine/core";
import { useState } from "react";
import { useTexts } from "../../shared/dictionary";
import { sheet, singleKeys, useShortcutGroups } from "../../ui/useShortcuts";
import { PLACES } from "../Shortcuts";
import { usePaletteTexts } from "./texts";

export default function Keys({ close }: { close: () => void }) {
  const texts = useTexts();
  const own = usePaletteTexts();
  const [on, setOn] = useState(singleKeys.on);
  const screens = [...sheet(useShortcutGroups())];
  const rows: [string[], string][] = [
    [["Ctrl", "K"], own.find],
    ...Object.values(PLACES).map(({ key, href }): [string[], string] => [["g", key], `${own.go} ${own.places[href]}`]),
    [["/"], own.search],
    [["?"], own.help],
    [["Esc"], own.escape],
  ];
  return (
    <Modal opened onClose={close} title={own.keys} closeButtonProps={{ "aria-label": texts.close }}>
      <Stack>
        {screens.map(([title, acts]) => (
          <KeyTable key={title} title={title} rows={[...acts].map(([what, keys]) => [keys, what])} />
        ))}
        <KeyTable title={own.everywhere} rows={rows} />
        <Switch label={own.single} checked={on}
          onChange={(event) => {
            singleKeys.set(event.currentTarget.checked);
            setOn(event.currentTarget.checked);
          }} />
      </Stack>
    </Modal>
  );
}

function KeyTable({ title, rows }: { title: string; rows: [string[], string][] }) {
  return (
    <Table captionSide="top">
      <Table.Caption ta="start" fw={600} c="var(--mantine-color-text)">{title}</Table.Caption>
      <Table.Tbody>
        {rows.map(([keys, what]) => (
          <Table.Tr key={keys.join()}>
            <Table.Td w={110}>{keys.map((key) => <Kbd key={key} mr={4}>{key}</Kbd>)}</Table.Td>
            <Table.Td>{what}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
