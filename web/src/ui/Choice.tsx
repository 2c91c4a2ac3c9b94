// One of a few: side by side where there is room, a list on a narrow screen.
import { NativeSelect, SegmentedControl } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";

interface Props {
  label: string;
  options: { value: string; label: string }[];
  value: string;
  choose: (value: string) => void;
}

export function Choice({ label, options, value, choose }: Props) {
  const narrow = useMediaQuery("(max-width: 48em)");
  if (narrow) {
    return <NativeSelect aria-label={label} data={options} value={value} onChange={(event) => choose(event.currentTarget.value)} w="100%" />;
  }
  return <SegmentedControl aria-label={label} data={options} value={value} onChange={choose} />;
}
