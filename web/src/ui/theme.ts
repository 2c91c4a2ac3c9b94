// Mantine's theme with the contrasts that WCAG 2.2 AA asks for.
import { createTheme, type CSSVariablesResolver } from "@mantine/core";

export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  defaultRadius: "sm",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  components: {
    Badge: { defaultProps: { tt: "none", radius: "sm", variant: "light" } },
    Table: { defaultProps: { verticalSpacing: 6, highlightOnHover: true } },
  },
});

/** Colours of our own stand here: `light-dark()` in a file does not survive the build. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-placeholder": "#5c636a",
    "--mantine-color-dimmed": "#5c636a",
    "--mantine-color-error": "var(--mantine-color-red-9)",
    "--mantine-color-anchor": "var(--mantine-color-indigo-8)",
    "--soon": "#8a4b00",
    "--event": "#0b6b5d",
    "--pinned": "#fff6d6",
    "--pinned-border": "#e8cf7a",
    "--pinned-quiet": "#5a5230",
    "--pin": "#d9a800",
  },
  dark: {
    "--mantine-color-placeholder": "#a6a7ab",
    "--mantine-color-dimmed": "#a6a7ab",
    "--mantine-color-error": "var(--mantine-color-red-4)",
    "--mantine-color-anchor": "var(--mantine-color-indigo-3)",
    "--soon": "#ffb454",
    "--event": "#63e6be",
    "--pinned": "#3a3213",
    "--pinned-border": "#6b5a1c",
    "--pinned-quiet": "#cfc59a",
    "--pin": "#b48d0b",
  },
});
