import { useWords } from "@/words";
import { keepMine, takeTheirs, useTemplateSync } from "./store";
import "./conflict.css";

/** Somebody else saved meanwhile: nothing is lost until the reader decides. */
export function Conflict() {
  const words = useWords();
  const theirs = useTemplateSync((sync) => sync.theirs);
  if (!theirs) return null;
  return (
    <div className="te-conflict" role="alert">
      <span>{words("tpl.conflict", { by: theirs.edited_by ?? words("tpl.somebody") })}</span>
      <button type="button" className="button" onClick={() => void takeTheirs()}>
        {words("tpl.take_theirs")}
      </button>
      <button type="button" className="button" onClick={() => void keepMine()}>
        {words("tpl.keep_mine")}
      </button>
    </div>
  );
}
