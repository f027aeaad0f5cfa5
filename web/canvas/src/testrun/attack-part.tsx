/** The fold in which made-up customers try the journey: how much of it they found, and what they broke. */

import { Bug, ChevronRight, CircleDashed, Users } from "lucide-react";
import { useDraft } from "@/document/draft";
import { Emphasised } from "@/ui/emphasised";
import { Failed, Loading } from "@/ui/feedback";
import { when } from "@/ui/formats";
import { useUi } from "@/ui/state";
import { say, useWords } from "@/words";
import { attack, type Attack, type Finding, lightTaken, type Place, playScript, useAttack } from "./attack";

export function AttackPart({ zone }: { zone: string | undefined }) {
  const words = useWords();
  const { found, of, busy, problem } = useAttack();
  const current = useDraft((state) => state.document) === of;
  return (
    <details className="t-fold">
      <summary>
        <ChevronRight aria-hidden size={14} />
        <span>{words("attack.title")}</span>
        <strong className="p-cut">{found && current ? words("attack.share", { done: found.done, of: found.of }) : ""}</strong>
        {found && current && found.broken.length > 0 && <Bug aria-label={words("attack.broken", { count: found.broken.length })} size={14} />}
      </summary>
      <div className="t-folded">
        <p className="p-note">{words("attack.line")}</p>
        <div className="p-row">
          <button type="button" className="button small" disabled={busy} onClick={() => void attack()}>
            <Users aria-hidden size={14} />
            {words(found && current ? "attack.again" : "attack.start")}
          </button>
          {found && current && (
            <button type="button" className="p-button" onClick={() => lightTaken(found)}>
              {words("attack.light")}
            </button>
          )}
        </div>
        <div aria-live="polite">
          {busy && <Loading lines={3} />}
          {problem !== null && !busy && <Failed error={problem} retry={() => void attack()} />}
          {found && !busy && !current && <p className="p-note">{words("attack.changed")}</p>}
          {found && !busy && current && <Found found={found} zone={zone} />}
        </div>
      </div>
    </details>
  );
}

function Found({ found, zone }: { found: Attack; zone: string | undefined }) {
  const words = useWords();
  const missing = found.places.filter((place) => place.count === 0);
  return (
    <>
      <p className="t-share">
        {words("attack.tried", { count: found.customers })}
        <progress max={found.of} value={found.done} aria-label={words("attack.share", { done: found.done, of: found.of })} />
      </p>
      {found.broken.length === 0 ? <p className="p-note">{words("attack.kept")}</p> : found.broken.map((one) => <Broken key={one.rule} one={one} zone={zone} />)}
      {missing.length > 0 && (
        <>
          <h4>{words("attack.missing")}</h4>
          <ul className="t-found">
            {missing.map((place) => (
              <PlaceRow key={`${place.step}/${place.port}/${say(place.text)}`} place={place} />
            ))}
          </ul>
        </>
      )}
      <details>
        <summary className="t-more">{words("attack.taken")}</summary>
        <ul className="t-found">
          {found.places
            .filter((place) => place.count > 0)
            .map((place) => (
              <PlaceRow key={`${place.step}/${place.port}/${say(place.text)}`} place={place} />
            ))}
        </ul>
      </details>
    </>
  );
}

/** A path: pressed, it is played where somebody's way is known, and looked at where it is not. */
function PlaceRow({ place }: { place: Place }) {
  const words = useWords();
  const show = (): void => {
    if (place.script) playScript(place.script);
    else if (place.step) useUi.getState().set({ focus: place.step });
  };
  return (
    <li>
      <button type="button" onClick={show} disabled={!place.script && !place.step} title={words(place.script ? "attack.play" : "attack.look")}>
        {place.count === 0 && <CircleDashed aria-hidden size={12} />}
        <span>
          <Emphasised text={say(place.text)} />
        </span>
        {place.count > 0 && <span className="faint">{words("attack.count", { count: place.count })}</span>}
      </button>
    </li>
  );
}

function Broken({ one, zone }: { one: Finding; zone: string | undefined }) {
  const words = useWords();
  const { script, step } = one;
  return (
    <section className="t-broken">
      <strong>
        <Bug aria-hidden size={14} /> <Emphasised text={say(one.text)} />
      </strong>
      <ol>
        {one.lines.map((line, index) => (
          <li key={index}>
            <time className="faint">{when(line.at, "short", zone)}</time>
            <span>
              {say(line.title) && <b>{say(line.title)} </b>}
              <Emphasised text={say(line.text)} />
            </span>
          </li>
        ))}
      </ol>
      <div className="p-row">
        {script && (
          <button type="button" className="button small" onClick={() => playScript(script)}>
            {words("attack.play")}
          </button>
        )}
        {step && (
          <button type="button" className="p-button" onClick={() => useUi.getState().set({ focus: step })}>
            {words("attack.look")}
          </button>
        )}
      </div>
    </section>
  );
}
