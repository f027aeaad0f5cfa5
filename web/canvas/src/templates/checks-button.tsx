/** The checks of a template before it is put into use: texts, links, coupon. */

import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { ListChecks } from "lucide-react";
import { Popover } from "radix-ui";
import { useRef, useState } from "react";
import { Checks } from "@/publish/checks";
import { askPreflight, underWay } from "@/publish/preflight";
import { useWords } from "@/words";
import { endpoint, saveNow, useTemplateDraft } from "./store";
import "./checks-button.css";

const client = new QueryClient();

export function ChecksButton() {
  return (
    <QueryClientProvider client={client}>
      <Opened />
    </QueryClientProvider>
  );
}

function Opened() {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const document = useTemplateDraft((draft) => draft.document);
  const fresh = useRef(false);
  const found = useQuery({
    queryKey: ["template preflight", document],
    queryFn: async ({ signal }) => {
      const all = fresh.current;
      fresh.current = false;
      await saveNow();
      return askPreflight(signal, all, `${endpoint()}/preflight`);
    },
    enabled: open,
    retry: false,
    gcTime: 0,
    refetchInterval: (query) => (open && underWay(query.state.data) ? 700 : false),
  });
  const again = (): void => {
    fresh.current = true;
    void found.refetch();
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <button type="button" className="button">
          <ListChecks aria-hidden />
          {words("checks.button")}
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="in-menu te-checks" align="end" sideOffset={6} collisionPadding={8} aria-label={words("checks.title")}>
          <Checks found={found} again={again} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
