// Shows times in the reader's own zone, and new mail by itself.
"use strict";

const LOOK_EVERY = 2000;

function localise(root) {
  const today = new Date().toDateString();
  for (const time of root.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    const isToday = at.toDateString() === today;
    const form = isToday
      ? { hour: "2-digit", minute: "2-digit", second: "2-digit" }
      : { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
    time.textContent = new Intl.DateTimeFormat(undefined, form).format(at);
    time.title = at.toLocaleString();
  }
}

async function look() {
  const main = document.querySelector("main[data-live]");
  if (!main || document.hidden) return;
  const { newest } = await (await fetch("/api/messages/count")).json();
  if (String(newest) === main.dataset.newest) return;
  const text = await (await fetch(location.href)).text();
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("main");
  localise(fresh);
  main.dataset.newest = fresh.dataset.newest;
  // The search field stays as it is: somebody may be typing.
  for (const part of [".mails", ".count"]) {
    main.querySelector(part).replaceWith(fresh.querySelector(part));
  }
}

localise(document);
setInterval(() => look().catch(() => {}), LOOK_EVERY);
for (const form of document.querySelectorAll("form.clear")) {
  form.addEventListener("submit", (event) => {
    if (!confirm("Delete every mail in this mailbox?")) event.preventDefault();
  });
}
