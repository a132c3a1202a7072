// Without this, a form uploads one file at a time, and says no word before it is there. Here it takes several, sends each
// by itself to the same place, tells how far it is, and stays as it is filled in where one does not arrive.
(() => {
  const upload = document.querySelector("button[data-uploads]");
  if (!upload) return;
  const form = upload.form, input = form.elements.file, told = upload.dataset;
  const bar = document.getElementById("file-progress"), status = document.getElementById("file-status");
  const said = document.getElementById("file-said"), buttons = [...form.querySelectorAll("button:enabled")];
  input.multiple = true;

  const tell = (text) => (status.textContent = text);
  let isSending = false;
  const busy = (isBusy) => {
    isSending = isBusy;
    bar.hidden = !isBusy;
    bar.removeAttribute("value");
    // Not disabled: the one that was pressed keeps the focus.
    for (const one of buttons) isBusy ? one.setAttribute("aria-disabled", "true") : one.removeAttribute("aria-disabled");
  };
  const faulty = (texts) => {
    said.querySelector(".fault")?.remove();
    input.toggleAttribute("aria-invalid", false);
    if (!texts.length) return;
    const fault = document.createElement("span");
    fault.className = "fault";
    fault.textContent = `${texts.join(" ")} `;
    said.prepend(fault);
    input.setAttribute("aria-invalid", "true");
    input.focus();
  };
  const choose = (files) => {
    const chosen = new DataTransfer();
    for (const one of files) chosen.items.add(one);
    input.files = chosen.files;
  };

  // What the server answers to one file; null where nothing came back.
  const send = (file) =>
    new Promise((answered) => {
      const request = new XMLHttpRequest(), data = new FormData(form);
      data.set("file", file);
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        bar.max = event.total;
        bar.value = event.loaded;
      });
      for (const one of ["error", "abort", "timeout"]) request.addEventListener(one, () => answered(null));
      request.addEventListener("load", () => answered(request));
      request.open("POST", upload.formAction);
      request.responseType = "document";
      request.send(data);
    });

  const carry = (uploads) => {
    for (const one of form.querySelectorAll("input[name=upload]")) one.remove();
    for (const id of uploads) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "upload", value: id });
      input.before(field);
    }
  };

  // What was filled in meanwhile goes along, so that leaving asks nothing.
  const withTyped = (address) => {
    const url = new URL(address), data = new FormData(form);
    for (const name of new Set(url.searchParams.keys())) {
      if (name === "upload") continue;
      url.searchParams.delete(name);
      for (const text of data.getAll(name)) url.searchParams.append(name, text);
    }
    form.dispatchEvent(new SubmitEvent("submit"));
    return url;
  };

  const sendAll = async (files) => {
    const kept = [], left = [], faults = [];
    let there = "";
    for (const [at, file] of files.entries()) {
      tell(told.sending.replace("{}", file.name));
      const answer = await send(file);
      const uploads = answer ? new URL(answer.responseURL).searchParams.getAll("upload") : [];
      const page = answer?.response;
      const fault = page?.querySelector("#act small .fault") ?? page?.querySelector("[role=alert]");
      if (!answer) {
        left.push(...files.slice(at));
        faults.push(told.lost.replace("{}", file.name));
        break;
      } else if (answer.status < 400 && uploads.length) {
        there = answer.responseURL;
        kept.push(file.name);
        carry(uploads);
      } else if (page?.getElementById("act") && fault) {
        left.push(file);
        faults.push(files.length > 1 ? `${file.name}: ${fault.textContent}` : fault.textContent);
      } else {
        // Another page than this form, as after a session's end: the browser is to show it.
        busy(false);
        input.multiple = false;
        choose([file]);
        upload.removeAttribute("data-uploads");
        form.requestSubmit(upload);
        return;
      }
    }
    busy(false);
    if (!left.length) {
      location.assign(withTyped(there));
      return;
    }
    choose(left);
    tell(kept.length ? told.kept.replace("{}", kept.join(", ")) : "");
    faulty(faults);
  };

  form.addEventListener("submit", (event) => {
    if (isSending) return event.preventDefault();
    if (event.submitter !== upload || !("uploads" in told) || !input.files.length) return;
    event.preventDefault();
    faulty([]);
    busy(true);
    sendAll([...input.files]);
  });
  addEventListener("pageshow", () => busy(false));
})();
