/* Service worker of Sojourn's web push. It has to stand on the shop's own origin, as /sojourn-sw.js:
   importScripts("https://sojourn.example/sojourn-sw.js"); */
self.addEventListener("push", (event) => {
  let message;
  try { message = event.data.json(); } catch { message = { title: "", body: event.data ? event.data.text() : "" }; }
  const { id, title, body, lang, url, image, actions = [], data } = message;
  event.waitUntil(self.registration.showNotification(title || body || "", {
    body: title ? body : "", lang, image, icon: image, tag: id, data: { id, url, actions, ...data },
    actions: actions.slice(0, 2).map(({ action, title }) => ({ action, title })),
  }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url, actions = [] } = event.notification.data || {};
  const chosen = actions.find((one) => one.action === event.action);
  event.waitUntil(self.clients.openWindow((chosen && chosen.url) || url || "/"));
});
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
