/*! Journeyman's client for web pages. Types: journeyman.d.ts. */
(function (window, document) {
  "use strict";

  var VERSION = "1";
  var PREFIX = "journeyman.";
  var BATCH = 50; // events of one request
  var LARGEST = 60000; // bytes that a page may send while it is left
  var HEAVIEST = 150000; // characters of one request: below what the API takes, whatever they are written with
  var MOST = 1000; // events that are kept for an API that cannot be reached
  var SOON = 300; // milliseconds that events wait for others
  var FIRST_PAUSE = 1000;
  var LONGEST_PAUSE = 60000;
  var ABANDONED = 10000; // milliseconds after which what another page left behind is sent here

  var calls = window.journeyman && window.journeyman.length ? [].slice.call(window.journeyman) : [];
  var script = document.currentScript;
  var memory = {};
  var own = PREFIX + "queue." + uuid();
  var state = { key: null, host: null, token: null, required: false, queue: [], sending: false, pause: 0, timer: 0 };

  // What is kept in the browser ------------------------------------------------------------------------------------

  function kept(name) {
    try {
      var found = window.localStorage.getItem(PREFIX + name);
      return found === null ? (name in memory ? memory[name] : null) : JSON.parse(found);
    } catch (error) {
      return name in memory ? memory[name] : null;
    }
  }

  function keep(name, value) {
    memory[name] = value;
    try {
      if (value === null) window.localStorage.removeItem(PREFIX + name);
      else window.localStorage.setItem(PREFIX + name, JSON.stringify(value));
    } catch (error) {
      /* private windows keep it in memory */
    }
  }

  function uuid() {
    if (window.crypto.randomUUID) return window.crypto.randomUUID();
    var bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    var hex = [].map.call(bytes, function (one) { return (one + 256).toString(16).slice(1); }).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  function warn(what) {
    if (window.console) window.console.warn("journeyman: " + what);
  }

  function anonymousId() {
    var found = kept("anonymous");
    if (!found) keep("anonymous", (found = uuid()));
    return found;
  }

  function may(purpose) {
    var said = kept("consent");
    if (said && purpose in said) return said[purpose] === true;
    return !state.required;
  }

  // Events: kept until the API has them -----------------------------------------------------------------------------

  function context() {
    var place = window.location;
    var found = {
      library: { name: "journeyman.js", version: VERSION },
      page: { path: place.pathname, referrer: document.referrer, search: place.search, title: document.title, url: place.href },
      userAgent: window.navigator.userAgent,
      locale: window.navigator.language,
    };
    try {
      found.timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    } catch (error) {
      /* an old browser does not say */
    }
    var campaign = {};
    new URLSearchParams(place.search).forEach(function (value, name) {
      if (name.slice(0, 4) === "utm_") campaign[name === "utm_campaign" ? "name" : name.slice(4)] = value;
    });
    if (Object.keys(campaign).length) found.campaign = campaign;
    return found;
  }

  function tell(type, parts) {
    if (!may("analytics")) return;
    var event = { type: type, messageId: uuid(), anonymousId: anonymousId(), timestamp: new Date().toISOString(), context: context() };
    if (kept("user")) event.userId = kept("user");
    for (var name in parts) if (parts[name] !== undefined) event[name] = parts[name];
    state.queue.push(event);
    if (state.queue.length > MOST) state.queue.splice(0, state.queue.length - MOST);
    saveQueue();
    later(SOON);
  }

  function saveQueue() {
    keep(own.slice(PREFIX.length), state.queue.length ? { at: Date.now(), events: state.queue } : null);
  }

  /** What pages that are gone have left behind. */
  function adopt() {
    try {
      Object.keys(window.localStorage).forEach(function (name) {
        if (name.indexOf(PREFIX + "queue.") !== 0 || name === own) return;
        var left = JSON.parse(window.localStorage.getItem(name));
        if (!left || Date.now() - left.at < ABANDONED) return;
        window.localStorage.removeItem(name);
        state.queue = left.events.concat(state.queue);
      });
    } catch (error) {
      /* nothing is kept here */
    }
    if (state.queue.length) later(0);
  }

  function later(milliseconds) {
    if (state.timer || !state.key) return;
    state.timer = window.setTimeout(function () { state.timer = 0; send(); }, milliseconds);
  }

  function body(events) {
    // As plain text, with the key in it: so the browser asks nobody for permission first.
    return JSON.stringify({ batch: events, writeKey: state.key, sentAt: new Date().toISOString() });
  }

  /** The first events, as many as one request of so many characters holds. */
  function some(most) {
    for (var count = Math.min(BATCH, state.queue.length); count > 0; count = count >> 1) {
      var events = state.queue.slice(0, count);
      if (body(events).length < most) return events;
    }
    return null;
  }

  function send() {
    if (state.sending || !state.queue.length || !state.key) return;
    var events = some(HEAVIEST) || state.queue.slice(0, 1);
    state.sending = true;
    window.fetch(state.host + "/v1/batch", { method: "POST", body: body(events) }).then(
      function (answer) { sent(answer, events); },
      function () { again(0); }
    );
  }

  function sent(answer, events) {
    if (answer.status === 429 || answer.status >= 500) return again(Number(answer.headers.get("retry-after")) * 1000);
    if (answer.status === 401 || answer.status === 403) {
      warn("the key is not taken: " + answer.status);
      return again(LONGEST_PAUSE);
    }
    if (answer.status >= 400) warn("events were refused: " + answer.status);
    var ids = events.map(function (one) { return one.messageId; });
    state.queue = state.queue.filter(function (one) { return ids.indexOf(one.messageId) < 0; });
    state.sending = false;
    state.pause = 0;
    saveQueue();
    if (state.queue.length) later(0);
  }

  function again(asked) {
    state.sending = false;
    state.pause = Math.min(state.pause ? state.pause * 2 : FIRST_PAUSE, LONGEST_PAUSE);
    later(Math.max(asked || 0, state.pause * (0.5 + Math.random())));
  }

  /** The page is left: what there is goes on its way, and is sent again by the next page if it does not arrive. */
  function leave() {
    if (!state.queue.length || !state.key || !may("analytics")) return;
    var events = some(LARGEST);
    if (events) window.fetch(state.host + "/v1/batch", { method: "POST", body: body(events), keepalive: true }).catch(function () {});
  }

  // Asking the API who is there -------------------------------------------------------------------------------------

  function ask(method, path, document_, signal) {
    var headers = { Authorization: "Basic " + window.btoa(state.key + ":") };
    if (state.token) headers["X-Journeyman-Token"] = state.token;
    else headers["X-Journeyman-Anonymous-Id"] = anonymousId();
    var wish = { method: method, headers: headers, signal: signal };
    if (document_) {
      headers["Content-Type"] = "application/json";
      wish.body = JSON.stringify(document_);
    }
    return window.fetch(state.host + path, wish).then(function (answer) {
      if (!answer.ok) throw new Error(method + " " + path + " was answered with " + answer.status);
      return answer;
    });
  }

  function json(answer) {
    return answer.json();
  }

  // The in-app inbox --------------------------------------------------------------------------------------------------

  var inbox = { shown: {}, heard: [], line: null, pause: 0, styled: false };

  function listen() {
    if (!state.key || !inbox.heard.length || !may("analytics")) return;
    if (inbox.line) inbox.line.abort();
    var line = (inbox.line = new AbortController());
    ask("GET", "/v1/inbox/stream", null, line.signal).then(function (answer) {
      inbox.pause = 0;
      return read(answer.body.getReader());
    }).catch(function (error) {
      if (!line.signal.aborted) warn(error.message);
    }).then(function () {
      if (line.signal.aborted) return;
      inbox.pause = Math.min(inbox.pause ? inbox.pause * 2 : FIRST_PAUSE, LONGEST_PAUSE);
      window.setTimeout(function () { if (!line.signal.aborted) listen(); }, inbox.pause);
    });
  }

  function read(reader) {
    var decoder = new TextDecoder();
    var rest = "";
    function next() {
      return reader.read().then(function (piece) {
        if (piece.done) return;
        rest += decoder.decode(piece.value, { stream: true });
        var parts = rest.split("\n\n");
        rest = parts.pop();
        parts.forEach(hear);
        return next();
      });
    }
    return next();
  }

  /** One server-sent event. */
  function hear(text) {
    var fields = {};
    text.split("\n").forEach(function (line) {
      var place = line.indexOf(": ");
      if (place > 0) fields[line.slice(0, place)] = line.slice(place + 2);
    });
    if (!fields.data) return;
    var said = JSON.parse(fields.data);
    if (fields.event === "withdrawn") {
      delete inbox.shown[said.id];
      remove(said.id);
    } else {
      var isNew = !(said.id in inbox.shown);
      inbox.shown[said.id] = said;
      if (isNew) {
        note(said.id, "delivered");
        if (said.placement !== "inbox") show(said);
      }
    }
    announce();
  }

  function announce() {
    var messages = Object.keys(inbox.shown).map(function (id) { return inbox.shown[id]; });
    messages.sort(function (one, other) { return one.sent_at < other.sent_at ? 1 : -1; });
    inbox.heard.forEach(function (hears) { hears(messages); });
  }

  function note(id, moment, url) {
    return ask("POST", "/v1/inbox/" + id + "/" + moment, url ? { url: url } : {}).catch(function (error) { warn(error.message); });
  }

  /** Only addresses of the web: nothing that would run here. */
  function address(url) {
    try {
      var found = new URL(url, window.location.href);
      return found.protocol === "https:" || found.protocol === "http:" ? found.href : null;
    } catch (error) {
      return null;
    }
  }

  // Showing: texts are texts, never markup ---------------------------------------------------------------------------

  var STYLE =
    ".journeyman-banner{position:fixed;z-index:2147483000;left:1rem;right:1rem;bottom:1rem;max-width:40rem;margin:auto}" +
    ".journeyman-modal::backdrop{background:rgba(0,0,0,.5)}.journeyman-modal{min-width:min(20rem,90vw);max-width:28rem;border:0;margin:auto}" +
    ".journeyman-message{box-sizing:border-box;padding:1rem 3rem 1rem 1.25rem;border-radius:.75rem;background:#fff;color:#1a1a1a;" +
    "font:16px/1.5 system-ui,sans-serif;box-shadow:0 8px 32px rgba(0,0,0,.25)}" +
    "@media (prefers-color-scheme:dark){.journeyman-message{background:#222;color:#f4f4f4}}" +
    ".journeyman-message{position:relative}.journeyman-banner.journeyman-message{position:fixed}" +
    ".journeyman-title{font-weight:600;margin:0}.journeyman-body{margin:.25rem 0 0}" +
    ".journeyman-message img{max-width:100%;border-radius:.5rem}" +
    ".journeyman-buttons{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:.75rem}" +
    ".journeyman-button,.journeyman-close{font:inherit;min-height:44px;min-width:44px;cursor:pointer;border-radius:.5rem}" +
    ".journeyman-button{padding:0 1rem;border:1px solid currentColor;background:none;color:inherit}" +
    ".journeyman-close{position:absolute;top:.25rem;right:.25rem;border:0;background:none;color:inherit}" +
    ".journeyman-list{list-style:none;margin:0;padding:0;display:grid;gap:.75rem}.journeyman-list .journeyman-message{box-shadow:none;border:1px solid #8884}" +
    ".journeyman-unread .journeyman-title::before{content:'';display:inline-block;width:.5rem;height:.5rem;margin-right:.5rem;border-radius:50%;background:#2563eb}";

  function style() {
    if (inbox.styled || !document.adoptedStyleSheets || !window.CSSStyleSheet) return;
    var sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    document.adoptedStyleSheets = document.adoptedStyleSheets.concat([sheet]);
    inbox.styled = true;
  }

  function element(name, kind, text) {
    var made = document.createElement(name);
    made.className = "journeyman-" + kind;
    if (text) made.textContent = text;
    return made;
  }

  function press(message, url) {
    var leads = url && address(url);
    note(message.id, "clicked", url);
    delete inbox.shown[message.id];
    remove(message.id);
    announce();
    if (leads) window.location.assign(leads);
  }

  function close(message) {
    note(message.id, "dismissed");
    delete inbox.shown[message.id];
    remove(message.id);
    announce();
  }

  function remove(id) {
    [].forEach.call(document.querySelectorAll("[data-journeyman-message]"), function (one) {
      if (one.getAttribute("data-journeyman-message") === id) one.remove();
    });
  }

  function drawn(message, name) {
    var whole = element(name, "message");
    whole.setAttribute("data-journeyman-message", message.id);
    if (message.image && address(message.image)) {
      var image = element("img", "image");
      image.alt = "";
      image.src = address(message.image);
      whole.appendChild(image);
    }
    whole.appendChild(element("p", "title", message.title));
    if (message.body) whole.appendChild(element("p", "body", message.body));
    var buttons = element("div", "buttons");
    var given = message.buttons.length || !message.url ? message.buttons : [{ label: "Open", url: message.url }];
    given.forEach(function (one) {
      var button = element("button", "button", one.label);
      button.type = "button";
      button.addEventListener("click", function () { if (one.url) press(message, one.url); else close(message); });
      buttons.appendChild(button);
    });
    if (given.length) whole.appendChild(buttons);
    var shut = element("button", "close", "\u00d7");
    shut.type = "button";
    shut.setAttribute("aria-label", "Close");
    shut.addEventListener("click", function () { close(message); });
    whole.appendChild(shut);
    return whole;
  }

  function show(message) {
    style();
    var isModal = message.placement === "modal";
    var whole = drawn(message, isModal ? "dialog" : "section");
    whole.classList.add(isModal ? "journeyman-modal" : "journeyman-banner");
    whole.setAttribute("aria-label", message.title);
    if (!isModal) whole.setAttribute("role", "status");
    document.body.appendChild(whole);
    if (isModal) {
      // Escape closes it, and the focus stays within it: the browser's own doing.
      whole.addEventListener("cancel", function () { close(message); });
      whole.showModal();
    }
    note(message.id, "opened");
  }

  function mount(place) {
    style();
    var list = element("ul", "list");
    place.appendChild(list);
    return api.inbox.on(function (messages) {
      list.textContent = "";
      messages.forEach(function (message) {
        if (message.placement !== "inbox") return;
        var item = element("li", "item");
        var whole = drawn(message, "article");
        if (!message.read_at) whole.classList.add("journeyman-unread");
        item.appendChild(whole);
        list.appendChild(item);
      });
    });
  }

  // Slots ---------------------------------------------------------------------------------------------------------------

  function fill(place, chosen) {
    var about = { slot: chosen.slot, variant: chosen.variant, experiment: chosen.experiment };
    var content = chosen.content;
    ["title", "body"].forEach(function (name) {
      [].forEach.call(place.querySelectorAll("[data-journeyman='" + name + "']"), function (one) {
        if (content[name]) one.textContent = content[name];
      });
    });
    [].forEach.call(place.querySelectorAll("[data-journeyman='image']"), function (one) {
      if (content.image && address(content.image)) one.src = address(content.image);
    });
    [].forEach.call(place.querySelectorAll("[data-journeyman='url']"), function (one) {
      if (content.url && address(content.url)) one.href = address(content.url);
    });
    if (!place.querySelector("[data-journeyman]") && content.title) place.textContent = content.title;
    place.setAttribute("data-journeyman-variant", chosen.variant);
    place.hidden = false;
    place.addEventListener("click", function () { api.track("Content Clicked", about); });
    if (!window.IntersectionObserver) return api.track("Content Viewed", about);
    var seen = new IntersectionObserver(function (entries) {
      if (!entries.some(function (one) { return one.isIntersecting; })) return;
      seen.disconnect();
      api.track("Content Viewed", about);
    });
    seen.observe(place);
  }

  // Push ------------------------------------------------------------------------------------------------------------------

  function bytes(text) {
    var raw = window.atob(text.replace(/-/g, "+").replace(/_/g, "/") + "===".slice((text.length + 3) % 4));
    return Uint8Array.from(raw, function (one) { return one.charCodeAt(0); });
  }

  function registration(path) {
    var url = new URL(path || "/journeyman-worker.js", window.location.href);
    url.searchParams.set("host", state.host);
    return window.navigator.serviceWorker.register(url.href).then(function () { return window.navigator.serviceWorker.ready; });
  }

  function device(path, subscription) {
    var told = subscription.toJSON();
    var about = { channel: "web_push", token: { endpoint: told.endpoint, keys: told.keys }, anonymousId: anonymousId() };
    if (kept("user")) about.userId = kept("user");
    return ask("POST", path, about);
  }

  function subscribe(options) {
    if (!("serviceWorker" in window.navigator)) return Promise.reject(new Error("this browser takes no notifications"));
    if (!may("push")) return Promise.reject(new Error("there is no consent to notifications"));
    return window.fetch(state.host + "/v1/web-push/key").then(json).then(function (found) {
      return registration(options && options.worker).then(function (worker) {
        return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(found.key) });
      });
    }).then(function (subscription) {
      return device("/v1/devices", subscription).then(function () {
        // What the service worker needs where the browser renews the subscription by itself.
        keep("push", true);
        return window.caches ? window.caches.open("journeyman").then(function (cache) {
          var about = { key: state.key, host: state.host, anonymousId: anonymousId(), userId: kept("user") };
          return cache.put("/journeyman-device", new Response(JSON.stringify(about)));
        }) : null;
      }).then(function () { return subscription; });
    });
  }

  function unsubscribe() {
    if (!("serviceWorker" in window.navigator)) return Promise.resolve(false);
    return window.navigator.serviceWorker.getRegistration().then(function (worker) {
      return worker ? worker.pushManager.getSubscription() : null;
    }).then(function (subscription) {
      if (!subscription) return false;
      keep("push", null);
      return device("/v1/devices/remove", subscription).then(function () { return subscription.unsubscribe(); });
    });
  }

  // What pages call -------------------------------------------------------------------------------------------------------

  var api = {
    load: function (key, options) {
      options = options || {};
      state.key = key;
      state.host = (options.host || (script && new URL(script.src).origin) || window.location.origin).replace(/\/+$/, "");
      state.token = options.token || null;
      state.required = options.consent === "required";
      adopt();
      later(0);
      listen();
    },
    identify: function (userId, traits, options) {
      if (userId && typeof userId === "object") { options = traits; traits = userId; userId = undefined; }
      if (options && options.token) state.token = options.token;
      if (!may("analytics")) return;
      if (userId) keep("user", String(userId));
      tell("identify", { traits: traits || {} });
      listen();
    },
    track: function (name, properties) { tell("track", { event: name, properties: properties || {} }); },
    page: function (name, properties) {
      var seen = context().page;
      for (var one in properties) seen[one] = properties[one];
      tell("page", { name: name || document.title, properties: seen });
    },
    group: function (groupId, traits) { tell("group", { groupId: groupId, traits: traits || {} }); },
    alias: function (userId, previousId) { tell("alias", { userId: userId, previousId: previousId || kept("user") || anonymousId() }); },
    reset: function () {
      state.token = null;
      keep("user", null);
      keep("anonymous", null);
      inbox.shown = {};
      listen();
    },
    consent: function (said) {
      var all = kept("consent") || {};
      for (var purpose in said) all[purpose] = said[purpose] === true;
      keep("consent", all);
      if (may("analytics")) return listen();
      state.queue = [];
      saveQueue();
      keep("user", null);
      keep("anonymous", null);
      if (inbox.line) inbox.line.abort();
    },
    content: function (slots, context_) {
      var places = [];
      if (!slots) {
        places = [].slice.call(document.querySelectorAll("[data-journeyman-slot]"));
        slots = places.map(function (one) { return one.getAttribute("data-journeyman-slot"); });
      }
      if (!slots.length || !may("analytics")) return Promise.resolve({});
      return ask("POST", "/v1/content", { slots: slots.filter(function (one, place) { return slots.indexOf(one) === place; }), context: context_ || {} })
        .then(json)
        .then(function (found) {
          places.forEach(function (one) {
            var chosen = found.items[one.getAttribute("data-journeyman-slot")];
            if (chosen) fill(one, chosen);
          });
          return found.items;
        })
        .catch(function (error) { warn(error.message); return {}; });
    },
    inbox: {
      on: function (hears) {
        inbox.heard.push(hears);
        if (inbox.line) announce(); else listen();
        return function () { inbox.heard = inbox.heard.filter(function (one) { return one !== hears; }); };
      },
      list: function () { return ask("GET", "/v1/inbox").then(json); },
      opened: function (id) { return note(id, "opened"); },
      clicked: function (id, url) { return note(id, "clicked", url); },
      dismissed: function (id) { return note(id, "dismissed"); },
      mount: mount,
    },
    push: { subscribe: subscribe, unsubscribe: unsubscribe },
    flush: function () { send(); },
  };

  window.journeyman = api;
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") leave(); });
  window.addEventListener("pagehide", leave);
  if (script && script.dataset.key) {
    api.load(script.dataset.key, { host: script.dataset.host, consent: script.dataset.consent, token: script.dataset.token });
    if (!("quiet" in script.dataset)) api.page();
  }
  calls.forEach(function (call) {
    var name = call[0];
    if (api[name]) api[name].apply(api, call.slice(1));
  });
})(window, document);
