/** Alimtalk and the eight bubbles of a Brand Message, as KakaoTalk shows them. */

import { useWords } from "@/words";
import type { Card, Parts, Shown } from "./message";
import { Buttons, CouponRow, Picture, Price } from "./pieces";

/** A room of KakaoTalk: who writes, and the bubble. */
export function KakaoRoom({ shown, approved }: { shown: Shown; approved: boolean }) {
  const words = useWords();
  const bubble = shown.options.bubble ?? (shown.options.image ? "IMAGE" : "TEXT");
  return (
    <div className="phone ph-kakao te-phone" data-channel={shown.channel} data-bubble={approved ? undefined : bubble}>
      <span className="ph-sender">
        <i aria-hidden="true" />
        {shown.sender || words("phone.no_sender")}
      </span>
      {approved ? <Alimtalk shown={shown} /> : <BrandMessage shown={shown} bubble={bubble} />}
    </div>
  );
}

function Alimtalk({ shown }: { shown: Shown }) {
  const words = useWords();
  const parts = shown.options.parts ?? {};
  return (
    <>
      <p className="in-kakao">{words("message.alimtalk_arrived")}</p>
      <div className="bubble">
        {parts.image ? <Picture src={parts.image} /> : null}
        {parts.header ? <span className="ph-header">{parts.header}</span> : null}
        {parts.highlight_title ? (
          <span className="ph-highlight">
            <strong>{parts.highlight_title}</strong>
            <span>{parts.highlight_text}</span>
          </span>
        ) : null}
        {parts.title ? (
          <span className="ph-emphasis">
            {parts.subtitle ? <span>{parts.subtitle}</span> : null}
            <strong>{parts.title}</strong>
          </span>
        ) : null}
        <ItemRows parts={parts} />
        <span className="message-text">{shown.body}</span>
        {parts.extra ? <span className="ph-extra">{parts.extra}</span> : null}
        {parts.adds_channel ? <span className="ph-extra">{words("phone.add_channel_line")}</span> : null}
        <Buttons buttons={parts.adds_channel ? [{ name: "", kind: "AC" }, ...(shown.options.buttons ?? [])] : shown.options.buttons} />
      </div>
    </>
  );
}

function ItemRows({ parts }: { parts: Parts }) {
  if (!parts.items?.length) return null;
  return (
    <dl className="ph-rows">
      {parts.items.map((one, n) => (
        <div key={n}>
          <dt>{one.title}</dt>
          <dd>{one.text}</dd>
        </div>
      ))}
      {parts.summary_text ? (
        <div data-last="true">
          <dt>{parts.summary_title}</dt>
          <dd>{parts.summary_text}</dd>
        </div>
      ) : null}
    </dl>
  );
}

function BrandMessage({ shown, bubble }: { shown: Shown; bubble: string }) {
  const words = useWords();
  const parts = shown.options.parts ?? {};
  const carousel = bubble.startsWith("CAROUSEL");
  return (
    <>
      {shown.advertising ? <span className="ph-label">{words("phone.advertising")}</span> : null}
      {carousel ? (
        <Carousel parts={parts} />
      ) : (
        <div className="bubble">
          <BubbleContent shown={shown} bubble={bubble} parts={parts} />
          <CouponRow coupon={shown.options.coupon} />
          <Buttons buttons={shown.options.buttons} row={bubble !== "TEXT" && bubble !== "IMAGE"} />
        </div>
      )}
      {shown.advertising ? <span className="ph-label">{words("phone.opt_out")}</span> : null}
    </>
  );
}

function BubbleContent({ shown, bubble, parts }: { shown: Shown; bubble: string; parts: Parts }) {
  switch (bubble) {
    case "WIDE_ITEM_LIST":
      return (
        <>
          <span className="ph-header">{parts.header}</span>
          {(parts.items ?? []).map((one, n) => (
            <span key={n} className={n === 0 ? "ph-first-item" : "ph-item"}>
              <Picture src={one.image ?? ""} shape={n === 0 ? "two" : "square"} />
              <span>{one.title}</span>
            </span>
          ))}
        </>
      );
    case "PREMIUM_VIDEO":
      return (
        <>
          <Picture src={parts.video?.image ?? parts.video?.video ?? ""} shape="wide" play />
          {parts.header ? <span className="ph-header">{parts.header}</span> : null}
          {parts.text ? <span className="message-text">{parts.text}</span> : null}
        </>
      );
    case "COMMERCE":
      return (
        <>
          <Picture src={shown.options.image ?? ""} />
          <Price product={parts.product ?? {}} />
          {parts.extra ? <span className="ph-extra">{parts.extra}</span> : null}
        </>
      );
    default:
      return (
        <>
          {bubble === "TEXT" ? null : <Picture src={shown.options.image ?? ""} shape={bubble === "WIDE" ? "wide" : "two"} />}
          <span className="message-text">{shown.body}</span>
        </>
      );
  }
}

/** Cards beside each other, to be scrolled as on a phone. */
function Carousel({ parts }: { parts: Parts }) {
  const words = useWords();
  return (
    <div className="ph-cards" role="group" aria-label={words("phone.cards")} tabIndex={0}>
      {parts.intro ? <CardBubble card={parts.intro} /> : null}
      {(parts.cards ?? []).map((card, n) => (
        <CardBubble key={n} card={card} />
      ))}
      {parts.more ? <span className="bubble ph-more">{words("phone.more")}</span> : null}
    </div>
  );
}

function CardBubble({ card }: { card: Card }) {
  return (
    <div className="bubble">
      <Picture src={card.image ?? ""} />
      {card.header ? <span className="ph-header">{card.header}</span> : null}
      <Price product={card.product} />
      {card.text ? <span className="message-text">{card.text}</span> : null}
      {card.extra ? <span className="ph-extra">{card.extra}</span> : null}
      <CouponRow coupon={card.coupon} />
      <Buttons buttons={card.buttons} row />
    </div>
  );
}
