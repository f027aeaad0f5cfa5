/* Sojourn on a shop's pages: <script async src="https://sojourn.example/sojourn.js" data-write-key="…"></script>
   Tracks (page, track, identify), shows on-site messages, subscribes to web push. Calls made before it has loaded:
   (window.sojourn = window.sojourn || []).push(["track", "Product Viewed", { id: "tea-01" }]) */
(() => {
  "use strict";
  const script = document.currentScript;
  const waiting = Array.isArray(window.sojourn) ? window.sojourn : [];
  if (!script || (window.sojourn && !Array.isArray(window.sojourn))) return;

  const home = script.dataset.host || new URL(script.src).origin;
  const writeKey = script.dataset.writeKey || "";
  const MOST_KEPT = 200, MOST_AT_ONCE = 50, LOOK_EVERY = 60000;

  // --- what the browser keeps; where it keeps nothing, this page does
  const memory = {};
  const read = (name) => {
    try { return localStorage.getItem("sojourn." + name) ?? memory[name] ?? null; } catch { return memory[name] ?? null; }
  };
  const write = (name, value) => {
    if (value === null) delete memory[name]; else memory[name] = value;
    try {
      if (value === null) localStorage.removeItem("sojourn." + name); else localStorage.setItem("sojourn." + name, value);
    } catch { /* this page remembers */ }
  };
  const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const anonymousId = () => {
    if (!read("anonymous")) write("anonymous", random());
    return read("anonymous");
  };
  const identity = () => {
    const user = read("user");
    return { anonymousId: anonymousId(), ...(user ? { userId: user, userHash: read("hash") || undefined } : {}) };
  };
  const kept = () => { try { return JSON.parse(read("queue")) || []; } catch { return []; } };
  const keep = (calls) => write("queue", calls.length ? JSON.stringify(calls.slice(-MOST_KEPT)) : null);

  // --- calls: kept until the server has them; told twice, they are stored once
  let timer = 0, pause = 0, sending = false;
  // text/plain: no preflight
  const post = (path, body, options) => fetch(home + path, {
    method: "POST", body: JSON.stringify({ writeKey, ...body }), headers: { "content-type": "text/plain" },
    credentials: "omit", mode: "cors", ...options,
  });
  const call = (type, more) => {
    const who = identity();
    const page = { path: location.pathname, url: location.href.split("#")[0], search: location.search,
      title: document.title, referrer: document.referrer };
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    keep([...kept(), { type, messageId: random(), timestamp: new Date().toISOString(), ...who, ...more,
      context: { page, locale: navigator.language, timezone, library: { name: "sojourn.js", version: "1" } } }]);
    schedule(200);
  };
  const schedule = (wait) => { clearTimeout(timer); timer = setTimeout(flush, Math.max(wait, pause)); };
  async function flush() {
    const calls = kept().slice(0, MOST_AT_ONCE);
    if (!calls.length || sending) return;
    sending = true;
    let answer = null;
    try { answer = await post("/v1/batch", { sentAt: new Date().toISOString(), batch: calls }); } catch { /* later */ }
    sending = false;
    if (answer && (answer.ok || (answer.status >= 400 && answer.status < 500 && answer.status !== 429))) {
      const done = new Set(calls.map((one) => one.messageId));
      keep(kept().filter((one) => !done.has(one.messageId)));
      pause = 0;
      if (kept().length) schedule(0); else look();
    } else {
      const asked = answer && Number(answer.headers.get("retry-after")) * 1000;
      pause = Math.min(asked || (pause || 500) * 2, 60000);
      schedule(pause);
    }
  }
  const leave = () => {
    const calls = kept().slice(0, MOST_AT_ONCE);
    if (!calls.length || !navigator.sendBeacon) return;
    const body = JSON.stringify({ writeKey, sentAt: new Date().toISOString(), batch: calls });
    navigator.sendBeacon(home + "/v1/batch", new Blob([body], { type: "text/plain" }));
  };

  // --- on-site messages
  let shown = null, looking = null, webPushKey = "";
  const dealtWith = new Set();
  const tell = (message, deed, url) =>
    post(`/v1/messages/${message.id}/${deed}`, { ...identity(), url }, { keepalive: true }).catch(() => {});
  const look = () => (looking ||= ask().catch(() => {}).finally(() => { looking = null; }));
  async function ask() {
    const answer = await post("/v1/messages", identity());
    if (!answer.ok) return;
    const found = await answer.json();
    webPushKey = found.webPushKey || "";
    const next = found.messages.find((one) => !dealtWith.has(one.id));
    if (next && !shown && !document.hidden) show(next);
  }
  const LOOK = `:host{all:initial}*{box-sizing:border-box}
.back,.banner{position:fixed;z-index:2147483000}
.back{inset:0;background:rgb(0 0 0/.45);display:grid;place-items:center;padding:16px}
.box{font:15px/1.6 system-ui,"Apple SD Gothic Neo","Noto Sans KR","Malgun Gothic",sans-serif;color:#1b1f24;background:#fff;
border:1px solid #d8dce1;border-radius:12px;box-shadow:0 12px 40px rgb(0 0 0/.18);word-break:keep-all;overflow-wrap:anywhere}
.banner{inset:auto 16px 16px;max-width:640px;margin:0 auto;padding:16px 56px 16px 20px}
.modal{position:relative;width:min(440px,100%);max-height:90vh;overflow:auto;padding:24px 56px 24px 24px}
h2{margin:0 0 6px;font-size:17px;line-height:1.4}p{margin:0;white-space:pre-line}
img{display:block;max-width:100%;border-radius:8px;margin:0 0 14px}
.ways{display:flex;flex-wrap:wrap;gap:8px;margin-top:14px}
a{padding:8px 16px;border-radius:8px;background:#1b1f24;color:#fff;text-decoration:none}a+a{background:#eef0f2;color:#1b1f24}
button{position:absolute;top:8px;right:8px;width:40px;height:40px;border:0;border-radius:8px;background:none;color:inherit;
font-size:20px;cursor:pointer}:focus-visible{outline:2px solid #3b5bdb;outline-offset:2px}
@media(prefers-color-scheme:dark){.box{background:#1d2227;color:#e7eaee;border-color:#353c44}a{background:#e7eaee;color:#14181c}
a+a{background:#2b3138;color:#e7eaee}}`;
  const make = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const safe = (url) => {
    try { return /^https?:$/.test(new URL(url, location.href).protocol) ? url : ""; } catch { return ""; }
  };
  function show(message) {
    const korean = /^ko/i.test(message.lang || navigator.language);
    const host = make("div", { "data-sojourn-message": message.id });
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet(); // not a style element: pages with a strict policy forbid those
    sheet.replaceSync(LOOK);
    root.adoptedStyleSheets = [sheet];
    const modal = message.layout === "modal";
    const box = make("div", { class: "box " + (modal ? "modal" : "banner"), lang: message.lang || "", tabindex: "-1",
      role: modal ? "dialog" : "region", ...(modal ? { "aria-modal": "true" } : {}),
      ...(message.title ? { "aria-labelledby": "title" } : { "aria-label": korean ? "안내" : "Message" }) });
    if (safe(message.image || "")) box.append(make("img", { src: message.image, alt: "" }));
    if (message.title) box.append(make("h2", { id: "title" }, message.title));
    box.append(make("p", {}, message.body));
    const ways = message.buttons || (message.link ? [{ name: korean ? "자세히 보기" : "Read more", url: message.link }] : []);
    const links = ways.filter((way) => safe(way.url)).map((way) => {
      const link = make("a", { href: way.url }, way.name);
      link.addEventListener("click", () => { tell(message, "clicked", link.href); away(); });
      return link;
    });
    if (links.length) box.append(make("div", { class: "ways" }, ...links));
    const close = make("button", { type: "button", "aria-label": korean ? "닫기" : "Close" }, "×");
    box.append(close);
    root.append(modal ? make("div", { class: "back" }, box) : box);
    const before = document.activeElement;
    const away = () => {
      dealtWith.add(message.id);
      shown = null;
      host.remove();
      document.removeEventListener("keydown", keys, true);
      if (modal && before && before.focus) before.focus();
      setTimeout(look, 1500);
    };
    const shut = () => { tell(message, "closed"); away(); };
    const keys = (event) => {
      if (event.key === "Escape" && (modal || event.target === host)) shut();
      if (event.key !== "Tab" || !modal) return;
      const stops = [...box.querySelectorAll("a, button")];
      const next = stops.indexOf(root.activeElement) + (event.shiftKey ? -1 : 1);
      event.preventDefault();
      stops[(next + stops.length) % stops.length].focus();
    };
    close.addEventListener("click", shut);
    document.addEventListener("keydown", keys, true);
    document.body.append(host);
    shown = message;
    if (modal) close.focus();
    tell(message, "seen");
  }

  // --- web push
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const same = (one, other) => one && one.byteLength === other.length && new Uint8Array(one).every((n, i) => n === other[i]);
  // To be called on a click.
  async function subscribe() {
    if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return "unsupported";
    if (!webPushKey) await look();
    if (!webPushKey) return "off";
    if ((await Notification.requestPermission()) !== "granted") return "denied";
    await navigator.serviceWorker.register(script.dataset.worker || "/sojourn-sw.js");
    const manager = (await navigator.serviceWorker.ready).pushManager;
    const key = bytes(webPushKey);
    let subscription = await manager.getSubscription();
    if (subscription && !same(subscription.options.applicationServerKey, key)) {
      await subscription.unsubscribe();
      subscription = null;
    }
    try {
      subscription ||= await manager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      return (await device(subscription)).ok ? "subscribed" : "unavailable";
    } catch (fault) { return fault.name === "NotAllowedError" ? "denied" : "unavailable"; }
  }
  const subscribed = async () => (await navigator.serviceWorker?.getRegistration())?.pushManager?.getSubscription();
  const device = (subscription, gone) => post("/v1/devices", { ...identity(), subscription: subscription.toJSON(), gone });
  async function unsubscribe() {
    const subscription = await subscribed();
    if (!subscription) return;
    await device(subscription, true).catch(() => {});
    await subscription.unsubscribe();
  }
  /* The browser is somebody else's now, and so is what is pushed to it. */
  const retell = () => subscribed().then((subscription) => subscription && device(subscription)).catch(() => {});

  // --- for the page
  const sojourn = {
    page: (name, properties) => call("page", { name, properties }),
    track: (event, properties) => call("track", { event, properties }),
    /* options.userHash: HMAC-SHA256 of the id, made by the shop's server: beyond the developer's own machine a page
       speaks of a known customer with this proof only. Consents are given from the shop's server, not from here. */
    identify: (userId, traits, options) => {
      if (userId) { write("user", String(userId)); write("hash", options?.userHash ?? null); }
      call("identify", { traits });
      retell();
    },
    /* Somebody else may use this browser now. */
    reset: () => { ["anonymous", "user", "hash"].forEach((name) => write(name, null)); dealtWith.clear(); retell(); },
    anonymousId, subscribe, unsubscribe, flush, messages: look,
    push: ([name, ...given]) => sojourn[name]?.(...given),
  };
  window.sojourn = sojourn;
  waiting.forEach(sojourn.push);
  if (script.dataset.page !== "off") sojourn.page();
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); else look(); });
  addEventListener("online", () => { pause = 0; schedule(0); });
  setInterval(() => document.hidden || look(), LOOK_EVERY);
  if (kept().length) schedule(0);
})();
