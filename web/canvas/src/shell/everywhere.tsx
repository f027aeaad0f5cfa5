import { Command } from "cmdk";
import { useEffect, useState } from "react";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { NamedIcon } from "@/ui/icon";

type Item = Answer<"/api/search", "get">["items"][number];

/** What the search over everything finds beyond this journey: the same that the console's own list shows elsewhere. */
export function Everywhere({ query, act }: { query: string; act: (run: () => void) => () => void }) {
  const items = useFound(query.trim());
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(item.group, [...(groups.get(item.group) ?? []), item]);
  return [...groups].map(([title, found]) => (
    <Command.Group key={title} heading={title} forceMount>
      {found.map((item) => (
        <Command.Item key={item.href} value={`go ${item.href}`} forceMount onSelect={act(() => location.assign(item.href))}>
          <NamedIcon name={item.icon} />
          <span>{item.title}</span>
          {item.detail ? <span className="faint">{item.detail}</span> : null}
        </Command.Item>
      ))}
    </Command.Group>
  ));
}

function useFound(query: string): Item[] {
  const [items, setItems] = useState<Item[]>([]);
  useEffect(() => {
    if (query === "") {
      setItems([]);
      return;
    }
    const leaving = new AbortController();
    const resting = setTimeout(() => {
      call<{ items: Item[] }>("GET", `/api/search?q=${encodeURIComponent(query)}`, { signal: leaving.signal }).then(
        ({ data }) => setItems(data.items),
        () => undefined, // what is on the canvas is found all the same
      );
    }, 120);
    return () => {
      clearTimeout(resting);
      leaving.abort();
    };
  }, [query]);
  return items;
}
