/* Follows a form's job: progress, preview, the buttons, and at the end the result. One job is shown per form and browser tab. */
"use strict";

(() => {
  const { paintbox } = window;
  const TITLE = "Stable Diffusion";
  const ENDED = ["done", "failed", "cancelled", "interrupted"];
  const ENDING = ["stop_after_batch", "interrupt", "cancel"];
  const RETRY_MS = 1500;
  const GONE = [404, 410];
  const ANSWER_MS = 2000;
  const forms = new Map();
  const jobs = (paintbox.jobs = {});
  const bars = paintbox.bars;

  /** What is known of the job a form shows; `phase`: idle, waiting (for the queue), running, stopping; `own`: started in this tab. */
  const stateOf = (form) => {
    if (!forms.has(form)) forms.set(form, { form, job: "", phase: "idle", own: true, source: null, again: false, wantedJob: "" });
    return forms.get(form);
  };
  const part = (state, name) => paintbox.element(`${state.form}_${name}`);
  const memory = (form) => `paintbox:${form}:job`;

  // --- buttons ------------------------------------------------------------------------------------------------------

  const setPhase = (state, phase) => {
    state.phase = phase;
    const box = part(state, "generate_box");
    if (!box) return;
    box.dataset.phase = phase;
    box.dataset.own = state.own ? "yes" : "no";
    const { form, job, own } = state;
    document.dispatchEvent(new CustomEvent("paintbox:job", { detail: { form, job, own, phase } }));
  };

  /** What a form's job is doing: idle, waiting (for the queue), running, stopping. */
  jobs.phase = (form) => stateOf(form).phase;
  jobs.generate = (form) => {
    const state = stateOf(form);
    if (state.phase === "idle" || !state.own) {
      paintbox.press(`${form}_generate`);
    } else {
      state.again = true;
      control(state, "interrupt", true);
    }
  };

  jobs.interrupt = (form) => {
    const state = stateOf(form);
    if (state.phase === "waiting" || state.phase === "running") control(state, state.phase === "waiting" ? "cancel" : "interrupt", false);
    else if (state.phase === "stopping") control(state, "interrupt", true);
  };

  jobs.skip = (form) => {
    const state = stateOf(form);
    if (state.phase !== "idle") control(state, "skip", false);
  };

  const control = async (state, action, force) => {
    if (!state.job) return;
    if (action !== "skip") setPhase(state, "stopping");
    try {
      await paintbox.request("POST", `paintbox/v1/jobs/${state.job}/control`, { action, force });
    } catch (error) {
      bars.say(state.form, error.message);
    }
  };

  // --- what gradio's events call ------------------------------------------------------------------------------------

  /** Generate was answered: `job` is the new job, or "" after an error that the page already shows. */
  paintbox.submitted = (form, job) => {
    const state = stateOf(form);
    tell("paintbox:job-answered", state, job);
    if (job && job !== state.job) return follow(state, job, true);
    finish(state);
    reattach(form);
  };

  /** Generate was answered with an error: values of the hidden job and of the line that says why. */
  paintbox.notSubmitted = (form) => {
    paintbox.submitted(form, "");
    paintbox.checkPage();
    return ["", bars.error(bars.NOT_SUBMITTED)];
  };

  /** The pictures of a job could not be fetched: the line that says so. */
  paintbox.notShown = (form) => {
    if (stateOf(form).phase === "idle") bars.preview(form, "");
    return bars.error(bars.NOT_SHOWN);
  };

  /** Arguments of the hidden button that fills the result panel. */
  paintbox.wanted = (form) => [stateOf(form).wantedJob, paintbox.base()];

  /** The result panel has been filled. */
  paintbox.shown = (form) => {
    const state = stateOf(form);
    if (state.phase === "idle") bars.preview(state.form, "");
    tell("paintbox:job-shown", state, state.wantedJob);
  };

  /** Tell other scripts of the page. */
  const tell = (name, { form }, job, image) => document.dispatchEvent(new CustomEvent(name, { detail: { form, job, image } }));

  /** Fill a form's result panel again: its pictures are others. */
  jobs.refresh = (form) => showResult(stateOf(form), stateOf(form).wantedJob);

  const showResult = (state, job) => {
    state.wantedJob = job;
    paintbox.press(`${state.form}_show_job`);
  };

  // --- coming back --------------------------------------------------------------------------------------------------

  /** The job of this tab's last click on Generate, null where there was none or it has been forgotten. */
  const ownJob = async (form) => {
    const own = sessionStorage.getItem(memory(form));
    try {
      return own && (await paintbox.request("GET", `paintbox/v1/jobs/${own}`));
    } catch (error) {
      if (!GONE.includes(error.status)) throw error;
      sessionStorage.removeItem(memory(form));
      return null;
    }
  };

  /** On opening the page: this tab's own job, which its prompt belongs to; else the one that runs, else the next in the queue, else the last. */
  const reattach = async (form, { isElsewhere = false } = {}) => {
    const state = stateOf(form);
    try {
      const own = isElsewhere ? null : await ownJob(form);
      const list = own ? [] : await paintbox.request("GET", `paintbox/v1/jobs?source=${encodeURIComponent(form)}&limit=20`);
      if (state.job) return;
      const job =
        own ||
        list.find((each) => each.state === "running") ||
        list.filter((each) => each.state === "queued").pop() ||
        list[0];
      if (!job) return;
      if (ENDED.includes(job.state)) showResult(state, job.id);
      else follow(state, job.id, Boolean(own));
    } catch (error) {
      setTimeout(() => reattach(form, { isElsewhere }), RETRY_MS);
    }
  };

  // --- following ----------------------------------------------------------------------------------------------------

  const follow = (state, job, own) => {
    if (state.source) state.source.close();
    state.job = job;
    state.own = own;
    if (own) sessionStorage.setItem(memory(state.form), job);
    setPhase(state, "waiting");
    bars.say(state.form, "");
    tell("paintbox:job-followed", state, job);
    const source = (state.source = new EventSource(paintbox.address(`paintbox/v1/jobs/${job}/events`)));
    for (const [name, take] of Object.entries(TAKERS)) {
      source.addEventListener(name, (event) => state.source === source && take(state, JSON.parse(event.data)));
    }
    source.onerror = () => {
      if (state.source === source && source.readyState === EventSource.CLOSED) setTimeout(() => checkUp(state, job), RETRY_MS);
    };
  };

  /** The stream broke for good: ask what became of the job. */
  const checkUp = async (state, job) => {
    if (state.job !== job || state.phase === "idle") return;
    try {
      const known = await paintbox.request("GET", `paintbox/v1/jobs/${job}`);
      if (ENDED.includes(known.state)) end(state, job);
      else follow(state, job, state.own);
    } catch (error) {
      if (GONE.includes(error.status)) end(state, job);
      else setTimeout(() => checkUp(state, job), RETRY_MS);
    }
  };

  const TAKERS = {
    snapshot: (state, snapshot) => takeSnapshot(state, snapshot),
    queued: (state, event) => showQueue(state, event.position),
    started: (state) => started(state),
    progress: (state, event) => showProgress(state, event),
    preview: (state, event) => showPreview(state, `data:${event.mime};base64,${event.data}`),
    image: (state, event) => {
      showPreview(state, paintbox.address(event.image.url));
      tell("paintbox:job-image", state, state.job, event.image);
    },
    done: (state) => end(state, state.job),
    failed: (state) => end(state, state.job),
    cancelled: (state) => end(state, state.job),
  };

  const takeSnapshot = (state, snapshot) => {
    if (ENDED.includes(snapshot.job.state)) return end(state, snapshot.job.id);
    if (snapshot.job.state === "running") started(state);
    else showQueue(state, snapshot.position);
    if (ENDING.includes(snapshot.stopping)) setPhase(state, "stopping");
    if (snapshot.progress) showProgress(state, snapshot.progress);
    if (snapshot.preview) TAKERS.preview(state, snapshot.preview);
    for (const image of snapshot.images || []) tell("paintbox:job-image", state, state.job, image);
  };

  const started = (state) => {
    paintbox.lookAtWorker();
    if (state.phase === "waiting") setPhase(state, "running");
    if (!bars.isShown(state.form)) showProgress(state, { fraction: 0, text: "" });
  };

  const end = (state, job) => {
    if (state.job !== job || state.phase === "idle") return;
    showResult(state, job);
    finish(state);
    paintbox.lookAtWorker();
    if (state.again) {
      state.again = false;
      paintbox.press(`${state.form}_generate`);
    }
  };

  const finish = (state) => {
    if (state.source) state.source.close();
    state.source = null;
    state.own = true;
    setPhase(state, "idle");
    state.job = "";
    state.position = null;
    bars.say(state.form, "");
    bars.clear(state.form);
    document.title = TITLE;
  };

  // --- progress and preview -----------------------------------------------------------------------------------------

  const showProgress = (state, progress) => {
    if (state.phase === "waiting") setPhase(state, "running");
    const percent = Math.min(100, progress.fraction * 100);
    const words = [];
    if (progress.text) words.push(progress.text);
    const steps = `${progress.step}/${progress.steps}`;
    if (progress.steps && !(progress.text || "").includes(steps)) words.push(steps);
    words.push(`${Math.round(percent)}%`);
    if (progress.eta_s != null) words.push(`ETA: ${bars.timeLeft(progress.eta_s)}`);
    bars.show(state.form, percent, words);
    if (paintbox.setting("show_progress_in_title", true)) document.title = `[${words.slice(-2).map(paintbox.translate).join(" ")}] ${TITLE}`;
  };

  const showQueue = (state, position) => {
    if (position == null) return; // nobody has said it yet
    state.position = position;
    const worker = paintbox.worker || {};
    const loading = ["starting", "loading"].includes(worker.state);
    const words = position === 0 && loading ? worker.message || "Waiting for the worker to start" : `In queue: ${position + 1}`;
    bars.show(state.form, 0, [words]);
    bars.say(state.form, words);
  };

  /** A job that was started elsewhere, and is not shown here, can be followed by a click. */
  const offerRunning = async (state) => {
    const button = part(state, "restore_progress");
    if (!button) return;
    const isFree = state.phase === "idle" && (paintbox.worker || {}).state === "busy";
    const address = `paintbox/v1/jobs?source=${encodeURIComponent(state.form)}&state=running&limit=1`;
    const running = isFree ? await paintbox.request("GET", address).catch(() => []) : [];
    button.classList.toggle("offered", state.phase === "idle" && running.length > 0);
  };

  document.addEventListener("paintbox:worker", () => {
    for (const state of forms.values()) {
      if (!paintbox.isConnected && state.phase === "waiting" && !state.job) finish(state); // gradio gives up, too
      offerRunning(state);
      if (state.phase === "waiting" && state.job) showQueue(state, state.position);
    }
  });

  const showPreview = (state, address) => {
    bars.preview(state.form, address);
    document.dispatchEvent(new CustomEvent("paintbox:preview", { detail: { form: state.form, address } }));
  };

  // --- start: last, because forms may be drawn already ----------------------------------------------------------------

  paintbox.whenDrawn(".generate-box", (box) => {
    const form = box.id.replace(/_generate_box$/, "");
    const state = stateOf(form);
    setPhase(state, state.phase);
    const on = (name, call) => paintbox.whenDrawn(`#${form}_${name}`, (button) => button.addEventListener("click", call));
    on("interrupt", () => jobs.interrupt(form));
    on("interrupting", () => jobs.interrupt(form));
    on("skip", () => jobs.skip(form));
    on("restore_progress", () => reattach(form, { isElsewhere: true }));
    on("generate", () => {
      state.own = true;
      setPhase(state, "waiting");
      setTimeout(() => state.phase === "waiting" && !state.job && paintbox.lookAtWorker(), ANSWER_MS);
    });
    reattach(form);
  });
})();
