/* The page "Sysinfo": the report to look at and to download, and whether a report that somebody sent is as it was written. */

const { paintbox } = window;
const { make } = paintbox;

const checked = async (file, place) => {
  place.textContent = "Checking …";
  try {
    const { valid } = await paintbox.request("POST", "paintbox/v1/sysinfo/check", { text: await file.text() });
    place.textContent = valid ? "This report is as it was written." : "This report was changed after it was written, or is none.";
  } catch (error) {
    place.textContent = `The report could not be checked: ${error.message}`;
  }
};

export const open = async (place) => {
  const text = make("pre", { class: "settings-report", tabindex: 0, "aria-label": "The report" });
  const validity = make("p", { id: "sysinfo_validity", role: "status" });
  const field = make("input", { type: "file", id: "sysinfo_file", accept: ".json,.txt", onchange: (event) => checked(event.target.files[0], validity) });
  place.replaceChildren(
    make("p", {}, "What a report of a problem needs to say: versions, extensions, settings and start options. Passwords and other secrets are not in it; paths are."),
    make(
      "p",
      { class: "settings-row" },
      make("a", { class: "settings-link primary", id: "sysinfo_download", href: paintbox.address("internal/sysinfo-download"), download: true }, "Download system info"),
      make("a", { class: "settings-link", href: paintbox.address("internal/sysinfo"), target: "_blank", rel: "noopener" }, "Open in a new tab"),
      make("a", { class: "settings-link", href: paintbox.address("internal/profile-startup"), target: "_blank", rel: "noopener" }, "Startup profile"),
    ),
    make("h4", {}, "Check a report"),
    make("label", { for: "sysinfo_file" }, "A report as a file"),
    make("p", { class: "settings-row" }, field),
    validity,
    make("h4", {}, "The report"),
    text,
  );
  const answer = await fetch(paintbox.address("internal/sysinfo"), { cache: "no-store" });
  text.textContent = answer.ok ? await answer.text() : `The report could not be read (${answer.status}).`;
};
