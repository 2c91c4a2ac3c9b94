// What stands around every screen of the console: where one can go, and whose screen it is.
import { Anchor, Box, Button, Container, Group, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { Link, Outlet } from "@tanstack/react-router";
import { language, useTexts } from "../shared/dictionary";
import { logOut } from "../shared/session";
import { openPalette, Shortcuts } from "./Shortcuts";
import classes from "./Shell.module.css";

export function Shell() {
  const texts = useTexts();
  return (
    <>
      <a className={classes.skip} href="#main">{texts.skip}</a>
      <Box component="header" className={classes.header}>
        <Container size="xl" className={classes.bar}>
          <span className={classes.brand}>Raschet</span>
          <nav className={classes.places} aria-label={texts.places}>
            <Place to="/" text={texts.home} />
            <Place to="/clients" text={texts.clients} />
            <Place to="/services" text={texts.services} />
            <Place to="/orders" text={texts.orders} />
            <Place to="/invoices" text={texts.invoices} />
            <Place to="/billing" text={texts.billing} />
            <Place to="/reconciliation" text={texts.reconciliation} />
            <Place to="/tickets" text={texts.tickets} />
          </nav>
          <Button size="compact-sm" variant="default" className={classes.find} onClick={openPalette}>
            {texts.find} <kbd className={classes.key}>Ctrl K</kbd>
          </Button>
          <Settings />
        </Container>
      </Box>
      <Container component="main" id="main" size="xl" py="lg" tabIndex={-1} className={classes.main}><Outlet /></Container>
      <Shortcuts />
    </>
  );
}

function Settings() {
  const texts = useTexts();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  const other = language() === "ru" ? "en" : "ru";
  const speak = () => {
    localStorage.setItem("language", other);
    location.reload();
  };
  return (
    <Group gap={4} wrap="nowrap" className={classes.settings}>
      <Button size="compact-sm" variant="subtle" color="gray" aria-label={texts.notes} title={texts.notes}
        renderRoot={(props) => <Link to="/notes" {...props} />}>
        ✎
      </Button>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={speak} lang={other}
        aria-label={other === "en" ? "English" : "Русский"}>
        {other === "en" ? "EN" : "RU"}
      </Button>
      <Button size="compact-sm" variant="subtle" color="gray" aria-label={texts.theme} title={texts.theme}
        onClick={() => setColorScheme(dark ? "light" : "dark")}>
        {dark ? "☀" : "☾"}
      </Button>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={() => void logOut()}>{texts.logout}</Button>
    </Group>
  );
}

function Place({ to, text }: { to: "/" | "/invoices" | "/clients" | "/services" | "/orders" | "/billing" | "/reconciliation" | "/tickets"; text: string }) {
  return (
    <Anchor underline="never" className={classes.place}
      renderRoot={(props) => <Link to={to} search={{}} activeOptions={{ exact: to === "/", includeSearch: false }} activeProps={{ "aria-current": "page" }} {...props} />}>
      {text}
    </Anchor>
  );
}
