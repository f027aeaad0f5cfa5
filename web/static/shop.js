/* The demo shop: a cart, an account, and what a shop tells Sojourn of them. */
"use strict";

const said = JSON.parse(document.body.dataset.said);
const korean = document.documentElement.lang === "ko";
const at = (id) => document.getElementById(id);
const won = (amount) => "₩" + amount.toLocaleString("ko-KR");
const kept = (name, otherwise) => {
  try {
    return JSON.parse(localStorage.getItem("shop." + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
};
const keep = (name, value) => {
  try {
    localStorage.setItem("shop." + name, JSON.stringify(value));
  } catch {
    /* for this page only, then */
  }
};
/** The snippet loads by itself; until then its calls wait in a list. */
const tell = (...call) => (window.sojourn = window.sojourn || []).push(call);

let cart = kept("cart", { id: "", lines: [] });
let account = kept("account", null);

const item = ({ id, name, category, price }, quantity = 1) => ({ product_id: id, name, category, price, quantity, currency: "KRW", url: `${location.origin}/shop` });
const total = () => cart.lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
const random = () => [...crypto.getRandomValues(new Uint8Array(6))].map((n) => n.toString(16).padStart(2, "0")).join("");

let silence = 0;
function say(words) {
  at("said").textContent = words;
  clearTimeout(silence);
  silence = setTimeout(() => (at("said").textContent = ""), 3000);
}

function show() {
  keep("cart", cart);
  keep("account", account);
  at("count").textContent = cart.lines.reduce((sum, line) => sum + line.quantity, 0);
  at("lines").replaceChildren(
    ...cart.lines.map((line) => {
      const row = document.createElement("li");
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = said.remove;
      remove.setAttribute("aria-label", `${said.remove}: ${line.name}`);
      remove.addEventListener("click", () => {
        cart.lines = cart.lines.filter((one) => one.id !== line.id);
        tell("track", "Product Removed", { cart_id: cart.id, ...item(line, line.quantity) });
        show();
      });
      const [what, price] = [`${line.name} × ${line.quantity}`, won(line.price * line.quantity)].map((words) => {
        const part = document.createElement("span");
        part.textContent = words;
        return part;
      });
      row.append(what, price, remove);
      return row;
    }),
  );
  const full = cart.lines.length > 0;
  at("nothing").hidden = full;
  at("total").hidden = at("order").hidden = !full;
  at("total").querySelector("b").textContent = won(total());
  at("who").textContent = account ? said.hello.replace("{name}", account.first_name) : said.visitor;
  at("sign-up").hidden = Boolean(account);
  at("sign-out").hidden = !account;
}

for (const card of document.querySelectorAll("[data-product]")) {
  const product = JSON.parse(card.dataset.product);
  card.querySelector("[data-add]").addEventListener("click", () => {
    cart.id ||= "c-" + random();
    const line = cart.lines.find((one) => one.id === product.id);
    if (line) line.quantity += 1;
    else cart.lines.push({ ...product, quantity: 1 });
    tell("track", "Product Added", { cart_id: cart.id, ...item(product) });
    say(said.added.replace("{name}", product.name));
    show();
  });
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting && document.hasFocus())) return;
    seen.disconnect();
    card.addEventListener("pointerenter", () => tell("track", "Product Viewed", item(product)), { once: true });
  });
  seen.observe(card);
}

at("order").addEventListener("click", () => {
  const products = cart.lines.map((line) => item(line, line.quantity));
  const revenue = total();
  tell("track", "Checkout Started", { cart_id: cart.id, revenue });
  const order = { order_id: "o-" + cart.id, cart_id: cart.id, revenue, currency: "KRW", category: products[0].category, products };
  tell("track", "Order Completed", order);
  cart = { id: "", lines: [] };
  say(said.ordered);
  show();
});

at("sign-up").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const push = form.has("push_consent");
  const consents = { email: form.has("email_consent"), push, web_push: push, in_app: push };
  account = { id: "shop-" + random(), first_name: form.get("first_name") };
  const traits = { first_name: account.first_name, email: form.get("email"), locale: korean ? "ko-KR" : "en" };
  tell("identify", account.id, traits);
  // A page cannot consent for anybody: the shop's own server passes on what was agreed to.
  const who = { userId: account.id, anonymousId: window.sojourn?.anonymousId?.() };
  fetch("/shop/account", { method: "POST", body: JSON.stringify({ ...who, traits: { consents } }) }).catch(() => {});
  tell("track", "Signed Up", { method: "email" });
  say(said.signed_up);
  event.target.reset();
  show();
});

at("sign-out").addEventListener("click", () => {
  account = null;
  tell("reset");
  say(said.signed_out);
  show();
});

at("push").addEventListener("click", async () => {
  const subscribe = window.sojourn?.subscribe;
  const result = subscribe ? await subscribe().catch(() => "unavailable") : "unavailable";
  at("push-said").textContent = said["push_" + result];
});

if (location.hash === "#cart" && cart.lines.length) tell("track", "Cart Viewed", { cart_id: cart.id });
show();
