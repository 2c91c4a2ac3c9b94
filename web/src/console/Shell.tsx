// What stands around every screen of the console.
import { Anchor, Box, Button, Container, Group, Text, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { Link, Outlet } from "@tanstack/react-router";
import { language, useTexts } from "../shared/dictionary";
import { logOut } from "../shared/session";

export function Shell() {
  const texts = useTexts();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  const other = language() === "ru" ? "en" : "ru";
  const speak = () => {
    localStorage.setItem("language", other);
    location.reload();
  };
  return (
    <>
      <Box component="header" style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}>
        <Container size="xl" py="xs">
          <Group justify="space-between">
            <Group component="nav" gap="lg">
              <Text fw={700}>Raschet</Text>
              <Place to="/invoices" text={texts.invoices} />
              <Place to="/clients" text={texts.clients} />
            </Group>
            <Group gap="xs">
              <Button size="xs" variant="default" onClick={speak} lang={other}>
                {other === "en" ? "English" : "Русский"}
              </Button>
              <Button size="xs" variant="default" onClick={() => setColorScheme(dark ? "light" : "dark")}>
                {texts.theme}
              </Button>
              <Button size="xs" variant="default" onClick={() => void logOut()}>{texts.logout}</Button>
            </Group>
          </Group>
        </Container>
      </Box>
      <Container component="main" size="xl" py="md"><Outlet /></Container>
    </>
  );
}

function Place({ to, text }: { to: "/invoices" | "/clients"; text: string }) {
  return (
    <Anchor renderRoot={(props) => <Link to={to} search={{}} activeProps={{ "aria-current": "page", style: { fontWeight: 600, textDecoration: "underline" } }} {...props} />}>
      {text}
    </Anchor>
  );
}
