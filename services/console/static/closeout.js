// The console works without this: it tells the reader's zone, and closes what is open.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const told = document.cookie.split("; ").some((one) => one === `closeout-zone=${zone}`);
  if (zone && !told) {
    document.cookie = `closeout-zone=${zone}; path=/console; max-age=31536000; samesite=lax`;
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

  // What was typed into a form is not lost by leaving the page unawares.
  let typed = false;
  for (const form of document.querySelectorAll("form.act")) {
    form.addEventListener("input", () => (typed = true));
    form.addEventListener("submit", () => (typed = false));
  }
  addEventListener("beforeunload", (event) => typed && event.preventDefault());

  for (const all of document.querySelectorAll("input[data-all]")) {
    all.closest("label").hidden = false;
    all.addEventListener("change", () => {
      for (const one of all.form.querySelectorAll("input[name=pick]")) one.checked = all.checked;
    });
  }
})();
