/** A message as a phone or a page shows it: what the server rendered for one customer. */

/** What a channel sends beside the text; the API describes it only as an object. */
export type SendOptions = {
  bubble?: string;
  image?: string;
  link?: string;
  buttons?: Button[];
  coupon?: Coupon;
  parts?: Parts;
  data?: { look?: string };
  template_code?: string;
};
export type Button = { name: string; kind?: string; url?: string };
export type Coupon = { title: string; description?: string };
export type Product = { title?: string; price?: string; sale_price?: string; percent_off?: string; amount_off?: string };
export type Card = { header?: string; text?: string; image?: string; product?: Product; extra?: string; buttons?: Button[]; coupon?: Coupon };
export type Row = { title?: string; text?: string; image?: string };
/** Of a Brand Message's bubble, or of what stands around an approved Alimtalk. */
export type Parts = {
  header?: string;
  text?: string;
  items?: Row[];
  video?: { video?: string; image?: string };
  product?: Product;
  extra?: string;
  intro?: Card;
  cards?: Card[];
  more?: { link?: string };
  title?: string;
  subtitle?: string;
  image?: string;
  highlight_title?: string;
  highlight_text?: string;
  summary_title?: string;
  summary_text?: string;
  adds_channel?: boolean;
};
export type Shown = {
  channel: string;
  subject: string;
  body: string;
  /** Who it is from, as the device says; empty: not set. */
  sender: string;
  options: SendOptions;
  /** What it goes out as: `sms`, `lms`, … */
  form: string;
  advertising: boolean;
};

export const SMS_BYTES = 90;

/** Where the short message would end: the index of the first letter beyond 90 bytes; null where all of it fits. */
export function endOfShort(text: string, most: number = SMS_BYTES): number | null {
  let size = 0;
  let at = 0;
  for (const letter of text) {
    size += (letter.codePointAt(0) ?? 0) < 128 ? 1 : 2;
    if (size > most) return at;
    at += letter.length;
  }
  return null;
}

/** A price as Kakao shows it; what is no number stays as it is. */
export function won(text: string | undefined): string {
  const plain = (text ?? "").replace(/원$/, "").replaceAll(",", "").trim();
  return /^\d+$/.test(plain) ? `${Number(plain).toLocaleString("ko-KR")}원` : (text ?? "");
}
