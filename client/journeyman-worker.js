/*! Journeyman's service worker: shows notifications, and tells of presses. */
(function (worker) {
  "use strict";

  var host = (new URL(worker.location.href).searchParams.get("host") || worker.location.origin).replace(/\/+$/, "");

  worker.addEventListener("install", function () { worker.skipWaiting(); });
  worker.addEventListener("activate", function (event) { event.waitUntil(worker.clients.claim()); });

  worker.addEventListener("push", function (event) {
    var said = {};
    try {
      said = event.data ? event.data.json() : {};
    } catch (error) {
      /* not from us */
    }
    if (!said.id || !said.title) return;
    var shown = { body: said.body || "", data: { id: said.id, url: said.url || null, more: said.data || {} } };
    if (said.icon) shown.icon = said.icon;
    if (said.image) shown.image = said.image;
    if (said.tag) shown.tag = said.tag;
    event.waitUntil(
      worker.registration.showNotification(said.title, shown).then(function () {
        if (said.badge !== undefined && worker.navigator.setAppBadge) return worker.navigator.setAppBadge(said.badge);
      })
    );
  });

  worker.addEventListener("notificationclick", function (event) {
    var about = event.notification.data || {};
    event.notification.close();
    // A link notes its press by itself; what leads nowhere is noted here.
    event.waitUntil(Promise.all([about.url ? open(about.url) : Promise.all([press(about.id), open("/")])]));
  });

  worker.addEventListener("pushsubscriptionchange", function (event) {
    event.waitUntil(renew(event));
  });

  function press(id) {
    if (!id) return Promise.resolve();
    var wish = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id: id }) };
    return fetch(host + "/v1/push/opened", wish).catch(function () {});
  }

  /** A tab that shows the page comes to the front; else there is a new one. */
  function open(url) {
    var target = new URL(url, worker.location.origin);
    if (target.protocol !== "https:" && target.protocol !== "http:") return Promise.resolve();
    return worker.clients.matchAll({ type: "window", includeUncontrolled: true }).then(function (tabs) {
      var there = tabs.filter(function (one) { return one.url === target.href; })[0];
      return there ? there.focus() : worker.clients.openWindow(target.href);
    }).catch(function () {});
  }

  /** The browser has made the subscription anew: the new one is told of, the old one is nobody's. */
  function renew(event) {
    return caches.open("journeyman").then(function (cache) { return cache.match("/journeyman-device"); }).then(function (kept) {
      return kept ? kept.json() : null;
    }).then(function (about) {
      if (!about) return;
      var old = event.oldSubscription;
      var again = event.newSubscription
        ? Promise.resolve(event.newSubscription)
        : worker.registration.pushManager.subscribe({
            userVisibleOnly: true,
            applicationServerKey: old && old.options.applicationServerKey,
          });
      return again.then(function (made) { return tell(about, "/v1/devices", made); }).then(function () {
        return old ? tell(about, "/v1/devices/remove", old) : null;
      });
    });
  }

  function tell(about, path, subscription) {
    var told = subscription.toJSON();
    var device = { channel: "web_push", token: { endpoint: told.endpoint, keys: told.keys }, anonymousId: about.anonymousId };
    if (about.userId) device.userId = about.userId;
    var headers = { "Content-Type": "application/json", Authorization: "Basic " + btoa(about.key + ":") };
    return fetch(host + path, { method: "POST", headers: headers, body: JSON.stringify(device) });
  }
})(self);
