import { useWords } from "@/words";
import { keepMine, takeTheirs, useTemplate } from "./store";

/** Somebody else saved meanwhile: neither is lost until one decides. */
export function Conflict() {
  const words = useWords();
  const theirs = useTemplate((state) => state.theirs);
  if (!theirs) return null;
  return (
    <div className="te-conflict" role="alert">
      <span>{words("tpl.conflict", { by: theirs.edited_by ?? words("tpl.somebody") })}</span>
      <button type="button" className="button" onClick={() => void takeTheirs()}>
        {words("tpl.take_theirs")}
      </button>
      <button type="button" className="button" onClick={keepMine}>
        {words("tpl.keep_mine")}
      </button>
    </div>
  );
}
