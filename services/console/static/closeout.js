// The console works without this: it tells the reader's zone, and closes what is open.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = () => document.cookie.split("; ").find((one) => one.startsWith("closeout-zone="));
  const before = known(), here = `closeout-zone=${zone}`;
  if (zone && before !== here) {
    document.cookie = `${here}; path=/console; max-age=31536000; samesite=lax`;
    // A browser's first page was written in UTC, as nobody could know better: once, if cookies are kept, it is read again.
    if (!before && zone !== "UTC" && known() === here) location.reload();
  }

  const menu = document.querySelector("details.who");
  document.addEventListener("click", (event) => {
    if (menu && menu.open && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "Escape" && menu) menu.open = false;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const search = document.getElementById("q");
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
  });

  // What is typed is kept as a draft a moment later. Leaving asks first while it is not, and for what no draft holds.
  for (const form of document.querySelectorAll("form.act")) {
    const unkept = (form.dataset.unkept ?? "").split(" ");
    let typed = 0, sent = 0, kept = 0, isSaid = false, isGone = false;
    form.addEventListener("input", (event) => {
      if (unkept.includes(event.target.name)) isSaid = true;
      else typed += 1;
    });
    form.addEventListener("submit", (event) => (isGone = !event.defaultPrevented));
    form.addEventListener("htmx:before:request", (event) => {
      if (!event.target.matches(".draft")) return;
      if (isGone) event.preventDefault();
      else sent = typed;
    });
    form.addEventListener("htmx:after:request", (event) => {
      if (event.target.matches(".draft") && event.detail.ctx.response.status < 400) kept = sent;
    });
    addEventListener("beforeunload", (event) => !isGone && (isSaid || typed > kept) && event.preventDefault());
    addEventListener("pageshow", () => (isGone = false));
  }

  // A page that answers a form is none to come back to: a browser would ask whether to send the form again. Its place in
  // the history is that of the form instead, and has what was typed, but for what its draft has; for this session alone.
  // Where that form has no address of its own, the page says another in `data-place`.
  const form = document.querySelector("#main form.act");
  const other = document.querySelector("#main[data-answers-form] [data-place]");
  if (other && !form) history.replaceState(null, "", other.dataset.place);
  if (form) {
    const own = (one) => one.name && !one.name.startsWith("_") && !["hidden", "file", "submit", "password"].includes(one.type);
    const isChoice = (one) => ["checkbox", "radio"].includes(one.type);
    const fields = [...form.elements].filter((one) => own(one) && one.type !== "button");
    const session = form.elements.csrf?.value, about = form.elements._about?.value;
    const typed = () => fields.filter((one) => !isChoice(one) || one.checked).map((one) => [one.name, one.value]);
    const place = (form.dataset.place ?? form.getAttribute("action")) + (about ? `?${about}` : "") + location.hash;
    const keep = () => history.replaceState({ session, typed: typed() }, "", place);
    const held = history.state?.session === session ? history.state?.typed : null;
    if (document.querySelector("#main[data-answers-form]")) {
      keep();
      form.addEventListener("change", keep);
    } else if (held) {
      const unkept = (form.dataset.unkept ?? "").split(" "), hasDraft = form.querySelector(".draft");
      for (const one of fields.filter((one) => !hasDraft || unkept.includes(one.name))) {
        const mine = held.filter(([name]) => name === one.name);
        if (isChoice(one)) one.checked = mine.some(([, value]) => value === one.value);
        else if (mine.length) one.value = held.splice(held.indexOf(mine[0]), 1)[0][1];
      }
    }
  }

  // How much of its bound a text takes is told once it comes near it; the server counts the same in a form shown again.
  for (const count of document.querySelectorAll("small.length")) {
    document.getElementById(count.dataset.of).addEventListener("input", (event) => {
      const length = [...event.target.value.trim()].length;
      count.textContent = count.dataset.said.replace("{}", length);
      count.hidden = length < Number(count.dataset.near);
    });
  }

  // A reason at hand goes into its field at once; without this, the server puts it there.
  for (const button of document.querySelectorAll("button[data-put]")) {
    button.addEventListener("click", (event) => {
      const field = document.getElementById(button.dataset.put);
      event.preventDefault();
      field.value = [field.value.trimEnd(), button.textContent].filter(Boolean).join("\n");
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
    });
  }

  // What a page follows has come to its end: all of the page is read again, where nothing is typed.
  for (const followed of document.querySelectorAll("[data-reload]")) {
    followed.addEventListener(followed.dataset.reload, () => location.reload());
  }

  for (const all of document.querySelectorAll("input[data-all]")) {
    all.closest("label").hidden = false;
    all.addEventListener("change", () => {
      for (const one of all.form.querySelectorAll("input[name=pick]")) one.checked = all.checked;
    });
  }

  // What is shown once is copied by a button.
  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.nextElementSibling.value = button.dataset.copied;
    });
  }

  // How many are picked is told beside what is done with them.
  for (const told of document.querySelectorAll("output[data-picked]")) {
    const count = () => {
      const picked = told.form.querySelectorAll("input[name=pick]:checked").length;
      told.hidden = false;
      told.value = picked === 1 ? told.dataset.one : told.dataset.many.replace("{}", picked);
    };
    told.form.addEventListener("change", count);
    addEventListener("pageshow", count);
  }
})();
