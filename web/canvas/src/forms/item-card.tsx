import { ChevronDown, ChevronUp, Trash2 } from "lucide-react";
import { Fragment, useId } from "react";
import { useWords } from "@/words";
import { useFormContext } from "./context";
import "./fields.css";
import "./buttons.css";
import "./lists.css";

/** One entry of a list, with buttons that move and delete it. */
export function ItemCard({
  title,
  first,
  last,
  move,
  remove,
  children,
}: {
  title: React.ReactNode;
  first: boolean;
  last: boolean;
  move?: (by: 1 | -1) => void;
  remove?: (() => void) | undefined;
  children: React.ReactNode;
}) {
  const words = useWords();
  const { readOnly } = useFormContext();
  const id = useId();
  return (
    <div className="in-card" role="group" aria-labelledby={id}>
      <div className="in-card-head">
        <strong id={id}>{title}</strong>
        {readOnly ? null : (
          <span className="in-card-tools">
            {move && !(first && last) ? (
              <Fragment>
                <button
                  type="button"
                  className="in-icon"
                  disabled={first}
                  aria-label={words("inspector.up")}
                  title={words("inspector.up")}
                  onClick={() => move(-1)}
                >
                  <ChevronUp aria-hidden size={14} />
                </button>
                <button
                  type="button"
                  className="in-icon"
                  disabled={last}
                  aria-label={words("inspector.down")}
                  title={words("inspector.down")}
                  onClick={() => move(1)}
                >
                  <ChevronDown aria-hidden size={14} />
                </button>
              </Fragment>
            ) : null}
            {remove ? (
              <button
                type="button"
                className="in-icon"
                aria-label={words("inspector.remove")}
                title={words("inspector.remove")}
                onClick={remove}
              >
                <Trash2 aria-hidden size={14} />
              </button>
            ) : null}
          </span>
        )}
      </div>
      {children}
    </div>
  );
}
