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
    form.addEventListener("submit", () => (isGone = true));
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
})();
