// The customers' cabinet: what all of its pages need. It loads nothing of the console.
import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles/UnstyledButton.css";
import "@mantine/core/styles/Button.css";
import "@mantine/core/styles/VisuallyHidden.css";
import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/CloseButton.css";
import "@mantine/core/styles/Group.css";
import "@mantine/core/styles/Stack.css";
import "@mantine/core/styles/Loader.css";
import "@mantine/core/styles/Input.css";
import "@mantine/core/styles/PasswordInput.css";
import "@mantine/core/styles/ActionIcon.css";
import "@mantine/core/styles/Text.css";
import "@mantine/core/styles/Alert.css";
import "@mantine/core/styles/Skeleton.css";
import "./cabinet.css";
import { TransportProvider } from "@connectrpc/connect-query";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { dictionaries, language, Texts } from "../shared/dictionary";
import { isLoggedOut, queries, transport } from "../shared/transport";
import { theme, variables } from "../ui/theme";
import { Cabinet } from "./Cabinet";
import { go } from "./router";

// Whoever is logged out, wherever, is asked to log in.
queries.getQueryCache().subscribe((event) => {
  if (event.type === "updated" && isLoggedOut(event.query.state.error)) go("/login");
});

document.documentElement.lang = language();
const element = document.getElementById("root");
if (element) {
  createRoot(element).render(
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <Texts.Provider value={dictionaries[language()] ?? dictionaries.ru!}>
        <TransportProvider transport={transport}>
          <QueryClientProvider client={queries}>
            <Cabinet />
          </QueryClientProvider>
        </TransportProvider>
      </Texts.Provider>
    </MantineProvider>,
  );
}
