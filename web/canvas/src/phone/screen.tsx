/** A message on the device that its channel reaches: a phone's chat, its lock screen, the shop's page. */

import { Bell } from "lucide-react";
import { useChannel } from "@/messages/channels";
import { AdvertisingText } from "@/ui/advertising-text";
import { useWords } from "@/words";
import { KakaoRoom } from "./kakao";
import { endOfShort, type Shown } from "./message";
import { Buttons, Picture } from "./pieces";

/** Everything but e-mail, which has a frame of its own. */
export function PhoneScreen({ shown }: { shown: Shown }) {
  const channel = useChannel(shown.channel);
  switch (channel?.preview) {
    case "notification":
      return <Notification shown={shown} />;
    case "page":
      return <OnSite shown={shown} />;
    case "text":
      return <TextMessage shown={shown} />;
    default:
      return <KakaoRoom shown={shown} approved={channel?.approved ?? false} />;
  }
}

function Notification({ shown }: { shown: Shown }) {
  const words = useWords();
  return (
    <div className="phone te-phone">
      <div className="push">
        <span className="app">
          <Bell aria-hidden size={16} />
        </span>
        <div>
          <span className="who">
            <span>{shown.sender || words("tpl.your_shop")}</span>
            <span>{words("tpl.now")}</span>
          </span>
          <strong>
            <AdvertisingText text={shown.subject} />
          </strong>
          <AdvertisingText text={shown.body} />
          {shown.options.image ? <Picture src={shown.options.image} /> : null}
        </div>
      </div>
      {shown.options.link ? <p className="ph-leads">{words("phone.leads_to", { address: shown.options.link })}</p> : null}
    </div>
  );
}

/** A text message, with its sender, and where the short one would have ended. */
function TextMessage({ shown }: { shown: Shown }) {
  const words = useWords();
  const short = shown.form === "sms";
  const end = short || shown.options.image ? null : endOfShort(shown.body);
  return (
    <div className="phone te-phone ph-text">
      <span className="ph-number">{shown.sender || words("phone.no_number")}</span>
      <div className="bubble">
        {shown.options.image ? <Picture src={shown.options.image} /> : null}
        {shown.subject && !short ? <strong>{shown.subject}</strong> : null}
        {end === null ? (
          <AdvertisingText text={shown.body} />
        ) : (
          <>
            <AdvertisingText text={shown.body.slice(0, end)} />
            <span className="ph-end" role="note">
              {words("phone.sms_ends")}
            </span>
            <span className="message-text">{shown.body.slice(end)}</span>
          </>
        )}
      </div>
    </div>
  );
}

function OnSite({ shown }: { shown: Shown }) {
  const words = useWords();
  return (
    <div className="te-site" data-look={shown.options.data?.look ?? "card"}>
      <div className="te-site-page" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      <div className="te-site-message" role="group" aria-label={words("message.preview")}>
        {shown.options.image ? <Picture src={shown.options.image} /> : null}
        {shown.subject ? (
          <strong>
            <AdvertisingText text={shown.subject} />
          </strong>
        ) : null}
        <AdvertisingText text={shown.body} />
        <Buttons buttons={shown.options.buttons} />
      </div>
    </div>
  );
}
