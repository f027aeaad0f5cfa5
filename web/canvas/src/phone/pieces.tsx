/** What bubbles on KakaoTalk are made of: pictures, buttons, coupons, prices. */

import { Image as ImageIcon, Play } from "lucide-react";
import { useState } from "react";
import { useWords } from "@/words";
import { type Button, type Coupon, type Product, won } from "./message";

/** A picture of our own; another's is not loaded (it would tell its owner who looks), and stands as its address. */
export function Picture({ src, shape = "two", play = false }: { src: string; shape?: "two" | "wide" | "square"; play?: boolean }) {
  const words = useWords();
  const [failed, setFailed] = useState("");
  const own = ownAddress(src);
  return (
    <span className="ph-picture" data-shape={shape}>
      {own && failed !== src ? (
        <img src={own} alt={words("phone.picture")} onError={() => setFailed(src)} />
      ) : (
        <span className="ph-no-picture">
          <ImageIcon aria-hidden size={18} />
          <span>{src ? nameOf(src) : words("phone.no_picture")}</span>
        </span>
      )}
      {play ? (
        <span className="ph-play">
          <Play aria-hidden size={18} />
        </span>
      ) : null}
    </span>
  );
}

function ownAddress(src: string): string | null {
  try {
    const url = new URL(src, window.location.href);
    return url.origin === window.location.origin && src !== "" ? url.pathname + url.search : null;
  } catch {
    return null;
  }
}

const nameOf = (src: string): string => src.split("?")[0]?.split("/").filter(Boolean).at(-1) ?? src;

export function Buttons({ buttons, row = false }: { buttons: Button[] | undefined; row?: boolean }) {
  const words = useWords();
  if (!buttons || buttons.length === 0) return null;
  return (
    <span className="ph-buttons" data-row={row || undefined}>
      {buttons.map((one, n) => (
        <span key={n} title={one.url} data-kind={one.kind}>
          {one.kind === "AC" ? words("phone.add_channel") : one.name || words("phone.unnamed")}
        </span>
      ))}
    </span>
  );
}

export function CouponRow({ coupon }: { coupon: Coupon | undefined }) {
  if (!coupon) return null;
  return (
    <span className="ph-coupon">
      <strong>{coupon.title}</strong>
      {coupon.description ? <span>{coupon.description}</span> : null}
    </span>
  );
}

export function Price({ product }: { product: Product | undefined }) {
  const words = useWords();
  if (!product) return null;
  const off = product.percent_off ? `${product.percent_off}%` : product.amount_off ? words("phone.off", { amount: won(product.amount_off) }) : "";
  return (
    <span className="ph-product">
      <span>{product.title || words("phone.no_product")}</span>
      <span className="ph-price">
        {off ? <em>{off}</em> : null}
        <strong>{won(product.sale_price || product.price)}</strong>
        {product.sale_price ? <s>{won(product.price)}</s> : null}
      </span>
    </span>
  );
}
