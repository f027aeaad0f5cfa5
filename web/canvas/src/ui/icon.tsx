import { page } from "@/page";

/** An icon that the server names, of the console's own set. */
export function NamedIcon({ name }: { name: string }) {
  return (
    <svg className="icon" aria-hidden="true">
      <use href={`${page.icons}#${name}`} />
    </svg>
  );
}
